"""Messages that are no requests: answered or dead-lettered, and the worker stays up."""

from __future__ import annotations

import json
import struct
import uuid
from collections.abc import Iterator
from typing import Any

import pika
import pytest
from pika import data as encoding

from harness import requests
from harness.messages import Message, Result
from harness.requester import Inbox, Requester
from harness.servers import BrokerServer
from harness.topology import KINDS
from harness.waiting import until
from harness.worker import Worker

LIMIT = 65_536


def nested(levels: int) -> bytes:
    """A valid start request whose deepest value is `levels` levels down; the object itself is the first."""
    arrays = levels - 1
    return b'{"file_id":"%s","user_id":"1","part_count":1,"x":%s%s}' % (
        str(uuid.uuid4()).encode(),
        b"[" * arrays,
        b"]" * arrays,
    )


def padded(size: int) -> bytes:
    """A valid start request of exactly that many bytes."""
    return json.dumps(requests.start()).encode().ljust(size)


START = json.dumps(requests.start())

MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "one byte": b"\xff",
    "NUL": b"\x00",
    "no JSON": b"start, please",
    "white space": b"  ",
    "string": b'"start"',
    "number": b"7",
    "null": b"null",
    "array": b"[]",
    "array of an object": f"[{START}]".encode(),
    "two objects": f"{START}{START}".encode(),
    "trailing comma": START[:-1].encode() + b",}",
    "trailing text": START.encode() + b" x",
    "trailing NUL": START.encode() + b"\x00",
    "cut": START[:-1].encode(),
    "single quotes": START.replace('"', "'").encode(),
    "comment": b"/**/" + START.encode(),
    "NaN": START.replace(": 1", ": NaN").encode(),
    "Infinity": START.replace(": 1", ": Infinity").encode(),
    "hexadecimal": START.replace(": 1", ": 0x1").encode(),
    "leading zero": START.replace(": 1", ": 01").encode(),
    "plus": START.replace(": 1", ": +1").encode(),
    "bare point": START.replace(": 1", ": 1.").encode(),
    "unquoted key": START.replace('"part_count"', "part_count").encode(),
    "control character in a string": START.replace('"42"', '"4\n2"').encode(),
    "unknown escape": START.replace('"42"', '"\\x42"').encode(),
    "short escape": START.replace('"42"', '"\\u42"').encode(),
    "byte order mark": b"\xef\xbb\xbf" + START.encode(),
    "UTF-16": START.encode("utf-16"),
    "UTF-16 without mark": START.encode("utf-16-le"),
    "UTF-32": START.encode("utf-32"),
    "Latin 1": b'{"note":"\xe9",' + START[1:].encode(),
    "overlong": b'{"note":"\xc0\x80",' + START[1:].encode(),
    "surrogate": b'{"note":"\xed\xa0\x80",' + START[1:].encode(),
    "beyond Unicode": b'{"note":"\xf4\x90\x80\x80",' + START[1:].encode(),
    "cut character": b'{"note":"\xe2\x82",' + START[1:].encode(),
    "a key twice": b'{"part_count":1,' + START[1:].encode(),
    "a key twice, escaped": b'{"part\\u005fcount":1,' + START[1:].encode(),
    "an unknown key twice": b'{"x":1,"x":1,' + START[1:].encode(),
    "a key twice, deeper": b'{"x":[{"y":{"z":1,"z":1}}],' + START[1:].encode(),
    "17 levels": nested(17),
    "100,000 levels, cut": b"[" * 60_000,
    "30,000 levels": b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "one byte too many": padded(LIMIT + 1),
    "100,000 levels": nested(100_000),
    "a long key": b'{"' + b"k" * LIMIT + b'":1}',
}


@pytest.fixture
def dead(requester: Requester) -> Inbox:
    return requester.inbox(requester.topology.dead)


@pytest.fixture(autouse=True)
def still_answers(worker: Worker, requester: Requester) -> Iterator[None]:
    """After whatever a test has sent, the worker runs and answers the next good request."""
    pid = worker.pid
    yield
    requester.request("start", requests.start()).expect("upload.started")
    assert worker.is_running and worker.pid == pid


def send(requester: Requester, dead: Inbox, kind: str, body: bytes, **properties: Any) -> tuple[Result, Message]:
    """Sends it, and gives the answer and the dead letter, which holds the same bytes."""
    correlation_id = f"c-{uuid.uuid4()}"
    result = requester.exchange(kind, body, correlation_id=correlation_id, **properties)
    letter = dead.dead_letter(correlation_id)
    assert letter.body == body
    return result, letter


@pytest.mark.parametrize("name", MALFORMED)
def test_a_body_that_is_no_request(requester: Requester, dead: Inbox, name: str) -> None:
    body = MALFORMED[name]
    result, letter = send(requester, dead, "start", body)
    result.expect_failure(400, "malformed_message")
    assert (result["request"], result["id"], result["file_id"], result["user_id"]) == ("start", None, None, None)
    assert "upload_id" not in result.body
    letter.expect_dead_letter(requester.topology.request_queue("start"), "malformed_message")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_dead_letters(requester: Requester, dead: Inbox, kind: str) -> None:
    result, letter = send(requester, dead, kind, b"{")
    assert result.expect_failure(400, "malformed_message")["request"] == kind
    letter.expect_dead_letter(requester.topology.request_queue(kind), "malformed_message")


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_version_is_a_dead_letter(requester: Requester, dead: Inbox, kind: str) -> None:
    body = json.dumps(requests.OF_KIND[kind](version=2)).encode()
    result, letter = send(requester, dead, kind, body)
    result.expect_failure(400, "unsupported_version")
    letter.expect_dead_letter(requester.topology.request_queue(kind), "unsupported_version")


def test_a_dead_letter_keeps_its_properties(requester: Requester, dead: Inbox, broker: BrokerServer) -> None:
    headers = {"note": "ü", "number": 7, "nested": {"list": [1, "two", None, True]}}
    given = {
        "content_type": "text/plain",
        "content_encoding": "identity",
        "headers": headers,
        "priority": 3,
        "message_id": "m-1",
        "timestamp": 1_700_000_000,
        "type": "something",
        "app_id": "a backend",
    }
    user = pika.URLParameters(broker.url).credentials.username
    _, letter = send(requester, dead, "start", b"no", delivery_mode=1, expiration="3600000", user_id=user, **given)
    kept = {name: getattr(letter.properties, name) for name in given if name != "headers"}
    assert kept == {name: value for name, value in given.items() if name != "headers"}
    assert {name: letter.headers[name] for name in headers} == headers
    assert letter.properties.reply_to == requester.replies.queue
    letter.expect_dead_letter(requester.topology.request_queue("start"), "malformed_message")


def test_a_header_that_nests_too_deep_is_missed_aloud(worker: Worker, requester: Requester, dead: Inbox) -> None:
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"in": deep}
    _, letter = send(requester, dead, "start", b"no", headers={"too-deep": deep, "note": "kept"})
    assert letter.headers["note"] == "kept"
    assert letter.headers["too-deep"]["in"]["in"] is not None
    until(lambda: "Headers nested too deep" in worker.log, "the warning")
    line = next(json.loads(line) for line in worker.log.splitlines() if "Headers nested too deep" in line)
    assert (line["level"], line["messaging.headers"]) == ("warning", "too-deep")


def test_headers_that_only_the_broker_may_write(requester: Requester, dead: Inbox) -> None:
    forged = {
        "x-death": [{"queue": "elsewhere", "reason": "expired", "count": 99}],
        "x-first-death-queue": "elsewhere",
        "x-delivery-count": (1 << 63) - 1,
        "upload-attempts": 4_000_000_000,
        "upload-first-failed-at": "no time at all",
        "upload-origin-queue": "elsewhere",
        "upload-error-code": "forged",
    }
    _, letter = send(requester, dead, "start", b"no", headers=forged)
    assert letter.headers["upload-error-code"] == "malformed_message"
    assert letter.headers["upload-origin-queue"] == requester.topology.request_queue("start")
    assert "elsewhere" not in str({name: value for name, value in letter.headers.items() if name.startswith("x-")})


@pytest.mark.parametrize("body", [padded(LIMIT - 1), padded(LIMIT), nested(15), nested(16)], ids=len)
def test_a_body_at_its_limits(requester: Requester, body: bytes) -> None:
    requester.exchange("start", body).expect("upload.started")


def test_a_body_of_20_mebibytes(requester: Requester, dead: Inbox) -> None:
    body = b"[" * (20 * 1024 * 1024)
    result, letter = send(requester, dead, "start", body)
    result.expect_failure(400, "malformed_message")
    letter.expect_dead_letter(requester.topology.request_queue("start"), "malformed_message")


class NestedHeaders(pika.BasicProperties):
    """A header table of tables, written without recursion: pika's own encoder would not survive it."""

    def __init__(self, levels: int, reply_to: str, correlation_id: str) -> None:
        super().__init__(headers={}, reply_to=reply_to, correlation_id=correlation_id, delivery_mode=2)
        level = struct.calcsize(">xcI")  # an empty name, the kind, the size of what is inside
        self._table = b"".join(struct.pack(">xcI", b"F", level * inside) for inside in reversed(range(levels)))

    def encode(self) -> list[bytes]:
        empty = struct.pack(">I", 0)
        flags, fields = (whole := b"".join(super().encode()))[:2], whole[2:]
        assert fields.startswith(empty), "of the properties set here, the headers come first"
        return [flags, struct.pack(">I", len(self._table)), self._table, fields[len(empty) :]]


@pytest.mark.parametrize("levels", [1, 100, 20_000])
def test_header_tables_within_header_tables(requester: Requester, levels: int) -> None:
    correlation_id = f"c-{uuid.uuid4()}"
    dead = requester.ready_count(requester.topology.dead)
    requester.channel.basic_publish(
        requester.topology.exchange,
        "start",
        json.dumps(requests.start()).encode(),
        NestedHeaders(levels, requester.replies.queue, correlation_id),
        mandatory=True,
    )
    is_dead = lambda: requester.ready_count(requester.topology.dead) > dead  # noqa: E731
    until(lambda: is_dead() or requester.replies.has(correlation_id), "an answer or a dead letter")
    requester.channel.queue_purge(requester.topology.dead)  # pika's decoder would not survive it either


@pytest.mark.parametrize(
    "headers",
    [
        {f"h{number}": number for number in range(2_000)},
        {"h" * 255: "v" * 50_000},
        {"decimal": encoding.decimal.Decimal("1.5"), "bytes": b"\xff\x00", "none": None, "list": [[[]]]},
    ],
    ids=["many", "long", "of every kind"],
)
def test_unusual_headers(requester: Requester, headers: dict[str, Any]) -> None:
    requester.request("start", requests.start(), headers=headers).expect("upload.started")


def test_a_flood_of_nonsense(requester: Requester, dead: Inbox) -> None:
    for number in range(300):
        requester.send("start", b"{" * (number % 40), reply_to=None)
    requester.request("start", requests.start()).expect("upload.started")
    for _ in range(300):
        dead.message()
