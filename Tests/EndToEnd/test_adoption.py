"""A lost database loses no upload: what the store knows is adopted and served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from harness import requests
from harness.database import lose_sessions
from harness.messages import Result
from harness.requester import Requester
from harness.store import PART, Store
from harness.types import Connect, Launch
from harness.worker import Worker


@dataclass
class Amnesia:
    """A worker whose sessions can be lost."""

    worker: Worker
    requester: Requester

    def forget(self) -> None:
        assert self.worker.terminate() == 0
        lose_sessions(self.worker)
        self.worker.start().wait_until_ready()


@pytest.fixture
def amnesia(launch: Launch, connect: Connect) -> Amnesia:
    worker = launch(MAX_PART_COUNT="7")
    return Amnesia(worker, connect(worker))


def begin(amnesia: Amnesia, part_count: int = 2) -> tuple[dict[str, Any], Result]:
    file = requests.new_file()
    body = requests.start(file, part_count, content_type="image/png")
    return file, amnesia.requester.request("start", body).expect("upload.started")


def test_complete(amnesia: Amnesia, store: Store) -> None:
    file, session = begin(amnesia)
    parts = store.put_parts(session["presigned_urls"], [b"1" * PART, b"2"])
    amnesia.forget()
    body = requests.complete(file, session["upload_id"], parts)
    result = amnesia.requester.request("complete", body).expect("upload.completed")

    assert (result["key"], result["filesize"], result["content_type"]) == (session["key"], PART + 1, "image/png")
    assert amnesia.requester.request("complete", body).expect("upload.completed").body == result.body
    start = requests.start(file)
    amnesia.requester.request("start", start).expect_failure(409, "already_completed")


def test_complete_of_what_another_program_has_opened(requester: Requester, store: Store) -> None:
    """The type that it gave is told as the store has it, whatever that is."""
    file = requests.new_file()
    place = {"Bucket": store.bucket, "Key": f"users/{file['user_id']}/{file['file_id']}"}
    upload_id = store.client.create_multipart_upload(**place, ContentType="Image/PNG; Name=x")["UploadId"]
    part = store.client.upload_part(**place, UploadId=upload_id, PartNumber=1, Body=b"1")
    parts = [{"part_number": 1, "etag": part["ETag"]}]
    body = requests.complete(file, upload_id, parts)
    result = requester.request("complete", body).expect("upload.completed")
    assert result["content_type"] == "Image/PNG; Name=x"


def test_resume(amnesia: Amnesia, store: Store) -> None:
    file, session = begin(amnesia)
    first = store.put_part(session["presigned_urls"][0], b"1" * PART)
    amnesia.forget()
    resumed = amnesia.requester.request("resume", requests.resume(file, session["upload_id"])).expect("upload.resumed")

    assert (resumed["upload_id"], resumed["key"]) == (session["upload_id"], session["key"])
    assert (resumed["part_count"], resumed["content_type"]) == (7, None)
    assert len(resumed["presigned_urls"]) == 7
    assert [(part["part_number"], part["size"]) for part in resumed["uploaded_parts"]] == [(1, PART)]

    second = store.put_part(resumed["presigned_urls"][1], b"2")
    parts = [{"part_number": 1, "etag": first}, {"part_number": 2, "etag": second}]
    body = requests.complete(file, session["upload_id"], parts)
    result = amnesia.requester.request("complete", body).expect("upload.completed")
    assert result["content_type"] == "image/png"
    assert store.object_bytes(session["key"]) == b"1" * PART + b"2"


def test_abort(amnesia: Amnesia, store: Store) -> None:
    file, session = begin(amnesia)
    amnesia.forget()
    body = requests.abort(file, session["upload_id"])
    aborted = amnesia.requester.request("abort", body).expect("upload.aborted")
    assert (aborted["upload_id"], aborted["key"]) == (session["upload_id"], session["key"])
    assert store.open_uploads(session["key"]) == []
    amnesia.requester.request("abort", body).expect("upload.aborted")


def test_start_opens_a_new_session(amnesia: Amnesia) -> None:
    file, session = begin(amnesia)
    amnesia.forget()
    again = amnesia.requester.request("start", requests.start(file, part_count=3)).expect("upload.started")
    assert again["upload_id"] != session["upload_id"]
    assert again["part_count"] == 3


def test_nobody_else_adopts_it(amnesia: Amnesia, store: Store) -> None:
    file, session = begin(amnesia)
    amnesia.forget()
    for other in (file | {"user_id": "stranger"}, requests.new_file()):
        for kind in ("resume", "abort", "complete"):
            body = requests.OF_KIND[kind](other, session["upload_id"])
            amnesia.requester.request(kind, body).expect_failure(404, "upload_not_found")
    assert store.open_uploads(session["key"]) == [session["upload_id"]]


def test_a_gap_in_an_adopted_uploads_parts(amnesia: Amnesia) -> None:
    file, session = begin(amnesia, part_count=3)
    amnesia.forget()
    parts = [part for part in requests.listed(3) if part["part_number"] != 2]
    body = requests.complete(file, session["upload_id"], parts)
    amnesia.requester.exchange("complete", body).expect_failure(400, "invalid_parts", "parts")


def test_a_completed_upload_that_was_forgotten(amnesia: Amnesia, store: Store) -> None:
    """Completed, answered, and then the database is lost: the repeated request must not be told another story."""
    file, session = begin(amnesia, part_count=1)
    body = requests.complete(file, session["upload_id"], store.put_parts(session["presigned_urls"], [b"x"]))
    amnesia.requester.request("complete", body).expect("upload.completed")
    amnesia.forget()
    again = amnesia.requester.request("complete", body)
    assert again.type == "upload.completed" or again["error"]["code"] == "upload_not_found"
    assert store.object_bytes(session["key"]) == b"x"


def test_a_completed_upload_beside_another_session(amnesia: Amnesia, store: Store) -> None:
    """The file was started anew; of the first upload's completion the worker hears nothing until it is asked for it."""
    file, session = begin(amnesia, part_count=1)
    parts = store.put_parts(session["presigned_urls"], [b"x"])
    amnesia.forget()
    newer = amnesia.requester.request("start", requests.start(file, part_count=1)).expect("upload.started")
    named = [{"PartNumber": part["part_number"], "ETag": part["etag"]} for part in parts]
    store.client.complete_multipart_upload(
        Bucket=store.bucket, Key=session["key"], UploadId=session["upload_id"], MultipartUpload={"Parts": named}
    )
    body = requests.complete(file, session["upload_id"], parts)
    result = amnesia.requester.request("complete", body).expect("upload.completed")
    assert (result["upload_id"], result["filesize"]) == (session["upload_id"], 1)

    other = requests.complete(file, session["upload_id"] + "x", [{"part_number": 1, "etag": "0" * 32}])
    amnesia.requester.request("complete", other).expect_failure(409, "upload_conflict")
    amnesia.requester.request("abort", requests.abort(file, newer["upload_id"])).expect("upload.aborted")


def test_another_uploads_object_is_nobody_elses(amnesia: Amnesia, store: Store) -> None:
    """The parts alone are no proof where the object names a session that is known."""
    file, session = begin(amnesia, part_count=1)
    parts = store.put_parts(session["presigned_urls"], [b"x"])
    amnesia.requester.request("complete", requests.complete(file, session["upload_id"], parts)).expect(
        "upload.completed"
    )
    other = requests.complete(file, session["upload_id"] + "x", parts)
    amnesia.requester.request("complete", other).expect_failure(409, "upload_conflict")
