"""Where a result goes, and what it carries."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from harness import requests
from harness.messages import Result
from harness.requester import Inbox, Requester
from harness.store import Store
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
CRAFTED = "amq.rabbitmq.reply-to.g1h3AA5yZXBseUBub3doZXJlAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA=="
"""A name of direct reply-to that makes the broker close the connection."""


@pytest.fixture
def results(requester: Requester) -> Inbox:
    return requester.inbox(requester.topology.results)


def send_to(requester: Requester, reply_to: str | None, kind: str = "start", **properties: Any) -> str:
    """Sends a request, and gives the correlation id to know its result by."""
    correlation_id = f"c-{uuid.uuid4()}"
    requester.send(kind, requests.OF_KIND[kind](), reply_to=reply_to, correlation_id=correlation_id, **properties)
    return correlation_id


@pytest.mark.parametrize(
    "correlation_id", ["c", "x" * 255, "Grüße ☃", b"\xff\xfe not UTF-8 \x80"], ids=["short", "long", "UTF-8", "bytes"]
)
def test_correlation_id_is_copied(requester: Requester, correlation_id: str | bytes) -> None:
    result = requester.exchange("start", requests.start(), correlation_id=correlation_id, message_id="m")
    assert result.correlation_id == correlation_id


@pytest.mark.parametrize("message_id", ["m-1", "x" * 255, b"\xff\x00"], ids=["short", "long", "bytes"])
def test_message_id_stands_in_for_an_absent_correlation_id(requester: Requester, message_id: str | bytes) -> None:
    requester.send("start", requests.start(), message_id=message_id)
    assert requester.replies.result().correlation_id == message_id


def test_neither_correlation_id_nor_message_id(requester: Requester) -> None:
    requester.send("start", requests.start())
    assert requester.replies.result().expect("upload.started").correlation_id is None


def test_reply_to_gets_it_through_the_default_exchange(requester: Requester) -> None:
    message = requester.request("start", requests.start()).message
    assert (message.exchange, message.routing_key) == ("", requester.replies.queue)


@pytest.mark.parametrize("kind", ["start", "complete", "resume", "abort"])
def test_a_failure_without_reply_to(requester: Requester, results: Inbox, kind: str) -> None:
    correlation_id = f"c-{uuid.uuid4()}"
    requester.send(
        kind, requests.without(requests.OF_KIND[kind](), "file_id"), reply_to=None, correlation_id=correlation_id
    )
    result = results.result(correlation_id=correlation_id).expect("upload.failed")
    assert (result.message.exchange, result.message.routing_key) == (requester.topology.results, "failed")


def test_the_life_of_a_file_without_reply_to(requester: Requester, results: Inbox, store: Store) -> None:
    def ask(kind: str, body: dict[str, Any]) -> Result:
        correlation_id = f"c-{uuid.uuid4()}"
        requester.send(kind, body, reply_to=None, correlation_id=correlation_id)
        return results.result(correlation_id=correlation_id)

    file = requests.new_file()
    session = ask("start", requests.start(file))
    resumed = ask("resume", requests.resume(file, session["upload_id"]))
    parts = store.put_parts(session["presigned_urls"], [b"x"])
    completed = ask("complete", requests.complete(file, session["upload_id"], parts))
    other = ask("start", requests.start(other_file := requests.new_file()))
    aborted = ask("abort", requests.abort(other_file, other["upload_id"]))
    keys = [each.message.routing_key for each in (session, resumed, completed, aborted)]
    assert keys == ["started", "resumed", "completed", "aborted"]
    assert {each.message.exchange for each in (session, resumed, completed, aborted)} == {requester.topology.results}


def test_a_queue_bound_by_a_key_of_its_own(requester: Requester) -> None:
    failures = requester.declare_inbox(f"failures-{uuid.uuid4()}")
    requester.channel.queue_bind(failures.queue, requester.topology.results, "failed")
    send_to(requester, None, "start")
    expected = send_to(requester, None, "resume")
    assert failures.result().correlation_id == expected


def test_an_empty_reply_to_is_none(requester: Requester, results: Inbox) -> None:
    correlation_id = send_to(requester, "")
    assert results.result(correlation_id=correlation_id).expect("upload.started")


def test_a_reply_queue_that_does_not_exist(requester: Requester, results: Inbox) -> None:
    correlation_id = send_to(requester, f"missing-{uuid.uuid4()}")
    result = results.result(correlation_id=correlation_id).expect("upload.started")
    assert (result.message.exchange, result.message.routing_key) == (requester.topology.results, "started")


def test_a_reply_queue_that_is_full(requester: Requester, results: Inbox) -> None:
    full = requester.declare_full_queue()
    refused = [send_to(requester, full) for _ in range(70)]  # more than the worker takes at a time
    taken = [send_to(requester, requester.replies.queue) for _ in range(10)]
    assert {result.correlation_id for result in requester.replies.results(10)} == set(taken)
    for correlation_id in refused:
        result = results.result(correlation_id=correlation_id).expect("upload.started")
        assert (result.message.exchange, result.message.routing_key) == (requester.topology.results, "started")


@pytest.mark.parametrize("name", ["start", "complete", "resume", "abort", "results", "dead", "retry.1000"])
def test_the_workers_own_queues_take_no_replies(requester: Requester, results: Inbox, name: str) -> None:
    own = f"{requester.topology.prefix}.{name}"
    dead = requester.ready_count(requester.topology.dead)
    correlation_id = send_to(requester, own)
    result = results.result(correlation_id=correlation_id).expect("upload.started")
    assert (result.message.exchange, result.message.routing_key) == (requester.topology.results, "started")
    requester.request("start", requests.start())
    assert requester.ready_count(requester.topology.dead) == dead


def test_a_queue_named_by_the_broker_takes_no_replies(requester: Requester, results: Inbox) -> None:
    queue = requester.channel.queue_declare("", exclusive=True).method.queue
    assert queue.startswith("amq.gen-")
    correlation_id = send_to(requester, queue)
    results.result(correlation_id=correlation_id).expect("upload.started")
    assert requester.ready_count(queue) == 0


def test_direct_reply_to(requester: Requester) -> None:
    body = requests.start()
    first = requester.direct_request("start", body).expect("upload.started")
    assert requester.direct_request("start", body)["upload_id"] == first["upload_id"]
    requester.direct_request("resume", requests.resume()).expect_failure(404, "upload_not_found")


def test_a_direct_requester_that_has_left(worker: Worker, connect: Connect, requester: Requester) -> None:
    gone = connect(worker)
    gone.channel.basic_consume("amq.rabbitmq.reply-to", lambda *_: None, auto_ack=True)
    body = requests.start()
    gone.send("start", body, reply_to="amq.rabbitmq.reply-to")
    gone.close()
    requester.request("start", body).expect("upload.started")


@pytest.mark.parametrize(
    "name",
    [
        "amq.rabbitmq.reply-to.",
        "amq.rabbitmq.reply-to.bogus",
        CRAFTED,
        "amq.rabbitmq.trace",
        "amq.direct",
        b"\xff\xfe",
        "x" * 255,
    ],
    ids=str,
)
def test_a_reply_address_that_leads_nowhere(requester: Requester, name: str) -> None:
    neighbours = [send_to(requester, requester.replies.queue) for _ in range(5)]
    send_to(requester, name)
    neighbours += [send_to(requester, requester.replies.queue) for _ in range(5)]
    answered = {result.correlation_id for result in requester.replies.results(10)}
    assert answered == set(neighbours)
    requester.direct_request("start", requests.start()).expect("upload.started")


def test_crafted_reply_addresses_do_not_hold_up_direct_replies(requester: Requester, results: Inbox) -> None:
    crafted = [send_to(requester, CRAFTED) for _ in range(20)]
    requester.direct_request("start", requests.start()).expect("upload.started")
    for correlation_id in crafted:
        results.result(correlation_id=correlation_id).expect("upload.started")


def test_reply_to_pattern_holds_for_the_whole_name(launch: Launch, connect: Connect) -> None:
    requester = connect(launch(REPLY_TO_PATTERN=r"replies\.[0-9a-f-]+|.*\.results|.*\.dead"))
    results = requester.inbox(requester.topology.results)
    name = uuid.uuid4()
    allowed, before, after = (
        requester.declare_inbox(queue) for queue in (f"replies.{name}", f"x-replies.{name}", f"replies.{name}.x")
    )
    expected = send_to(requester, allowed.queue)
    assert allowed.result().correlation_id == expected
    for refused in (before.queue, after.queue, requester.topology.dead, requester.topology.results):
        correlation_id = send_to(requester, refused)
        result = results.result(correlation_id=correlation_id).expect("upload.started")
        assert result.message.exchange == requester.topology.results
    assert requester.ready_count(requester.topology.dead) == 0


def test_an_exchange_for_replies(launch: Launch, connect: Connect) -> None:
    exchange = f"replies-{uuid.uuid4()}"
    requester = connect(launch(REPLY_EXCHANGE=exchange))
    results = requester.inbox(requester.topology.results)
    unbound = send_to(requester, requester.replies.queue)
    assert results.result(correlation_id=unbound).message.exchange == requester.topology.results
    requester.channel.queue_bind(requester.replies.queue, exchange, requester.replies.queue)
    message = requester.request("start", requests.start()).message
    assert (message.exchange, message.routing_key) == (exchange, requester.replies.queue)
    requester.direct_request("start", requests.start()).expect("upload.started")
    requester.channel.exchange_delete(exchange)


def test_the_trace_goes_on(requester: Requester) -> None:
    headers = {"traceparent": TRACEPARENT, "tracestate": "vendor=one,other=two"}
    told = requester.request("start", requests.start(), headers=headers).message.headers
    version, trace, span, flags = told["traceparent"].split("-")
    assert (version, trace, flags) == ("00", TRACE, "01")
    assert re.fullmatch(r"[0-9a-f]{16}", span) and span not in ("00f067aa0ba902b7", "0" * 16)
    assert told["tracestate"] == "vendor=one,other=two"


@pytest.mark.parametrize(
    "traceparent", ["", "nonsense", f"ff-{TRACE}-00f067aa0ba902b7-01", f"00-{'0' * 32}-00f067aa0ba902b7-01", 7, None]
)
def test_a_broken_trace_is_not_passed_on(requester: Requester, traceparent: Any) -> None:
    headers = {"traceparent": traceparent, "tracestate": "vendor=one"}
    told = requester.request("start", requests.start(), headers=headers).message.headers
    assert told.get("traceparent", TRACEPARENT) != traceparent
    assert "vendor=one" not in str(told.get("tracestate"))


def test_other_headers_stay_with_the_request(requester: Requester) -> None:
    headers = {
        "x-death": [],
        "CC": [requester.topology.dead],
        "BCC": ["elsewhere"],
        "secret": "s",
        "upload-attempts": 99,
    }
    result = requester.request("start", requests.start(), headers=headers).expect("upload.started")
    assert set(result.message.headers) <= {"traceparent", "tracestate"}


def test_answers_leave_nothing_behind(requester: Requester) -> None:
    requester.request("start", requests.start()).expect("upload.started")
    queues = requester.topology.request_queues
    until(lambda: all(requester.ready_count(queue) == 0 for queue in queues), "empty request queues")
