"""Traces: what the worker tells a collector, and that no collector can hold it up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness import requests
from harness.collector import Answer, Collector, Span
from harness.gate import StoreGate
from harness.messages import Result
from harness.ports import free_port
from harness.requester import Requester
from harness.store import Store
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
SECRET = "an-api-key-of-the-collector"
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "100"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture
def traced(launch: Launch, collector: Collector) -> Worker:
    return launch(OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint, **SOON)


@pytest.fixture
def asking(traced: Worker, connect: Connect) -> Requester:
    return connect(traced)


def caller(flags: str = "01", trace: str = TRACE) -> dict[str, str]:
    return {"traceparent": f"00-{trace}-{CALLER}-{flags}", "tracestate": "vendor=one"}


def parent_in(result: Result) -> tuple[str, str, str]:
    """Trace, span and flags that the result was sent with."""
    _, trace, span, flags = result.message.headers["traceparent"].split("-")
    return trace, span, flags


def one(spans: list[Span], name: str) -> Span:
    found = [span for span in spans if span.name == name]
    assert len(found) == 1, f"{len(found)} spans {name} among {[span.name for span in spans]}"
    return found[0]


def count(worker: Worker, name: str, **labels: str) -> float:
    status, page = worker.status("/metrics")
    assert status == 200
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name == name and sample.labels == labels)


def test_a_start_from_arrival_to_answer(asking: Requester, collector: Collector, store: Store) -> None:
    body = requests.start(part_count=2)
    result = asking.request("start", body, headers=caller(), message_id="m-1", correlation_id="c-1")
    result.expect("upload.started")
    spans = collector.trace(TRACE)
    queue = asking.topology.request_queue("start")
    process = one(spans, f"process {queue}")
    assert (process.parent_id, process.kind, process.status) == (CALLER, "CONSUMER", "UNSET")
    assert process.proto.trace_state == "vendor=one"
    assert process.attributes == {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": f"{asking.topology.exchange}:start:{queue}",
        "messaging.rabbitmq.destination.routing_key": "start",
        "messaging.message.id": "m-1",
        "messaging.message.conversation_id": "c-1",
        "messaging.message.body.size": len(json.dumps(body)),
        "upload.request": "start",
        "upload.outcome": "upload.started",
        "upload.attempt": 1,
        "upload.file_id": body["file_id"],
        "upload.user_id": body["user_id"],
    }

    children = {span.name: span for span in spans if span.span_id != process.span_id}
    assert set(children) == {"decide", "S3.CreateMultipartUpload", "commit", "publish reply"}
    assert {span.parent_id for span in children.values()} == {process.span_id}
    assert {name: span.kind for name, span in children.items()} == {
        "decide": "INTERNAL",
        "S3.CreateMultipartUpload": "CLIENT",
        "commit": "CLIENT",
        "publish reply": "PRODUCER",
    }
    assert children["decide"].attributes == {"upload.decision": "open"}
    assert children["commit"].attributes == {"db.system.name": "sqlite", "db.operation.name": "insert"}
    called = children["S3.CreateMultipartUpload"].attributes
    assert (called["rpc.system"], called["rpc.service"], called["rpc.method"]) == (
        "aws-api",
        "S3",
        "CreateMultipartUpload",
    )
    assert (called["aws.s3.bucket"], called["aws.s3.key"]) == (store.bucket, result["key"])
    assert called["server.address"] == "127.0.0.1" and called["server.port"] > 0
    published = children["publish reply"]
    assert published.attributes == {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": asking.replies.queue,
        "messaging.rabbitmq.destination.routing_key": asking.replies.queue,
        "messaging.message.id": result.message_id,
        "messaging.message.conversation_id": "c-1",
        "messaging.message.body.size": len(result.message.body),
    }
    assert parent_in(result) == (TRACE, published.span_id, "01")
    assert result.message.headers["tracestate"] == "vendor=one"

    ordered = [children[name].proto for name in ("decide", "S3.CreateMultipartUpload", "commit", "publish reply")]
    for before, after in zip(ordered, ordered[1:], strict=False):
        assert before.start_time_unix_nano <= after.start_time_unix_nano
    assert process.proto.start_time_unix_nano <= ordered[0].start_time_unix_nano
    assert abs(process.proto.start_time_unix_nano / 1e9 - time.time()) < 300
    assert all(span.proto.start_time_unix_nano <= span.proto.end_time_unix_nano for span in spans)


def test_the_calls_of_a_whole_upload(asking: Requester, collector: Collector, store: Store) -> None:
    traces = {kind: f"{index:032x}" for index, kind in enumerate(("start", "complete", "resume"), start=1)}
    file = requests.new_file()

    def ask(kind: str, body: dict[str, Any]) -> Result:
        return asking.request(kind, body, headers=caller(trace=traces[kind]))

    session = ask("start", requests.start(file)).expect("upload.started")
    ask("resume", requests.resume(file, session["upload_id"])).expect("upload.resumed")
    parts = store.put_parts(session["presigned_urls"], [b"x"])
    ask("complete", requests.complete(file, session["upload_id"], parts)).expect("upload.completed")
    resumed, completed = (collector.trace(traces[kind]) for kind in ("resume", "complete"))
    assert one(resumed, "S3.ListParts").attributes["aws.s3.upload_id"] == session["upload_id"]
    assert one(completed, "S3.CompleteMultipartUpload").attributes["aws.s3.upload_id"] == session["upload_id"]
    assert one(completed, "decide").attributes == {"upload.decision": "complete"}
    assert one(completed, "commit").attributes["db.operation.name"] == "end"
    for secret in ("X-Amz-", store.server.secret_key, session["presigned_urls"][0]):
        assert secret not in collector.text


def test_who_sent_the_spans(launch: Launch, connect: Connect, collector: Collector) -> None:
    worker = launch(
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.endpoint}/v1/traces",
        OTEL_EXPORTER_OTLP_HEADERS=f"x-api-key={SECRET},x-tenant=uploads%20of%20mine",
        OTEL_SERVICE_NAME="media-uploads",
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test,service.name=overruled,team=a%2Cb",
        LOG_LEVEL="trace",
        **SOON,
    )
    connect(worker).request("start", requests.start()).expect("upload.started")
    span = collector.span(lambda span: span.kind == "CONSUMER", "of a delivery")
    assert span.resource["service.name"] == "media-uploads"
    assert span.resource["deployment.environment.name"] == "test"
    assert span.resource["team"] == "a,b"
    assert span.resource["telemetry.sdk.language"] == "swift"
    assert span.resource["service.instance.id"] and span.resource["service.version"]
    path, headers, _ = collector.requests[0]
    assert path == "/v1/traces"
    assert (headers["x-api-key"], headers["x-tenant"]) == (SECRET, "uploads of mine")
    assert headers["content-type"] == "application/json"
    assert worker.terminate() == 0
    assert SECRET not in worker.log


def test_a_trace_that_begins_here(asking: Requester, collector: Collector) -> None:
    result = asking.request("start", requests.start()).expect("upload.started")
    trace, span, flags = parent_in(result)
    spans = collector.trace(trace)
    assert flags == "03"  # sampled, and of a random id
    assert one(spans, f"process {asking.topology.request_queue('start')}").parent_id == ""
    assert one(spans, "publish reply").span_id == span


def test_the_log_names_the_span(traced: Worker, asking: Requester, collector: Collector) -> None:
    asking.request("start", requests.start(), headers=caller()).expect("upload.started")
    process = collector.span(lambda span: span.kind == "CONSUMER", "of a delivery")
    until(lambda: f'"span_id":"{process.span_id}"' in traced.log, "the span in the log")
    assert f'"trace_id":"{TRACE}"' in traced.log


def test_a_refused_request_is_no_failure(asking: Requester, collector: Collector) -> None:
    asking.exchange("start", requests.start(part_count="3"), headers=caller()).expect_failure(400, "invalid_part_count")
    process = one(collector.trace(TRACE), f"process {asking.topology.request_queue('start')}")
    assert process.attributes["upload.outcome"] == "invalid_part_count"
    assert "error.type" not in process.attributes and process.status == "UNSET"


def test_a_store_that_fails(launch: Launch, connect: Connect, collector: Collector, store: Store) -> None:
    with StoreGate(store.server.endpoint) as gate:
        worker = launch(
            AWS_ENDPOINT_URL_S3=gate.endpoint,
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint,
            RETRY_DELAYS="1ms",
            **SOON,
        )
        requester = connect(worker)
        gate.fail(403, "AccessDenied")
        requester.request("start", requests.start(), headers=caller()).expect_failure(502, "storage_rejected")
        spans = collector.trace(TRACE)
        called = one(spans, "S3.CreateMultipartUpload")
        assert (called.status, called.attributes["error.type"]) == ("ERROR", "AccessDenied")
        assert called.attributes["http.response.status_code"] == 403
        process = one(spans, f"process {worker.topology.request_queue('start')}")
        assert (process.status, process.attributes["error.type"]) == ("ERROR", "storage_rejected")
        letter = one(spans, f"publish {worker.topology.dead}")
        assert (letter.kind, letter.parent_id) == ("PRODUCER", process.span_id)

        other = "a" * 32
        gate.fail(503, "SlowDown")
        body = requests.start()
        requester.send("start", body, headers=caller(trace=other), correlation_id="again")
        until(
            lambda: sum(span.trace_id == other and span.kind == "CONSUMER" for span in collector.spans) == 2, "a retry"
        )
        attempts = [span for span in collector.trace(other) if span.kind == "CONSUMER"]
        # Both are the caller's: a copy of a request keeps the context that it came with.
        assert {span.parent_id for span in attempts} == {CALLER}
        assert {span.attributes["error.type"] for span in attempts} == {"retry", "storage_unavailable"}
        assert one(collector.trace(other), f"publish {worker.topology.prefix}.retry.1").kind == "PRODUCER"
        dead = requester.inbox(worker.topology.dead).dead_letter("again")
        assert dead.headers["traceparent"] == caller(trace=other)["traceparent"]


@pytest.mark.timeout(200)
def test_a_sweep(launch: Launch, connect: Connect, collector: Collector) -> None:
    life = {"URL_EXPIRY": "1s", "EXPIRY_GRACE": "0s", "MIN_URL_LIFE": "0s"}
    worker = launch(OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint, **life, **SOON)
    requester = connect(worker)
    session = requester.request("start", requests.start()).expect("upload.started")
    expired = requester.inbox(requester.topology.results).result(60).expect("upload.expired")
    sweep = collector.span(lambda span: span.name == "sweep", "of the sweep")
    assert (sweep.parent_id, sweep.kind, sweep.status) == ("", "INTERNAL", "UNSET")
    assert sweep.attributes == {"upload.overdue": 1}
    below = {span.name: span for span in collector.spans if span.parent_id == sweep.span_id}
    aborted = below["S3.AbortMultipartUpload"]
    assert (aborted.kind, aborted.trace_id) == ("CLIENT", sweep.trace_id)
    assert aborted.attributes["aws.s3.upload_id"] == session["upload_id"]
    assert {"commit", f"publish {requester.topology.results}"} <= set(below)
    assert parent_in(expired)[:2] == (sweep.trace_id, below[f"publish {requester.topology.results}"].span_id)
    # A sweep with nothing to end, every few seconds, is none.
    stopped = worker.terminate()
    assert stopped == 0 and [span.name for span in collector.spans].count("sweep") == 1


@pytest.mark.parametrize(
    ("sampler", "flags", "told", "is_recorded"),
    [
        ({}, "01", "01", True),
        ({}, "00", "00", False),
        ({}, None, "03", True),
        ({"OTEL_TRACES_SAMPLER": "always_on"}, "00", "01", True),
        ({"OTEL_TRACES_SAMPLER": "always_off"}, "01", "00", False),
        ({"OTEL_TRACES_SAMPLER": "always_off"}, None, "02", False),
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}, "01", "00", False),
        ({"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}, "01", "01", True),
        ({"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}, None, "02", False),
    ],
)
def test_sampling(
    launch: Launch,
    connect: Connect,
    collector: Collector,
    sampler: dict[str, str],
    flags: str | None,
    told: str,
    is_recorded: bool,
) -> None:
    worker = launch(OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint, **sampler)
    headers = caller(flags) if flags else None
    result = connect(worker).request("start", requests.start(), headers=headers).expect("upload.started")
    trace, span, sent = parent_in(result)
    assert sent == told and span != CALLER
    assert (trace == TRACE) is (flags is not None)
    assert worker.terminate() == 0
    assert bool(collector.spans) is is_recorded


@pytest.mark.parametrize(
    "off", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_EXPORTER_OTLP_ENDPOINT": None}]
)
def test_tracing_off(launch: Launch, connect: Connect, collector: Collector, off: dict[str, str | None]) -> None:
    worker = launch(**{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint} | off)
    requester = connect(worker)
    assert parent_in(requester.request("start", requests.start(), headers=caller()))[0] == TRACE
    assert "traceparent" not in requester.request("start", requests.start()).message.headers
    assert worker.terminate() == 0
    assert collector.requests == []


def test_the_end_sends_what_is_left(launch: Launch, connect: Connect, collector: Collector) -> None:
    worker = launch(OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint, OTEL_BSP_SCHEDULE_DELAY="3600000")
    requester = connect(worker)
    for number in range(20):
        requester.request("start", requests.start(), headers=caller(trace=f"{number + 1:032x}")).expect(
            "upload.started"
        )
    assert collector.requests == []
    assert worker.terminate() == 0
    assert sum(span.kind == "CONSUMER" for span in collector.spans) == 20
    assert "lost" not in worker.log


def test_full_batches_do_not_wait(launch: Launch, connect: Connect, collector: Collector) -> None:
    worker = launch(
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint,
        OTEL_BSP_SCHEDULE_DELAY="3600000",
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE="5",
    )
    requester = connect(worker)
    requester.request("start", requests.start(), headers=caller()).expect("upload.started")  # five spans
    collector.trace(TRACE)
    assert len(collector.spans) == 5
    until(lambda: count(worker, "upload_worker_spans_exported_total") == 5, "the count")


@pytest.mark.parametrize("trouble", ["down", "hanging", "refusing", "unavailable"])
def test_no_collector_holds_a_request_up(launch: Launch, connect: Connect, collector: Collector, trouble: str) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}" if trouble == "down" else collector.endpoint
    match trouble:
        case "hanging":
            collector.hold()
        case "refusing":
            collector.answer = Answer(400, b"no")
        case "unavailable":
            collector.answer = Answer(503, b"", {"Retry-After": "3600"})
    worker = launch(
        OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
        OTEL_BSP_SCHEDULE_DELAY="10",
        OTEL_BSP_MAX_QUEUE_SIZE="10",
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE="5",
        OTEL_EXPORTER_OTLP_TIMEOUT="1000",
        OTEL_BSP_EXPORT_TIMEOUT="1500",
    )
    requester = connect(worker)
    began = time.monotonic()
    for _ in range(30):
        requester.send("start", requests.start())
    for result in requester.replies.results(30, timeout=15):
        result.expect("upload.started")
    assert time.monotonic() - began < 15
    lost = "refused" if trouble == "refusing" else "unavailable"
    until(lambda: count(worker, "upload_worker_spans_dropped_total", reason=lost) >= 5, "spans given up", 20)
    if trouble == "hanging":
        assert count(worker, "upload_worker_spans_dropped_total", reason="queue_full") > 0
    assert count(worker, "upload_worker_spans_exported_total") == 0
    assert worker.log.count("Spans not exported") == 1
    began = time.monotonic()
    assert worker.terminate(timeout=20) == 0
    assert time.monotonic() - began < 8


def test_a_collector_that_comes_back(traced: Worker, asking: Requester, collector: Collector) -> None:
    collector.answer = Answer(503, b"", {"Retry-After": "1"})
    asking.request("start", requests.start(), headers=caller()).expect("upload.started")
    collector.wait_for_requests(1)
    began = time.monotonic()
    collector.answer = Answer()
    assert len(collector.trace(TRACE)) == 5
    assert time.monotonic() - began > 0.5
    assert count(traced, "upload_worker_spans_dropped_total", reason="unavailable") == 0


def test_spans_that_the_collector_does_not_take(traced: Worker, asking: Requester, collector: Collector) -> None:
    collector.answer = Answer(200, b'{"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too old"}}')
    asking.request("start", requests.start()).expect("upload.started")
    until(lambda: count(traced, "upload_worker_spans_dropped_total", reason="refused") >= 2, "what was rejected")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://user:{SECRET}@collector:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", f"{SECRET}"),
        ("OTEL_EXPORTER_OTLP_HEADERS", f"x-api-key={SECRET}%0Ahost: other"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
    ],
)
def test_a_wrong_setting(launch: Launch, collector: Collector, name: str, value: str) -> None:
    worker = launch(**{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, name: value}, is_awaited=False)
    assert worker.wait() == 78
    assert name in worker.log and SECRET not in worker.log
    assert len(worker.log.splitlines()) == 1
