"""A store that is down: requests stay in their queues until it serves again."""

from __future__ import annotations


import pytest

from harness import requests
from harness.gate import StoreGate
from harness.persistence import Errands
from harness.requester import Requester, wait_until_consumed
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

DELAYS = ",".join(["100ms", "200ms", "400ms", "800ms", "1s", "2s", "5s", "10s"])


@pytest.fixture
def worker(launch: Launch, gate: StoreGate) -> Worker:
    return launch(AWS_ENDPOINT_URL_S3=gate.endpoint, OUTAGE_AFTER="5", PREFETCH="10", RETRY_DELAYS=DELAYS)


def starts(count: int) -> list[dict[str, object]]:
    return [requests.start() for _ in range(count)]


def wait_until_down(worker: Worker) -> str:
    return until(
        lambda: page if "the store is down" in (page := worker.status("/readyz")[1]) else None, "the outage", timeout=30
    )


def waiting_requests(requester: Requester) -> int:
    return requester.ready_count(requester.topology.request_queue("start"))


def test_requests_wait_and_are_all_served(worker: Worker, connect: Connect, gate: StoreGate) -> None:
    requester = connect(worker)
    errands = Errands()
    gate.fail(503, "SlowDown")
    errands.send(requester, "start", starts(20))
    reasons = wait_until_down(worker)
    assert worker.status("/readyz")[0] == 503
    assert "SlowDown" in reasons
    assert worker.status("/healthz")[0] == 200

    errands.send(requester, "start", starts(300))
    # Without the guard all would be taken at once, and fail.
    seen = gate.seen
    until(lambda: gate.seen > seen + 2, "the store to be tried again")
    assert waiting_requests(requester) > 280

    gate.open()
    for result in errands.take_all(requester.inbox(requester.topology.results)):
        result.expect("upload.started")
    worker.wait_until_ready()
    assert requester.ready_count(requester.topology.dead) == 0


def test_an_outage_of_writes_alone(worker: Worker, connect: Connect, gate: StoreGate) -> None:
    requester = connect(worker)
    errands = Errands()
    gate.fail(503, "SlowDown", method="POST")
    errands.send(requester, "start", starts(20))
    wait_until_down(worker)
    errands.send(requester, "start", starts(100))
    seen = gate.seen
    until(lambda: gate.seen > seen + 8, "requests to try the store, one after the other")
    assert waiting_requests(requester) > 80
    wait_until_down(worker)
    gate.open()
    for result in errands.take_all(requester.inbox(requester.topology.results)):
        result.expect("upload.started")


def test_an_outage_ends_without_a_request(worker: Worker, connect: Connect, gate: StoreGate) -> None:
    requester = connect(worker)
    errands = Errands()
    gate.fail(500, "InternalError")
    errands.send(requester, "start", starts(5))
    wait_until_down(worker)
    gate.open()
    worker.wait_until_ready()
    for result in errands.take_all(requester.inbox(requester.topology.results)):
        result.expect("upload.started")


def test_a_probe_that_hangs_does_not_outlast_the_outage(launch: Launch, connect: Connect, gate: StoreGate) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint, OUTAGE_AFTER="2", S3_TIMEOUT="5m", RETRY_DELAYS="10m")
    requester = connect(worker)
    under_way, probe = (requests.start({"user_id": f"hangs-{number}", "file_id": "f"}) for number in range(2))
    gate.fail(503, "SlowDown", holding="hangs-")
    requester.send("start", under_way, correlation_id="under way")
    gate.wait_for_held(1)
    for body in starts(2):
        requester.send("start", body)
    wait_until_down(worker)
    requester.send("start", probe)
    gate.wait_for_held(2)
    gate.let_on("hangs-0")
    requester.replies.result(correlation_id="under way").expect("upload.started")
    wait_until_consumed(requester, worker)


def test_a_refusal_is_no_outage(worker: Worker, connect: Connect, gate: StoreGate) -> None:
    requester = connect(worker)
    gate.fail(403, "AccessDenied")
    for _ in range(10):
        requester.request("start", requests.start()).expect_failure(502, "storage_rejected")
    assert worker.status("/readyz")[0] == 200


def test_the_guard_can_be_turned_off(launch: Launch, connect: Connect, gate: StoreGate) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint, OUTAGE_AFTER="0", RETRY_DELAYS="1ms")
    requester = connect(worker)
    gate.fail(503, "SlowDown")
    errands = Errands()
    errands.send(requester, "start", starts(30))
    inbox = requester.inbox(requester.topology.results)
    while errands.missing:
        failed = inbox.result().expect_failure(503, "storage_unavailable")
        errands.note(failed)
    assert worker.status("/readyz")[0] == 200


def test_sigterm_during_an_outage(worker: Worker, connect: Connect, gate: StoreGate) -> None:
    requester = connect(worker)
    errands = Errands()
    gate.fail(503, "SlowDown")
    errands.send(requester, "start", starts(40))
    wait_until_down(worker)
    assert worker.terminate(timeout=30) == 0
    gate.open()
    worker.start().wait_until_ready()
    for result in errands.take_all(requester.inbox(requester.topology.results)):
        result.expect("upload.started")
