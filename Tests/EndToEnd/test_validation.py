"""Every row of the contract's validation tables, sent through the broker; for each limit one below, at, one above.

A field that passes takes the request on to the store, which knows no such upload: `upload_not_found` means accepted.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness import requests
from harness.requester import Requester
from harness.schemas import Schemas
from harness.topology import KINDS
from harness.waiting import until

NOT_STRINGS: list[Any] = [None, True, [], {}]
FORBIDDEN_CHARACTERS = ["a/b", "a b", "a+b", "a%20b", "a\\b", "a:b", "ä", "a\u0000", "a\nb", "\U0001f4be", "\ud800"]
BAD_FILE_IDS: list[Any] = [*NOT_STRINGS, 7, "", ".", "..", "x" * 129, *FORBIDDEN_CHARACTERS]
BAD_USER_IDS: list[Any] = [*NOT_STRINGS, "", ".", "..", "x" * 65, -1, 2**63, 3.5, 1e300, *FORBIDDEN_CHARACTERS]
BAD_PART_COUNTS: list[Any] = [*NOT_STRINGS, "3", "", 0, -1, 21, 3.5, 1e300, 2**63, 2**64 + 1]
BAD_CONTENT_TYPES: list[Any] = [
    True, 7, [], {}, "", " ", "text/plain", "image/svg+xml", "application/octet-stream", "image/*", "image",
    " image/png", "image/png ", "image/png; charset=utf-8", "image/\npng", "ımage/png",
]  # fmt: skip
BAD_UPLOAD_IDS: list[Any] = [*NOT_STRINGS, 7, "", "x" * 1025]
BAD_PARTS: list[Any] = [None, True, 7, "1", {}, [], [None], [1], ["1"], [[]], [{}]]
BAD_PART_NUMBERS: list[Any] = [None, True, "1", [], {}, 0, -1, 2, 1.5, 1e300, 2**64 + 1]
BAD_ETAGS: list[Any] = [*NOT_STRINGS, 7, "", '""', "e" * 257, f'"{"e" * 257}"', "a b", "a\t", "é", "a\u007f", "a\u0000"]


def shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 40 else f"{text[:20]}… {len(text)} characters"


def refused_part(**changed: Any) -> list[dict[str, Any]]:
    return [requests.listed(1)[0] | changed]


ROWS: list[tuple[str, str, str, Any]] = [
    *((kind, "invalid_file_id", "file_id", value) for kind in KINDS for value in BAD_FILE_IDS),
    *((kind, "invalid_user_id", "user_id", value) for kind in KINDS for value in BAD_USER_IDS),
    *(("start", "invalid_part_count", "part_count", value) for value in BAD_PART_COUNTS),
    *(("start", "invalid_content_type", "content_type", value) for value in BAD_CONTENT_TYPES),
    *((kind, "invalid_upload_id", "upload_id", value) for kind in KINDS[1:] for value in BAD_UPLOAD_IDS),
    *(("complete", "invalid_parts", "parts", value) for value in BAD_PARTS),
    *(("complete", "invalid_parts", "parts", refused_part(part_number=value)) for value in BAD_PART_NUMBERS),
    *(("complete", "invalid_parts", "parts", refused_part(etag=value)) for value in BAD_ETAGS),
    ("complete", "invalid_parts", "parts", [{"part_number": 1}]),
    ("complete", "invalid_parts", "parts", [{"etag": "e"}]),
    ("complete", "invalid_parts", "parts", requests.listed(2)[1:]),
    ("complete", "invalid_parts", "parts", [*requests.listed(2), *requests.listed(2)[1:]]),
    ("complete", "invalid_parts", "parts", [requests.listed(1)[0], requests.listed(3)[2]]),
    *(("complete", "invalid_part_count", "part_count", value) for value in [0, 2, -1, "1", True, 1.5, [], {}, 1e300]),
]

PARTS_ONLY_CODE_CAN_COUNT = {"complete invalid_parts", "complete invalid_part_count"}


@pytest.mark.parametrize(("kind", "code", "field", "value"), ROWS, ids=lambda value: shown(value).strip('"'))
def test_a_field_that_breaks_its_rule(
    requester: Requester, schemas: Schemas, kind: str, code: str, field: str, value: Any
) -> None:
    body = requests.OF_KIND[kind]() | {field: value}
    result = requester.exchange(kind, body).expect_failure(400, code, field)

    assert result["request"] == kind
    assert result["file_id"] == (None if field == "file_id" else body["file_id"])
    assert result["user_id"] == (None if field == "user_id" else body["user_id"])
    if f"{kind} {code}" not in PARTS_ONLY_CODE_CAN_COUNT:
        assert schemas.request_problems(kind, body), "the schema lets it pass"


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *((kind, field) for kind in KINDS for field in ("file_id", "user_id")),
        *((kind, "upload_id") for kind in KINDS[1:]),
        ("start", "part_count"),
        ("complete", "parts"),
    ],
)
def test_a_required_field_that_is_missing(requester: Requester, schemas: Schemas, kind: str, field: str) -> None:
    body = requests.without(requests.OF_KIND[kind](), field)
    requester.exchange(kind, body).expect_failure(400, f"invalid_{field}", field)
    assert schemas.request_problems(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_broken_rule_is_named(requester: Requester, kind: str) -> None:
    order = ["file_id", "user_id", "part_count", "content_type", "upload_id", "parts"]
    fields = {
        "start": ["file_id", "user_id", "part_count", "content_type"],
        "complete": ["file_id", "user_id", "part_count", "upload_id", "parts"],
        "resume": ["file_id", "user_id", "upload_id"],
        "abort": ["file_id", "user_id", "upload_id"],
    }[kind]
    body = requests.OF_KIND[kind]()
    for field in sorted(fields, key=order.index, reverse=True):
        body[field] = True
        requester.exchange(kind, body).expect_failure(400, f"invalid_{field}", field)


def test_an_empty_object(requester: Requester) -> None:
    result = requester.exchange("start", {}).expect_failure(400, "invalid_file_id", "file_id")
    assert (result["id"], result["file_id"], result["user_id"]) == (None, None, None)


def test_an_integer_user_id_is_readable_in_a_failure(requester: Requester) -> None:
    body = requests.start(requests.new_file(user_id=42), part_count=0)
    assert requester.exchange("start", body).expect_failure(400, "invalid_part_count")["user_id"] == "42"


@pytest.mark.parametrize("literal", ["1e400", "-0.5", "9" * 4_000, "1e-400", "3.0000000000000000000000001"])
def test_numbers_that_no_integer_type_holds(requester: Requester, literal: str) -> None:
    body = json.dumps(requests.start(part_count=0)).replace('"part_count": 0', f'"part_count": {literal}')
    requester.exchange("start", body).expect_failure(400, "invalid_part_count", "part_count")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", [None, 0, 2, -1, 1.5, "1", True, [], {}], ids=shown)
def test_a_version_that_is_not_one(requester: Requester, schemas: Schemas, kind: str, version: Any) -> None:
    body = requests.OF_KIND[kind](version=version)
    result = requester.exchange(kind, body).expect_failure(400, "unsupported_version")
    assert (result["request"], result["file_id"], result["user_id"]) == (kind, body["file_id"], body["user_id"])
    assert schemas.request_problems(kind, body)


def test_the_version_is_read_before_the_fields(requester: Requester) -> None:
    requester.exchange("start", {"version": 2}).expect_failure(400, "unsupported_version")


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize(
    "fields",
    [{"upload_id": "x" * 1023}, {"upload_id": "x" * 1024}, {"upload_id": "é" * 1024}, {"version": 1}, {"note": None}],
    ids=shown,
)
def test_a_request_at_its_limits(requester: Requester, kind: str, fields: dict[str, Any]) -> None:
    body = requests.OF_KIND[kind](**fields)
    requester.request(kind, body).expect_failure(404, "upload_not_found")


@pytest.mark.parametrize(
    "fields",
    [
        {"parts": requests.listed(20)},
        {"parts": refused_part(etag="e")},
        {"parts": refused_part(etag="e" * 255)},
        {"parts": refused_part(etag="e" * 256)},
        {"parts": refused_part(etag=f'"{"e" * 256}"')},
        {"parts": refused_part(etag="".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != '"'))},
        {"part_count": 1},
        {"part_count": None},
    ],
    ids=shown,
)
def test_a_complete_at_its_limits(requester: Requester, fields: dict[str, Any]) -> None:
    requester.request("complete", requests.complete(**fields)).expect_failure(404, "upload_not_found")


@pytest.mark.parametrize("user_id", ["x" * 63, "x" * 64, 0, 2**63 - 1], ids=shown)
def test_a_user_at_its_limits(requester: Requester, user_id: str | int) -> None:
    body = requests.resume(requests.new_file(user_id))
    assert requester.request("resume", body).expect_failure(404, "upload_not_found")["user_id"] == str(user_id)


def test_refused_requests_are_not_dead_letters(requester: Requester) -> None:
    dead = requester.topology.dead
    until(lambda: all(requester.ready_count(queue) == 0 for queue in requester.topology.request_queues), "empty queues")
    before = requester.ready_count(dead)
    for body in (requests.start(part_count=0), requests.start(file={"file_id": "..", "user_id": "1"})):
        requester.exchange("start", body).expect("upload.failed")
    requester.exchange("complete", requests.complete()).expect("upload.failed")
    # A malformed request is dead-lettered: once it is there, whatever came before it would be there, too.
    requester.exchange("start", b"[]").expect_failure(400, "malformed_message")
    until(lambda: requester.ready_count(dead) > before, "the malformed request's dead letter")
    assert requester.ready_count(dead) == before + 1
