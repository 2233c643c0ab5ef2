"""Repeating a request is safe, and a repeated answer is recognised by its message_id."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from harness import requests
from harness.requester import Requester
from harness.store import Store
from harness.types import Started


def test_start_again_gives_the_same_upload(started: Started, store: Store) -> None:
    body = requests.start(part_count=3, content_type="image/png")
    first, second = started(body), started(body)

    changing = {"presigned_urls", "expires_at"}
    assert requests.without(second.body, *changing) == requests.without(first.body, *changing)
    assert second["expires_at"] >= first["expires_at"]
    assert store.open_uploads(first["key"]) == [first["upload_id"]]


def test_urls_of_a_repeated_start_work(requester: Requester, started: Started, store: Store) -> None:
    file = requests.new_file()
    started(requests.start(file))
    session = started(requests.start(file))
    parts = store.put_parts(session["presigned_urls"], [b"late"])
    requester.request("complete", requests.complete(file, session["upload_id"], parts)).expect("upload.completed")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"content_type": "IMAGE/PNG"}, {"content_type": "image/png"}),
        ({}, {"content_type": None}),
        ({"part_count": 2}, {"part_count": 2.0}),
    ],
)
def test_the_same_start_written_otherwise(started: Started, first: dict[str, Any], second: dict[str, Any]) -> None:
    file = requests.new_file()
    one, other = started(requests.start(file, **first)), started(requests.start(file, **second))
    assert one["upload_id"] == other["upload_id"]


@pytest.mark.parametrize(
    "change",
    [{"part_count": 3}, {"part_count": 1}, {"content_type": "image/png"}, {"content_type": None}],
    ids=["more parts", "fewer parts", "another content type", "no content type"],
)
def test_an_open_session_is_not_changed(requester: Requester, started: Started, change: dict[str, Any]) -> None:
    body = requests.start(part_count=2, content_type="image/jpeg")
    session = started(body)
    requester.request("start", body | change).expect_failure(409, "file_conflict")
    assert started(body)["upload_id"] == session["upload_id"]


def test_complete_again_gives_the_same_result(requester: Requester, started: Started, store: Store) -> None:
    file = requests.new_file()
    session = started(requests.start(file, content_type="image/gif"))
    body = requests.complete(file, session["upload_id"], store.put_parts(session["presigned_urls"], [b"x"]))
    first = requester.request("complete", body).expect("upload.completed")
    assert requester.request("complete", body).expect("upload.completed").body == first.body


def test_complete_again_after_the_object_is_gone(requester: Requester, started: Started, store: Store) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    body = requests.complete(file, session["upload_id"], store.put_parts(session["presigned_urls"], [b"x"]))
    first = requester.request("complete", body).expect("upload.completed")
    store.client.delete_object(Bucket=store.bucket, Key=session["key"])
    assert requester.request("complete", body).expect("upload.completed").body == first.body


def test_abort_again_says_aborted(requester: Requester, started: Started) -> None:
    file = requests.new_file()
    body = requests.abort(file, started(requests.start(file))["upload_id"])
    first = requester.request("abort", body).expect("upload.aborted")
    assert requester.request("abort", body).expect("upload.aborted").body == first.body


@pytest.mark.parametrize("kind", ["start", "complete", "resume", "abort"])
def test_one_request_twice_has_one_result_id(requester: Requester, started: Started, store: Store, kind: str) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    bodies = {
        "start": requests.start(file),
        "complete": requests.complete(file, session["upload_id"], store.put_parts(session["presigned_urls"], [b"x"])),
        "resume": requests.resume(file, session["upload_id"]),
        "abort": requests.abort(file, session["upload_id"]),
    }
    identity = str(uuid.uuid4())
    first, second = (requester.request(kind, bodies[kind], message_id=identity) for _ in range(2))
    assert first.type == second.type != "upload.failed"
    assert first.message_id == second.message_id


def test_a_failure_twice_has_one_result_id(requester: Requester) -> None:
    body = requests.complete()
    first, second = (requester.request("complete", body, message_id="m-1") for _ in range(2))
    first.expect_failure(404, "upload_not_found")
    assert first.message_id == second.message_id


def test_a_malformed_request_twice_has_one_result_id(requester: Requester) -> None:
    first, second = (requester.exchange("start", b"no", message_id="m-2") for _ in range(2))
    first.expect_failure(400, "malformed_message")
    assert first.message_id == second.message_id


def test_two_requests_have_two_result_ids(requester: Requester) -> None:
    body = requests.start()
    results = [requester.request("start", body, message_id=f"{body['file_id']}-{n}") for n in range(2)]
    assert results[0].message_id != results[1].message_id


def test_one_message_id_for_two_kinds_has_two_result_ids(requester: Requester) -> None:
    identity = str(uuid.uuid4())
    file = requests.new_file()
    resumed = requester.request("resume", requests.resume(file), message_id=identity)
    aborted = requester.request("abort", requests.abort(file), message_id=identity)
    assert resumed.type == aborted.type == "upload.failed"
    assert resumed.message_id != aborted.message_id


def test_a_start_after_an_abort_opens_a_new_session(requester: Requester, started: Started, store: Store) -> None:
    file = requests.new_file()
    first = started(requests.start(file))
    requester.request("abort", requests.abort(file, first["upload_id"])).expect("upload.aborted")
    second = started(requests.start(file, part_count=2, content_type="image/png"))

    assert second["upload_id"] != first["upload_id"]
    assert (second["part_count"], second["content_type"]) == (2, "image/png")
    assert store.open_uploads(second["key"]) == [second["upload_id"]]
    # The old upload id is still an aborted session of this file, not a conflict with the new one.
    requester.request("abort", requests.abort(file, first["upload_id"])).expect("upload.aborted")
    requester.request("resume", requests.resume(file, first["upload_id"])).expect_failure(410, "upload_aborted")


def test_a_start_anew_is_told_from_the_one_aborted(requester: Requester, started: Started) -> None:
    """The same bytes and no message_id: a reader that drops what it has seen must see the second upload."""
    file = requests.new_file()
    body = requests.start(file)
    first = requester.request("start", body, correlation_id="same").expect("upload.started")
    repeated = requester.request("start", body, correlation_id="same").expect("upload.started")
    requester.request("abort", requests.abort(file, first["upload_id"])).expect("upload.aborted")
    second = requester.request("start", body, correlation_id="same").expect("upload.started")
    assert first["upload_id"] == repeated["upload_id"] != second["upload_id"]
    assert first.message_id == repeated.message_id != second.message_id
