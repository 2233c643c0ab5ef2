"""Sessions whose time is over."""

from __future__ import annotations

import pytest

from harness import requests
from harness.store import Store
from harness.types import Connect, Launch
from harness.waiting import until

SWEEP = 100  # seconds: the contract sets no time for it


@pytest.mark.timeout(200)
def test_a_session_expires(launch: Launch, connect: Connect, store: Store) -> None:
    requester = connect(launch(URL_EXPIRY="1s", EXPIRY_GRACE="1s", MIN_URL_LIFE="1s"))
    results = requester.inbox(requester.topology.results)
    file = requests.new_file()
    session = requester.request("start", requests.start(file)).expect("upload.started")

    expired = results.result(timeout=SWEEP).expect("upload.expired")
    assert (expired.message.exchange, expired.message.routing_key) == (requester.topology.results, "expired")
    assert set(expired.body) == {"version", "type", "id", "file_id", "user_id", "upload_id", "key", "started_at"}
    assert (expired["file_id"], expired["user_id"]) == (file["file_id"], file["user_id"])
    assert (expired["upload_id"], expired["key"]) == (session["upload_id"], session["key"])
    assert expired["started_at"] <= session["expires_at"]
    assert store.open_uploads(session["key"]) == []

    body = requests.complete(file, session["upload_id"])
    requester.request("complete", body).expect_failure(410, "upload_expired")
    requester.request("resume", requests.resume(file, session["upload_id"])).expect_failure(410, "upload_expired")
    requester.request("abort", requests.abort(file, session["upload_id"])).expect("upload.aborted")
    again = requester.request("start", requests.start(file)).expect("upload.started")
    assert again["upload_id"] != session["upload_id"]


@pytest.mark.timeout(200)
def test_a_results_queue_that_was_deleted_is_declared_again(launch: Launch, connect: Connect) -> None:
    requester = connect(launch(URL_EXPIRY="1s", EXPIRY_GRACE="1s", MIN_URL_LIFE="1s"))
    session = requester.request("start", requests.start()).expect("upload.started")
    requester.channel.queue_delete(requester.topology.results)
    until(lambda: requester.exists(requester.topology.results), "the queue", SWEEP)
    expired = requester.inbox(requester.topology.results).result(timeout=SWEEP).expect("upload.expired")
    assert expired["upload_id"] == session["upload_id"]
