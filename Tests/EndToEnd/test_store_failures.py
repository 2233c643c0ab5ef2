"""A store that refuses for good, is away for a while, or for too long."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from harness import requests
from harness.gate import StoreGate
from harness.messages import Message, Result
from harness.metrics import value
from harness.operator import Operator
from harness.requester import Requester, taking_requests
from harness.store import Store
from harness.topology import KINDS
from harness.types import Connect, Launch
from harness.waiting import until

Sent = tuple[Requester, dict[str, Any], Result]


@pytest.fixture
def failing(launch: Launch, connect: Connect, gate: StoreGate) -> Callable[..., Requester]:
    """A requester whose worker finds the store as the gate lets it."""
    return lambda **settings: connect(launch(AWS_ENDPOINT_URL_S3=gate.endpoint, **settings))


def fail(requester: Requester, body: dict[str, Any], timeout: float = 30, **properties: Any) -> tuple[Result, Message]:
    """Sends a start request that must fail in the store: its answer, and its dead letter with the same bytes."""
    correlation_id = f"c-{uuid.uuid4()}"
    result = requester.request("start", body, timeout, correlation_id=correlation_id, **properties)
    letter = requester.inbox(requester.topology.dead).dead_letter(correlation_id)
    assert json.loads(letter.body) == body
    return result, letter


def test_a_wrong_secret(launch: Launch, connect: Connect) -> None:
    worker = launch(AWS_SECRET_ACCESS_KEY="not-the-secret", is_awaited=False)
    requester = taking_requests(connect, worker)
    result, letter = fail(requester, requests.start())
    result.expect_failure(502, "storage_rejected")
    letter.expect_dead_letter(requester.topology.request_queue("start"), "storage_rejected")
    assert worker.is_running


def test_a_bucket_that_does_not_exist(launch: Launch, connect: Connect) -> None:
    worker = launch(S3_BUCKET=f"missing-{uuid.uuid4()}", is_awaited=False)
    requester = taking_requests(connect, worker)
    result, letter = fail(requester, requests.start())
    result.expect_failure(502, "storage_rejected")
    letter.expect_dead_letter(requester.topology.request_queue("start"), "storage_rejected")


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AccessDenied"), (403, "SignatureDoesNotMatch"), (404, "NoSuchBucket"), (403, "InvalidAccessKeyId")],
)
def test_a_refusal_is_answered_at_once(
    failing: Callable[..., Requester], gate: StoreGate, status: int, code: str
) -> None:
    requester = failing()
    gate.fail(status, code)
    file = requests.new_file()
    result, letter = fail(requester, requests.start(file), message_id="m")
    result.expect_failure(502, "storage_rejected")
    assert (result["file_id"], result["user_id"], result["request"]) == (file["file_id"], file["user_id"], "start")
    letter.expect_dead_letter(requester.topology.request_queue("start"), "storage_rejected")
    assert letter.properties.message_id == "m"

    gate.open()
    requester.request("start", requests.start(file)).expect("upload.started")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (503, "SlowDown"),
        (500, "InternalError"),
        (503, "ServiceUnavailable"),
        (429, "TooManyRequests"),
        (400, "RequestTimeout"),
    ],
)
def test_retries_run_out(failing: Callable[..., Requester], gate: StoreGate, status: int, code: str) -> None:
    requester = failing(RETRY_DELAYS="100ms,200ms", OUTAGE_AFTER="0")
    before = gate.seen
    gate.fail(status, code)
    file = requests.new_file()
    result, letter = fail(requester, requests.start(file), headers={"note": "kept"}, message_id="m")
    result.expect_failure(503, "storage_unavailable")
    assert (result["file_id"], result["user_id"], result["request"]) == (file["file_id"], file["user_id"], "start")
    letter.expect_dead_letter(requester.topology.request_queue("start"), "storage_unavailable", attempts=3)
    assert letter.headers["note"] == "kept"
    assert letter.properties.message_id == "m"
    assert gate.seen - before > 3, "no retry in place"
    for retry in requester.topology.retries:
        assert requester.ready_count(retry) == 0

    gate.open()
    requester.request("start", requests.start(file)).expect("upload.started")


def test_nobody_listens_there(launch: Launch, connect: Connect) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3="http://127.0.0.1:1", RETRY_DELAYS="100ms", OUTAGE_AFTER="0", is_awaited=False)
    requester = taking_requests(connect, worker)
    result, letter = fail(requester, requests.start())
    result.expect_failure(503, "storage_unavailable")
    letter.expect_dead_letter(requester.topology.request_queue("start"), "storage_unavailable", attempts=2)


def test_what_was_handed_back_too_often_is_answered(
    operator: Operator, launch: Launch, connect: Connect, gate: StoreGate
) -> None:
    """Nothing takes the retry: four deliveries before the broker would dead-letter the request, its requester is told."""
    queue = operator.topology.request_queue("start")
    results = operator.topology.results
    operator.put(queue, json.dumps(requests.start()).encode(), correlation_id="c")
    for _ in range(16):
        method, _, _ = until(lambda: (got := operator.channel.basic_get(queue))[0] and got, "the request")
        operator.channel.basic_reject(method.delivery_tag, requeue=True)
    operator.channel.queue_delete(operator.topology.retry(1_000))
    gate.hold_requests()
    worker = launch(
        TOPOLOGY_PREFIX=operator.topology.exchange,
        DECLARE_TOPOLOGY="false",
        AWS_ENDPOINT_URL_S3=gate.endpoint,
        S3_TIMEOUT="1s",
        OUTAGE_AFTER="0",
        is_awaited=False,
    )
    requester = connect(worker)
    requester.inbox(results).result(correlation_id="c").expect_failure(503, "storage_unavailable")
    letter = requester.inbox(operator.topology.dead).dead_letter("c")
    letter.expect_dead_letter(queue, "storage_unavailable", attempts=17)
    assert operator.count(queue) == 0
    name = "upload_worker_request_duration_seconds"
    until(lambda: value(worker, f"{name}_count", request="start") == 1, "the settlement")
    assert value(worker, f"{name}_sum", request="start") >= 1, "without the tries before"


def test_a_store_that_says_nothing(failing: Callable[..., Requester], gate: StoreGate) -> None:
    requester = failing(RETRY_DELAYS="100ms", OUTAGE_AFTER="0", S3_TIMEOUT="1s")
    gate.hold_requests()
    result, letter = fail(requester, requests.start(), timeout=60)
    result.expect_failure(503, "storage_unavailable")
    letter.expect_dead_letter(requester.topology.request_queue("start"), "storage_unavailable", attempts=2)


@pytest.mark.parametrize("via_default_exchange", [False, True])
def test_a_store_that_comes_back(
    failing: Callable[..., Requester], gate: StoreGate, via_default_exchange: bool
) -> None:
    requester = failing(RETRY_DELAYS="200ms,1s,1m", OUTAGE_AFTER="0")
    gate.fail(503, "SlowDown")
    seen = gate.seen
    requester.send(
        "start", requests.start(), correlation_id="c", message_id="m", via_default_exchange=via_default_exchange
    )
    gate.wait_for_requests(seen + 4)  # three tries in place: the fourth comes by a retry queue
    gate.open()
    requester.replies.result(correlation_id="c").expect("upload.started")
    assert requester.ready_count(requester.topology.dead) == 0


def test_a_direct_requester_waits_for_the_retry(failing: Callable[..., Requester], gate: StoreGate) -> None:
    requester = failing(RETRY_DELAYS="200ms,1s,1m", OUTAGE_AFTER="0")
    gate.fail(503, "SlowDown")
    seen = gate.seen
    replies = requester.send_direct("start", requests.start())
    gate.wait_for_requests(seen + 4)
    gate.open()
    replies.result().expect("upload.started")


def test_every_kind_is_retried_to_its_own_queue(
    failing: Callable[..., Requester], gate: StoreGate, store: Store
) -> None:
    requester = failing(RETRY_DELAYS="200ms,1s,1m", OUTAGE_AFTER="0")
    bodies = {}
    for kind in KINDS:
        file = requests.new_file()
        session = requester.request("start", requests.start(file)).expect("upload.started")
        bodies[kind] = requests.OF_KIND[kind](file, session["upload_id"]) if kind != "start" else requests.start()
        if kind == "complete":
            bodies[kind]["parts"] = store.put_parts(session["presigned_urls"], [b"x"])
    gate.fail(503, "SlowDown")
    seen = gate.seen
    for kind, body in bodies.items():
        requester.send(kind, body, correlation_id=kind)
    gate.wait_for_requests(seen + 4 * 3 + 1)
    gate.open()
    types = {result.correlation_id: result.type for result in requester.replies.results(4)}
    assert types == {
        "start": "upload.started",
        "complete": "upload.completed",
        "resume": "upload.resumed",
        "abort": "upload.aborted",
    }


def test_forged_attempts_change_nothing(failing: Callable[..., Requester], gate: StoreGate) -> None:
    requester = failing(RETRY_DELAYS="100ms", OUTAGE_AFTER="0")
    gate.fail(503, "SlowDown")
    for forged in (-1, 2**62, "many", None, [1]):
        headers = {"upload-attempts": forged, "upload-retries": forged, "upload-first-failed-at": forged}
        result, letter = fail(requester, requests.start(), headers=headers)
        result.expect_failure(503, "storage_unavailable")
        assert 1 <= letter.headers["upload-attempts"] <= 2**62 + 2


@pytest.fixture
def sent(failing: Callable[..., Requester], store: Store) -> Sent:
    """A requester, and a complete request for a session whose only part has been sent."""
    requester = failing(RETRY_DELAYS="200ms,1s,1m", OUTAGE_AFTER="0")
    file = requests.new_file()
    session = requester.request("start", requests.start(file)).expect("upload.started")
    parts = store.put_parts(session["presigned_urls"], [file["file_id"].encode()])
    return requester, requests.complete(file, session["upload_id"], parts), session


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "NoSuchUpload"), (500, "InternalError"), (400, "InvalidPart")],
    ids=["as MinIO", "as Ceph", "as nobody known"],
)
def test_a_complete_whose_answer_is_lost(sent: Sent, gate: StoreGate, store: Store, status: int, code: str) -> None:
    """The store has made the object, the worker has not heard of it, and asked again the store knows no such upload."""
    requester, body, session = sent
    gate.lose_answers()
    requester.send("complete", body, correlation_id="c")
    gate.wait_for_lost(1)
    gate.fail(status, code, method="POST")
    result = requester.replies.result(correlation_id="c").expect("upload.completed")
    head = store.head(session["key"])
    assert head is not None
    assert (result["etag"], result["filesize"]) == (head["ETag"].strip('"'), 36)


def test_a_complete_that_never_reached_the_store(sent: Sent, gate: StoreGate, store: Store) -> None:
    """An older object under the same key is not mistaken for this upload's."""
    requester, body, session = sent
    store.client.put_object(Bucket=store.bucket, Key=session["key"], Body=body["file_id"].encode())
    gate.fail(500, "InternalError", method="POST")
    seen = gate.seen
    requester.send("complete", body, correlation_id="c")
    gate.wait_for_requests(seen + 4)
    gate.open()
    result = requester.replies.result(correlation_id="c").expect("upload.completed")
    assert result["etag"].endswith("-1"), "the object of before was taken for the upload's"


def test_a_start_whose_answer_is_lost(failing: Callable[..., Requester], gate: StoreGate, store: Store) -> None:
    requester = failing()
    file = requests.new_file()
    gate.lose_answers()
    requester.send("start", requests.start(file), correlation_id="c")
    gate.wait_for_lost(1)
    gate.open()
    session = requester.replies.result(correlation_id="c").expect("upload.started")
    assert session["upload_id"] in store.open_uploads(session["key"])
    again = requester.request("start", requests.start(file)).expect("upload.started")
    assert again["upload_id"] == session["upload_id"]
