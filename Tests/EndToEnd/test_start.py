"""start: a session, its upload in the store, and a URL for each part."""

from __future__ import annotations

import json
import time
import uuid
from datetime import datetime
from typing import Any

import pytest

from harness import requests
from harness.requester import Requester
from harness.store import Store
from harness.types import Started
from harness.waiting import until

CONTENT_TYPES = [
    "image/jpeg", "image/png", "video/mp4", "image/heif", "image/heic", "video/quicktime",
    "image/webp", "video/3gpp", "video/webm", "image/gif", "video/x-m4v", "image/bmp",
]  # fmt: skip


def test_answers_with_the_whole_session(started: Started, store: Store) -> None:
    file = requests.new_file()
    result = started(requests.start(file, part_count=3, content_type="image/jpeg"))

    key = f"users/{file['user_id']}/{file['file_id']}"
    assert set(result.body) == {
        "version", "type", "id", "file_id", "user_id", "upload_id", "key", "part_count", "content_type",
        "presigned_urls", "expires_at",
    }  # fmt: skip
    assert (result["id"], result["file_id"], result["user_id"]) == (file["file_id"], file["file_id"], file["user_id"])
    assert (result["key"], result["part_count"], result["content_type"]) == (key, 3, "image/jpeg")
    assert len(set(result["presigned_urls"])) == 3
    assert store.open_uploads(key) == [result["upload_id"]]


def test_urls_live_for_a_day(started: Started) -> None:
    result = started(requests.start())

    assert result["expires_at"].endswith("Z")
    expires_at = datetime.fromisoformat(result["expires_at"]).timestamp()
    assert abs(expires_at - time.time() - 86_400) < 60


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_every_allowed_content_type(started: Started, content_type: str) -> None:
    assert started(requests.start(content_type=content_type))["content_type"] == content_type


@pytest.mark.parametrize(("sent", "kept"), [("IMAGE/JPEG", "image/jpeg"), ("Video/X-M4V", "video/x-m4v")])
def test_content_type_is_kept_in_lower_case(started: Started, sent: str, kept: str) -> None:
    assert started(requests.start(content_type=sent))["content_type"] == kept


@pytest.mark.parametrize("fields", [{}, {"content_type": None}], ids=["absent", "null"])
def test_without_content_type(started: Started, fields: dict[str, Any]) -> None:
    assert started(requests.start(**fields))["content_type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("sent", "read"),
    [(0, "0"), (42, "42"), (2**63 - 1, "9223372036854775807"), ("007", "007"), ("a" * 64, "a" * 64), ("...", "...")],
)
def test_user_ids(started: Started, sent: str | int, read: str) -> None:
    file = requests.new_file(user_id=sent)
    result = started(requests.start(file))

    assert result["user_id"] == read
    assert result["key"] == f"users/{read}/{file['file_id']}"


@pytest.mark.parametrize("file_id", ["{}", "{}-" + "x" * 95, "...{}", "~.-_{}", "{}".upper()])
def test_file_ids(started: Started, file_id: str) -> None:
    file_id = file_id.format(uuid.uuid4().hex)
    assert len(file_id) <= 128
    assert started(requests.start({"file_id": file_id, "user_id": "7"}))["file_id"] == file_id


@pytest.mark.parametrize(("length", "is_accepted"), [(127, True), (128, True), (129, False)])
def test_length_of_a_file_id(requester: Requester, length: int, is_accepted: bool) -> None:
    file_id = uuid.uuid4().hex + "f" * (length - 32)
    result = requester.exchange("start", {"file_id": file_id, "user_id": "7", "part_count": 1})
    assert result.type == ("upload.started" if is_accepted else "upload.failed")


@pytest.mark.parametrize("file_id", ["a", "~"])
def test_file_id_of_one_character(started: Started, file_id: str) -> None:
    user_id = uuid.uuid4().hex
    assert started({"file_id": file_id, "user_id": user_id, "part_count": 1})["key"] == f"users/{user_id}/{file_id}"


def test_files_of_two_users_do_not_meet(started: Started) -> None:
    file = requests.new_file(user_id="one")
    assert started(requests.start(file))["upload_id"] != started(requests.start(file | {"user_id": "two"}))["upload_id"]


def test_integer_and_digits_are_one_user(started: Started) -> None:
    file = requests.new_file(user_id=42)
    assert started(requests.start(file))["upload_id"] == started(requests.start(file | {"user_id": "42"}))["upload_id"]


@pytest.mark.parametrize("count", [1, 2, 19, 20])
def test_as_many_urls_as_parts(started: Started, count: int) -> None:
    result = started(requests.start(part_count=count))
    assert result["part_count"] == len(result["presigned_urls"]) == count


@pytest.mark.parametrize("literal", ["3", "3.0", "3e0", "30e-1"])
def test_an_integer_may_be_written_with_a_point(requester: Requester, literal: str) -> None:
    body = json.dumps(requests.start(part_count=0)).replace('"part_count": 0', f'"part_count": {literal}')
    assert requester.exchange("start", body).expect("upload.started")["part_count"] == 3


@pytest.mark.parametrize("version", ["1", "1.0"])
def test_version_one(requester: Requester, version: str) -> None:
    body = json.dumps(requests.start(version=0)).replace('"version": 0', f'"version": {version}')
    requester.exchange("start", body).expect("upload.started")


def test_unknown_fields_are_ignored(started: Started) -> None:
    started(requests.start(checksum=None, upload_id=7, parts="no", nested={"part_count": 99}))


def test_white_space_and_escapes(requester: Requester) -> None:
    body = ' \t\r\n{ "file_id" : "\\u0061-%s" ,\n"user_id":7.0,"part_count"\t:1}\r\n ' % uuid.uuid4()
    result = requester.exchange("start", body).expect("upload.started")
    assert result["file_id"].startswith("a-")
    assert result["user_id"] == "7"


def test_through_the_default_exchange(requester: Requester) -> None:
    requester.request("start", requests.start(), via_default_exchange=True).expect("upload.started")


def test_the_queue_says_what_a_request_is_not_the_routing_key(requester: Requester) -> None:
    exchange = f"misleading-{uuid.uuid4()}"
    requester.channel.exchange_declare(exchange, "fanout", auto_delete=True)
    requester.channel.queue_bind(requester.topology.request_queue("start"), exchange)
    body = requests.start()
    requester.publish(exchange, "complete", body, reply_to=requester.replies.queue, correlation_id="c")
    requester.replies.result(correlation_id="c").expect("upload.started")
    requester.channel.exchange_delete(exchange)


def test_a_request_is_acknowledged(requester: Requester, started: Started) -> None:
    started(requests.start())
    until(lambda: requester.ready_count(requester.topology.request_queue("start")) == 0, "an empty queue")
    assert requester.ready_count(requester.topology.dead) == 0
