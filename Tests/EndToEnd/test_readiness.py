"""A worker is ready when the store serves it, not when it only answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from harness import requests
from harness.gate import StoreGate
from harness.requester import taking_requests
from harness.store import Store
from harness.store_proxy import StoreProxy
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

DENIED = (403, "AccessDenied")


@pytest.fixture
def proxy(store: Store) -> Iterator[StoreProxy]:
    with StoreProxy(store.server.endpoint) as proxy:
        yield proxy


def refused(worker: Worker) -> str:
    """Why the store does not serve the worker, which never calls itself ready meanwhile."""

    def reason() -> str | None:
        assert worker.is_running, worker.log
        status, _ = worker.status("/readyz")
        assert status in (0, 503)
        unmet = worker.unmet.get("store", "") if status else ""
        return unmet if "refuses" in unmet else None

    return until(reason, "a refusal")


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("S3_BUCKET", "no-such-bucket", ["no bucket no-such-bucket", "S3_BUCKET"]),
        ("AWS_REGION", "eu-north-1", ["eu-north-1", "AWS_REGION"]),
        ("AWS_ACCESS_KEY_ID", "nobody", ["credentials", "AWS_ACCESS_KEY_ID"]),
        ("AWS_SECRET_ACCESS_KEY", "not-the-secret", ["SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"]),
    ],
)
def test_a_wrong_setting(launch: Launch, connect: Connect, setting: str, value: str, words: list[str]) -> None:
    worker = launch(is_awaited=False, **{setting: value})
    reason = refused(worker)
    assert all(word in reason for word in words), reason
    assert "not-the-secret" not in reason
    assert worker.environment["AWS_SECRET_ACCESS_KEY"] not in reason
    assert worker.status("/healthz")[0] == 200
    # What becomes of requests is another matter.
    requester = taking_requests(connect, worker)
    until(lambda: set(worker.unmet) == {"store"}, "all else")
    requester.request("start", requests.start()).expect_failure(502, "storage_rejected")
    assert set(worker.unmet) == {"store"}


def test_a_bucket_that_is_made_later(launch: Launch, connect: Connect, store: Store) -> None:
    bucket = f"later-{uuid.uuid4()}"
    worker = launch(S3_BUCKET=bucket, is_awaited=False)
    assert bucket in refused(worker)
    store.client.create_bucket(Bucket=bucket)
    worker.wait_until_ready()
    connect(worker).request("start", requests.start()).expect("upload.started")
    assert "The store serves again" in worker.log


def test_no_right_to_write(launch: Launch, proxy: StoreProxy) -> None:
    proxy.refused["POST"] = DENIED
    worker = launch(AWS_ENDPOINT_URL_S3=proxy.endpoint, is_awaited=False)
    reason = refused(worker)
    assert "AccessDenied" in reason and "s3:PutObject" in reason
    del proxy.refused["POST"]
    worker.wait_until_ready()


def test_no_right_to_ask_for_the_bucket(launch: Launch, proxy: StoreProxy) -> None:
    proxy.refused["HEAD"] = DENIED
    worker = launch(AWS_ENDPOINT_URL_S3=proxy.endpoint)
    until(lambda: proxy.methods.count("HEAD") >= 2, "two looks", timeout=60)
    assert worker.status("/readyz")[0] == 200


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (301, "PermanentRedirect", "AWS_REGION"),
        (400, "AuthorizationHeaderMalformed", "AWS_REGION"),
        (403, "AccessDenied", "s3:PutObject"),
        (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_right_that_is_taken_away(
    launch: Launch, connect: Connect, gate: StoreGate, status: int, code: str, word: str
) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint)
    requester = connect(worker)
    gate.fail(status, code)
    requester.request("start", requests.start()).expect_failure(502, "storage_rejected")
    until(lambda: set(worker.unmet) == {"store"}, "not ready")
    assert code in worker.unmet["store"] and word in worker.unmet["store"]
    gate.open()
    worker.wait_until_ready()
    requester.request("start", requests.start()).expect("upload.started")


def test_a_store_that_has_not_answered_yet(launch: Launch, gate: StoreGate) -> None:
    gate.hold_requests()
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint, is_awaited=False)
    gate.wait_for_held(1)
    until(lambda: worker.status("/readyz")[0] == 503 and set(worker.unmet) == {"store"}, "all else")
    assert worker.unmet["store"] == "the store has not answered yet"
    gate.open()
    worker.wait_until_ready()
