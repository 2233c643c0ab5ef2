"""complete: the parts become an object."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from harness import requests
from harness.messages import Result
from harness.requester import Requester
from harness.store import PART, Store
from harness.types import Started

TWO_PARTS = [bytes([1]) * PART, b"the end"]


def begin(requester: Requester, store: Store, parts: list[bytes], **fields: Any) -> tuple[Result, dict[str, Any]]:
    """A session with its parts sent, and the complete request for it."""
    file = requests.new_file()
    session = requester.request("start", requests.start(file, len(parts), **fields)).expect("upload.started")
    sent = store.put_parts(session["presigned_urls"], parts)
    return session, requests.complete(file, session["upload_id"], sent)


def test_makes_the_object(requester: Requester, store: Store) -> None:
    session, body = begin(requester, store, TWO_PARTS, content_type="video/mp4")
    result = requester.request("complete", body).expect("upload.completed")

    assert {name: result[name] for name in ("id", "file_id", "user_id", "upload_id", "key", "content_type")} == {
        "id": body["file_id"],
        "file_id": body["file_id"],
        "user_id": body["user_id"],
        "upload_id": session["upload_id"],
        "key": session["key"],
        "content_type": "video/mp4",
    }
    head = store.head(session["key"])
    assert head is not None
    assert result["filesize"] == head["ContentLength"] == PART + len(b"the end")
    assert result["etag"] == head["ETag"].strip('"')
    assert result["location"].endswith(session["key"])
    assert head["ContentType"] == "video/mp4"
    assert uuid.UUID(head["Metadata"]["upload-session"])
    assert store.object_bytes(session["key"]) == b"".join(TWO_PARTS)
    assert store.open_uploads(session["key"]) == []


def test_one_small_part_is_enough(requester: Requester, store: Store) -> None:
    session, body = begin(requester, store, [b"x"])
    assert requester.request("complete", body).expect("upload.completed")["filesize"] == 1
    assert store.object_bytes(session["key"]) == b"x"


def test_without_content_type(requester: Requester, store: Store) -> None:
    session, body = begin(requester, store, [b"x"])
    assert requester.request("complete", body).expect("upload.completed")["content_type"] == "application/octet-stream"
    head = store.head(session["key"])
    assert head is not None and head["ContentType"] == "application/octet-stream"


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body | {"parts": [part | {"etag": part["etag"].strip('"')} for part in body["parts"]]},
        lambda body: body | {"parts": [part | {"etag": f'"{part["etag"].strip(chr(34))}"'} for part in body["parts"]]},
        lambda body: body | {"parts": body["parts"][::-1]},
        lambda body: body | {"parts": [part | {"part_number": float(part["part_number"])} for part in body["parts"]]},
        lambda body: body | {"parts": [part | {"size": "unknown", "checksum": None} for part in body["parts"]]},
        lambda body: body | {"part_count": len(body["parts"])},
        lambda body: body | {"part_count": float(len(body["parts"]))},
        lambda body: body | {"part_count": None},
        lambda body: body | {"version": 1, "content_type": 7},
    ],
    ids=[
        "ETags without quotes",
        "ETags with quotes",
        "parts in descending order",
        "part numbers with a point",
        "unknown fields in a part",
        "part_count",
        "part_count with a point",
        "part_count null",
        "unknown fields",
    ],
)
def test_ways_to_write_it(
    requester: Requester, store: Store, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    _, body = begin(requester, store, TWO_PARTS)
    assert requester.request("complete", change(body)).expect("upload.completed")["filesize"] == PART + 7


@pytest.mark.parametrize(
    "parts",
    [requests.listed(1), requests.listed(3), requests.listed(3)[1:], [*requests.listed(2), *requests.listed(1)]],
    ids=["one is missing", "one too many", "the first is missing", "one twice"],
)
def test_every_part_of_the_session_exactly_once(
    requester: Requester, started: Started, parts: list[dict[str, Any]]
) -> None:
    file = requests.new_file()
    session = started(requests.start(file, part_count=2))
    result = requester.exchange("complete", requests.complete(file, session["upload_id"], parts))
    result.expect_failure(400, "invalid_parts", "parts")
    assert result["upload_id"] == session["upload_id"]


def test_a_part_that_was_never_sent(requester: Requester, started: Started) -> None:
    file = requests.new_file()
    session = started(requests.start(file, part_count=1))
    body = requests.complete(file, session["upload_id"])
    requester.request("complete", body).expect_failure(400, "part_mismatch")


def test_another_etag_and_then_the_right_one(requester: Requester, store: Store) -> None:
    _, body = begin(requester, store, TWO_PARTS)
    wrong = body | {"parts": [body["parts"][0], body["parts"][1] | {"etag": "0" * 32}]}
    failure = requester.request("complete", wrong).expect_failure(400, "part_mismatch")
    assert failure["upload_id"] == body["upload_id"]
    assert failure["request"] == "complete"
    requester.request("complete", body).expect("upload.completed")


def test_a_part_sent_again(requester: Requester, store: Store, started: Started) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    store.put_part(session["presigned_urls"][0], b"first")
    second = store.put_part(session["presigned_urls"][0], b"second")
    body = requests.complete(file, session["upload_id"], [{"part_number": 1, "etag": second}])
    requester.request("complete", body).expect("upload.completed")
    assert store.object_bytes(session["key"]) == b"second"


def test_a_part_that_is_too_small(requester: Requester, store: Store) -> None:
    session, body = begin(requester, store, [b"small", b"small too"])
    requester.request("complete", body).expect_failure(400, "part_too_small")

    first = store.put_part(session["presigned_urls"][0], TWO_PARTS[0])
    again = body | {"parts": [{"part_number": 1, "etag": first}, body["parts"][1]]}
    requester.request("complete", again).expect("upload.completed")


@pytest.mark.parametrize("upload_id", ["unknown-upload", "no upload/id at all ?&=é", "x" * 1024])
def test_an_upload_that_nobody_knows(requester: Requester, upload_id: str) -> None:
    body = requests.complete(upload_id=upload_id)
    result = requester.request("complete", body).expect_failure(404, "upload_not_found")
    assert (result["file_id"], result["user_id"]) == (body["file_id"], body["user_id"])


def test_another_user_has_no_such_upload(requester: Requester, store: Store) -> None:
    _, body = begin(requester, store, [b"mine"])
    stranger = body | {"user_id": "stranger"}
    requester.request("complete", stranger).expect_failure(404, "upload_not_found")
    requester.request("complete", body).expect("upload.completed")


def test_the_upload_of_another_file(requester: Requester, store: Store, started: Started) -> None:
    _, body = begin(requester, store, [b"mine"])
    other = requests.new_file()
    started(requests.start(other))
    requester.request("complete", body | other).expect_failure(409, "upload_conflict")
    requester.request("complete", body).expect("upload.completed")


@pytest.mark.parametrize("kind", ["complete", "resume"])
def test_an_upload_that_is_gone_from_the_store(requester: Requester, store: Store, started: Started, kind: str) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    store.abort(session["key"], session["upload_id"])
    body = requests.OF_KIND[kind](file, session["upload_id"])
    requester.request(kind, body).expect_failure(404, "upload_not_found")

    fresh = started(requests.start(file))
    assert fresh["upload_id"] != session["upload_id"]
    assert store.open_uploads(fresh["key"]) == [fresh["upload_id"]]


def test_a_start_finds_its_upload_gone_from_the_store(store: Store, started: Started) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    store.abort(session["key"], session["upload_id"])
    fresh = started(requests.start(file))
    assert fresh["upload_id"] != session["upload_id"]
    assert store.open_uploads(fresh["key"]) == [fresh["upload_id"]]
    store.put_part(fresh["presigned_urls"][0], b"x")


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("start", 409, "already_completed"), ("resume", 409, "already_completed"), ("abort", 409, "already_completed")],
)
def test_after_completion(requester: Requester, store: Store, kind: str, status: int, code: str) -> None:
    session, body = begin(requester, store, [b"x"])
    requester.request("complete", body).expect("upload.completed")
    file = {"file_id": body["file_id"], "user_id": body["user_id"]}
    later = requests.start(file) if kind == "start" else requests.OF_KIND[kind](file, session["upload_id"])
    requester.request(kind, later).expect_failure(status, code)
    assert store.object_bytes(session["key"]) == b"x"


def test_another_upload_id_after_completion(requester: Requester, store: Store) -> None:
    _, body = begin(requester, store, [b"x"])
    requester.request("complete", body).expect("upload.completed")
    other = body | {"upload_id": "another-upload"}
    requester.request("complete", other).expect_failure(409, "upload_conflict")
