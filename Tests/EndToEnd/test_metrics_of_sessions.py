"""Metrics of what the sweep ends and of how long URLs live: each is caused, and its value read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from harness import requests
from harness.gate import StoreGate
from harness.metrics import value
from harness.store import Store
from harness.types import Connect, Launch
from harness.waiting import until

SWEPT = "upload_worker_sweep_ended_total"
SHORTENED = "upload_worker_url_life_shortened_total"
TOO_SHORT = "upload_worker_url_life_too_short_total"
LIFE = {"URL_EXPIRY": "3s", "EXPIRY_GRACE": "0s", "MIN_URL_LIFE": "0s"}
SWEEP = 60  # seconds


@pytest.mark.timeout(200)
def test_what_the_sweep_ends(launch: Launch, connect: Connect, store: Store) -> None:
    worker = launch(**LIFE)
    requester = connect(worker)
    completed = requester.request("start", requests.start()).expect("upload.started")
    place = {"Bucket": store.bucket, "Key": completed["key"], "UploadId": completed["upload_id"]}
    etag = store.put_part(completed["presigned_urls"][0], b"x")
    store.client.complete_multipart_upload(
        **place, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
    )
    for _ in range(2):
        requester.request("start", requests.start()).expect("upload.started")
    until(lambda: value(worker, SWEPT, outcome="expired") == 2, "two that expired", SWEEP)
    until(lambda: value(worker, SWEPT, outcome="completed") == 1, "one that was completed", SWEEP)
    assert value(worker, SWEPT, outcome="failed") == value(worker, SWEPT, outcome="stray") == 0


@pytest.mark.timeout(200)
def test_what_the_sweep_cannot_end(launch: Launch, connect: Connect, gate: StoreGate) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint, **LIFE)
    gate.fail(503, "SlowDown", "DELETE")
    connect(worker).request("start", requests.start()).expect("upload.started")
    until(lambda: value(worker, SWEPT, outcome="failed") >= 1, "a sweep that fails", SWEEP)
    assert value(worker, SWEPT, outcome="expired") == 0
    repeated = {"operation": "AbortMultipartUpload", "code": "SlowDown"}
    assert value(worker, "upload_worker_s3_retries_total", **repeated) >= 2
    gate.open()
    until(lambda: value(worker, SWEPT, outcome="expired") == 1, "the next", SWEEP)


@pytest.mark.timeout(200)
def test_a_stray_that_the_sweep_ends(launch: Launch, connect: Connect, gate: StoreGate) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint)
    requester = connect(worker)
    gate.hold_answers()
    requester.send("start", requests.start(), correlation_id="held")
    gate.wait_for_held(1)
    worker.kill()
    gate.open()
    worker.environment |= LIFE
    worker.start().wait_until_ready()
    requester.replies.result(correlation_id="held").expect("upload.started")
    until(lambda: value(worker, SWEPT, outcome="stray") == 1, "the stray", SWEEP)
    until(lambda: value(worker, SWEPT, outcome="expired") == 1, "the session", SWEEP)


def ending_in(minutes: int) -> dict[str, str]:
    return {"AWS_CREDENTIAL_EXPIRATION": (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")}


@pytest.mark.parametrize(
    ("changed", "shortened", "too_short"),
    [
        (lambda: {}, 0, 0),
        (lambda: ending_in(120), 2, 0),
        (lambda: ending_in(120) | {"URL_EXPIRY": "1h"}, 0, 0),
        (lambda: ending_in(10), 2, 2),
        (lambda: ending_in(10) | {"URL_EXPIRY": "5m"}, 0, 0),
    ],
    ids=["no end", "role", "role and short URLs", "about to end", "about to end and short URLs"],
)
def test_urls_that_end_early(
    launch: Launch, connect: Connect, changed: Callable[[], dict[str, str]], shortened: int, too_short: int
) -> None:
    worker = launch(**changed())
    requester = connect(worker)
    for _ in range(2):
        requester.request("start", requests.start()).expect("upload.started")
    assert (value(worker, SHORTENED), value(worker, TOO_SHORT)) == (shortened, too_short)
