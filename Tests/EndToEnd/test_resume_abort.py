"""resume: fresh URLs and what is there already; abort: the session's end."""

from __future__ import annotations

import pytest

from harness import requests
from harness.requester import Requester
from harness.store import PART, Store
from harness.types import Started


def test_resume_tells_what_is_there(requester: Requester, started: Started, store: Store) -> None:
    file = requests.new_file()
    session = started(requests.start(file, part_count=3, content_type="video/webm"))
    etag = store.put_part(session["presigned_urls"][1], b"second")
    resumed = requester.request("resume", requests.resume(file, session["upload_id"])).expect("upload.resumed")

    changing = {"type", "presigned_urls", "expires_at", "uploaded_parts"}
    assert requests.without(resumed.body, *changing) == requests.without(session.body, *changing)
    assert set(resumed.body) == set(session.body) | {"uploaded_parts"}
    assert resumed["expires_at"] >= session["expires_at"]
    assert [part | {"etag": part["etag"].strip('"')} for part in resumed["uploaded_parts"]] == [
        {"part_number": 2, "etag": etag.strip('"'), "size": 6}
    ]


def test_resume_of_nothing_yet(requester: Requester, started: Started) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    resumed = requester.request("resume", requests.resume(file, session["upload_id"])).expect("upload.resumed")
    assert resumed["uploaded_parts"] == []


def test_resumed_parts_complete_the_upload(requester: Requester, started: Started, store: Store) -> None:
    file = requests.new_file()
    session = started(requests.start(file, part_count=2))
    store.put_part(session["presigned_urls"][0], b"1" * PART)
    resumed = requester.request("resume", requests.resume(file, session["upload_id"])).expect("upload.resumed")
    store.put_part(resumed["presigned_urls"][1], b"2")
    again = requester.request("resume", requests.resume(file, session["upload_id"])).expect("upload.resumed")
    assert [part["size"] for part in again["uploaded_parts"]] == [PART, 1]

    body = requests.complete(file, session["upload_id"], again["uploaded_parts"])  # sizes are ignored
    requester.request("complete", body).expect("upload.completed")
    assert store.object_bytes(session["key"]) == b"1" * PART + b"2"


def test_abort_ends_it(requester: Requester, started: Started, store: Store) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    etag = store.put_part(session["presigned_urls"][0], b"x")
    aborted = requester.request("abort", requests.abort(file, session["upload_id"])).expect("upload.aborted")

    assert set(aborted.body) == {"version", "type", "id", "file_id", "user_id", "upload_id", "key"}
    assert (aborted["file_id"], aborted["user_id"]) == (file["file_id"], file["user_id"])
    assert (aborted["upload_id"], aborted["key"]) == (session["upload_id"], session["key"])
    assert store.open_uploads(session["key"]) == []
    assert store.put(session["presigned_urls"][0], b"late").status == 404
    body = requests.complete(file, session["upload_id"], [{"part_number": 1, "etag": etag}])
    requester.request("complete", body).expect_failure(410, "upload_aborted")
    requester.request("resume", requests.resume(file, session["upload_id"])).expect_failure(410, "upload_aborted")


def test_abort_of_an_upload_that_is_gone_from_the_store(requester: Requester, started: Started, store: Store) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    store.abort(session["key"], session["upload_id"])
    requester.request("abort", requests.abort(file, session["upload_id"])).expect("upload.aborted")
    assert started(requests.start(file))["upload_id"] != session["upload_id"]


@pytest.mark.parametrize("kind", ["resume", "abort"])
def test_an_upload_that_nobody_knows(requester: Requester, kind: str) -> None:
    result = requester.request(kind, requests.OF_KIND[kind]()).expect_failure(404, "upload_not_found")
    assert result["request"] == kind


@pytest.mark.parametrize("kind", ["resume", "abort"])
def test_another_upload_id(requester: Requester, started: Started, store: Store, kind: str) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    requester.request(kind, requests.OF_KIND[kind](file, "another-upload")).expect_failure(409, "upload_conflict")
    assert store.open_uploads(session["key"]) == [session["upload_id"]]


@pytest.mark.parametrize("kind", ["resume", "abort"])
def test_another_user(requester: Requester, started: Started, store: Store, kind: str) -> None:
    file = requests.new_file()
    session = started(requests.start(file))
    stranger = requests.OF_KIND[kind](file | {"user_id": "stranger"}, session["upload_id"])
    requester.request(kind, stranger).expect_failure(404, "upload_not_found")
    assert store.open_uploads(session["key"]) == [session["upload_id"]]
