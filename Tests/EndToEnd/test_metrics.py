"""The page for Prometheus, read by Prometheus' own client."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness import requests
from harness.gate import StoreGate
from harness.metrics import samples, value
from harness.requester import Requester
from harness.store import Store
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import REPOSITORY, Worker, run


@pytest.fixture
def own(launch: Launch, gate: StoreGate) -> Worker:
    return launch(AWS_ENDPOINT_URL_S3=gate.endpoint, RETRY_DELAYS="1ms", OUTAGE_AFTER="3")


@pytest.fixture
def asking(own: Worker, connect: Connect) -> Requester:
    return connect(own)


def test_requests_by_outcome(own: Worker, asking: Requester) -> None:
    for _ in range(3):
        asking.request("start", requests.start()).expect("upload.started")
    asking.exchange("start", requests.start(part_count="3")).expect_failure(400, "invalid_part_count")
    asking.exchange("abort", "{").expect_failure(400, "malformed_message")

    total = "upload_worker_requests_total"
    until(lambda: value(own, total, request="abort", outcome="malformed_message") == 1, "the last to be counted")
    assert value(own, total, request="start", outcome="upload.started") == 3
    assert value(own, total, request="start", outcome="invalid_part_count") == 1
    assert value(own, "upload_worker_dead_letters_total", code="malformed_message") == 1
    assert value(own, "upload_worker_request_duration_seconds_count", request="start") == 4
    assert value(own, "upload_worker_request_duration_seconds_bucket", request="start", le="+Inf") == 4
    assert value(own, "upload_worker_s3_call_duration_seconds_count", operation="CreateMultipartUpload") == 3
    assert value(own, "upload_worker_publications_total", outcome="confirmed") == 6
    assert value(own, "upload_worker_commit_batch_size_count") >= 3
    assert value(own, "upload_worker_requests_in_flight") == 0
    assert value(own, "upload_worker_ready") == 1


def test_a_store_in_trouble(own: Worker, asking: Requester, gate: StoreGate) -> None:
    gate.fail(503, "SlowDown")
    for _ in range(3):
        asking.send("start", requests.start(), correlation_id="failing")
    until(lambda: value(own, "upload_worker_taking_requests") == 0, "the outage")
    assert value(own, "upload_worker_s3_errors_total", operation="CreateMultipartUpload", code="SlowDown") >= 3
    assert value(own, "upload_worker_requests_total", request="start", outcome="retry") >= 1
    assert value(own, "upload_worker_ready") == 0
    gate.open()
    until(lambda: value(own, "upload_worker_taking_requests") == 1, "the end of the outage", timeout=30)


def test_sessions_by_state(own: Worker, asking: Requester, store: Store) -> None:
    def sessions() -> dict[str, float]:
        return {s.labels["state"]: s.value for s in samples(own) if s.name == "upload_worker_sessions"}

    files = [requests.new_file() for _ in range(3)]
    ids = [asking.request("start", requests.start(file)).expect("upload.started")["upload_id"] for file in files]
    until(lambda: sessions() == {"started": 3, "completed": 0, "aborted": 0, "expired": 0}, "three open sessions")
    asking.request("abort", requests.abort(files[0], ids[0])).expect("upload.aborted")
    until(lambda: sessions() == {"started": 2, "completed": 0, "aborted": 1, "expired": 0}, "one aborted session")
    own.terminate()
    own.start().wait_until_ready()
    until(lambda: sessions() == {"started": 2, "completed": 0, "aborted": 1, "expired": 0}, "the same after a restart")


def test_retries_by_delay(own: Worker, asking: Requester, gate: StoreGate) -> None:
    assert [s.labels for s in samples(own) if s.name == "upload_worker_retries_total"] == [{"delay": "1ms"}]
    gate.fail(500, "InternalError")
    asking.request("start", requests.start()).expect_failure(503, "storage_unavailable")
    assert value(own, "upload_worker_retries_total", delay="1ms") == 1
    # Two deliveries of three tries each.
    failed = {"operation": "CreateMultipartUpload", "code": "InternalError"}
    assert value(own, "upload_worker_s3_retries_total", **failed) == 4
    assert value(own, "upload_worker_s3_errors_total", **failed) == 2


def test_a_result_that_its_queue_refuses(own: Worker, asking: Requester) -> None:
    asking.send("start", requests.start(), reply_to=asking.declare_full_queue())
    results = asking.inbox(asking.topology.results)
    results.result().expect("upload.started")
    total = "upload_worker_publications_total"
    until(lambda: value(own, total, outcome="confirmed") == 1, "the confirm at the second address")
    assert value(own, total, outcome="nacked") == 5
    assert value(own, total, outcome="unconfirmed") == 1
    assert value(own, total, outcome="failed") == 0


def test_the_connections_to_the_broker(own: Worker) -> None:
    def states() -> dict[str, float]:
        return {s.labels["connection"]: s.value for s in samples(own) if s.name == "upload_worker_broker_connection_up"}

    assert states() == {"consumer": 1, "publisher": 1, "direct_replies": 1}
    names = [s for s in samples(own) if s.name == "upload_worker_broker_reconnects_total"]
    assert {s.labels["connection"] for s in names} == set(states())


def test_the_conditions_of_being_ready(own: Worker) -> None:
    shown = {s.labels["condition"]: s.value for s in samples(own) if s.name == "upload_worker_ready_condition"}
    assert shown == {"consuming": 1, "broker": 1, "store": 1, "database": 1}


def test_which_version_it_is(own: Worker, tmp_path: Path) -> None:
    version = run(["--version"], {}, tmp_path).stdout.strip()
    assert version and value(own, "upload_worker_build_info", version=version) == 1


def test_the_process_itself(own: Worker) -> None:
    assert value(own, "process_resident_memory_bytes") > 1 << 20
    assert 3 < value(own, "process_open_fds") < value(own, "process_max_fds")
    before = value(own, "process_cpu_seconds_total")
    assert before > 0
    until(lambda: value(own, "process_cpu_seconds_total") > before, "some CPU time")
    assert value(own, "process_start_time_seconds") > 1_700_000_000


def test_strangers_do_not_make_the_page_grow(own: Worker, asking: Requester, gate: StoreGate) -> None:
    asking.request("start", requests.start()).expect("upload.started")
    total = "upload_worker_requests_total"
    until(lambda: value(own, total, request="start", outcome="upload.started") == 1, "the first to be counted")
    before = len(samples(own))
    for number in range(30):
        body = requests.start({"file_id": f"file-{number}", "user_id": f"user-{number}"})
        asking.request("start", body).expect("upload.started")
    gate.fail(403, "x" * 100)
    for _ in range(3):
        asking.request("start", requests.start()).expect_failure(502, "storage_rejected")
    # One for the store's new code, one for the outcome, and nothing for each user or file.
    assert len(samples(own)) <= before + 2


def test_every_metric_is_documented(own: Worker) -> None:
    documented = set(re.findall(r"`((?:upload_worker|process)_[a-z0-9_]+)`", documentation()))
    _, page = own.status("/metrics")
    shown = set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE))
    assert shown == documented


def documentation() -> str:
    return Path(REPOSITORY, "README.md").read_text()
