"""What requesters do: well-behaved flows, and those that repeat, contradict, give up and send rubbish."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import Any

from harness.messages import Result
from harness.store import PART
from Torture.steps import Client, Flow, Unexpected

STARTED, COMPLETED, RESUMED, ABORTED = "upload.started", "upload.completed", "upload.resumed", "upload.aborted"
Steps = Generator[Any, Any, Any]


def start(client: Client, part_count: int = 1) -> Generator[Any, Any, Result]:
    return (yield from client.ask("start", STARTED, part_count=part_count, content_type="video/mp4"))


def complete(client: Client, parts: list[dict[str, Any]], data: bytes) -> Generator[Any, Any, Result]:
    upload_id = client.upload_id
    result = yield from client.ask("complete", COMPLETED, upload_id=upload_id, parts=parts)
    if (result["upload_id"], result["filesize"], result["key"]) != (upload_id, len(data), client.key):
        raise Unexpected(f"completed otherwise: {result.body}")
    client.data = data
    return result


def put_tiny(client: Client, result: Result) -> Generator[Any, Any, tuple[list[dict[str, Any]], bytes]]:
    data = client.random.randbytes(client.random.randint(1, 200))
    etag = yield from client.put(result["presigned_urls"][0], data)
    return [{"part_number": 1, "etag": etag}], data


def plain(client: Client) -> Flow:
    parts, data = yield from put_tiny(client, (yield from start(client)))
    yield from complete(client, parts, data)


def repeated(client: Client) -> Flow:
    """Every request twice, and then what is too late."""
    first = yield from start(client)
    second = yield from start(client)
    if first["upload_id"] != second["upload_id"]:
        raise Unexpected(f"start twice: {first['upload_id']}, then {second['upload_id']}")
    parts, data = yield from put_tiny(client, second)
    done = yield from complete(client, parts, data)
    again = yield from complete(client, parts, data)
    if done.body != again.body:
        raise Unexpected(f"complete twice: {done.body}, then {again.body}")
    yield from client.ask("start", "already_completed", part_count=1)
    for kind in ("resume", "abort", "resume", "abort"):
        yield from client.ask(kind, "already_completed", upload_id=client.upload_id)
    yield from complete(client, parts, data)


def resumed(client: Client) -> Flow:
    parts, data = yield from put_tiny(client, (yield from start(client)))
    result = yield from client.ask("resume", RESUMED, upload_id=client.upload_id)
    stored = [(part["part_number"], part["etag"], part["size"]) for part in result["uploaded_parts"]]
    if stored != [(1, parts[0]["etag"].strip('"'), len(data))]:
        raise Unexpected(f"resumed with {stored}")
    parts, data = yield from put_tiny(client, result)
    yield from complete(client, parts, data)


def aborted(client: Client) -> Flow:
    client.standing.reopens = True
    parts, _ = yield from put_tiny(client, (yield from start(client)))
    upload_id = client.upload_id
    yield from client.ask("abort", ABORTED, upload_id=upload_id)
    yield from client.ask("abort", ABORTED, upload_id=upload_id)
    yield from client.ask("complete", "upload_aborted", upload_id=upload_id, parts=parts)
    yield from client.ask("resume", "upload_aborted", upload_id=upload_id)


def restarted(client: Client) -> Flow:
    client.standing.reopens = True
    yield from start(client)
    old = client.upload_id
    yield from client.ask("abort", ABORTED, upload_id=old)
    result = yield from start(client)
    if result["upload_id"] == old:
        raise Unexpected("start after abort: the same upload")
    parts, data = yield from put_tiny(client, result)
    yield from complete(client, parts, data)


def conflicting(client: Client) -> Flow:
    result = yield from start(client)
    yield from client.ask("start", "file_conflict", part_count=2, content_type="video/mp4")
    yield from client.ask("resume", "upload_conflict", upload_id="bm8tc3VjaC11cGxvYWQ")
    parts, data = yield from put_tiny(client, result)
    yield from complete(client, parts, data)


def mistaken(client: Client) -> Flow:
    """A wrong ETag, a part too many, and then right."""
    parts, data = yield from put_tiny(client, (yield from start(client)))
    wrong = [{"part_number": 1, "etag": "d41d8cd98f00b204e9800998ecf8427e"}]
    yield from client.ask("complete", "part_mismatch", upload_id=client.upload_id, parts=wrong)
    more = [*parts, {"part_number": 2, "etag": "x"}]
    yield from client.ask("complete", "invalid_parts", upload_id=client.upload_id, parts=more)
    yield from complete(client, parts, data)


def too_small(client: Client) -> Flow:
    client.standing.reopens = True
    result = yield from start(client, 2)
    parts = []
    for number, url in enumerate(result["presigned_urls"], 1):
        parts.append({"part_number": number, "etag": (yield from client.put(url, b"small"))})
    yield from client.ask("complete", "part_too_small", upload_id=client.upload_id, parts=parts)
    yield from client.ask("abort", ABORTED, upload_id=client.upload_id)


def large(client: Client) -> Flow:
    result = yield from start(client, 2)
    chunks = [client.random.randbytes(4096) * (PART // 4096), client.random.randbytes(999)]
    parts = []
    for number, (url, chunk) in enumerate(zip(result["presigned_urls"], chunks, strict=True), 1):
        parts.append({"part_number": number, "etag": (yield from client.put(url, chunk))})
    yield from complete(client, parts[::-1], b"".join(chunks))


def abandoned(client: Client) -> Flow:
    """The sweep's business."""
    client.standing.reopens = True
    result = yield from start(client)
    client.is_abandoned = True
    if client.random.random() < 0.5:
        yield from put_tiny(client, result)


def unknown(client: Client) -> Flow:
    parts = [{"part_number": 1, "etag": "x"}]
    yield from client.ask("complete", "upload_not_found", upload_id="bm8tc3VjaC11cGxvYWQ", parts=parts)
    yield from client.ask("abort", "upload_not_found", upload_id="bm8tc3VjaC11cGxvYWQ")


RUBBISH: list[tuple[str, str]] = [
    ("{", "malformed_message"),
    ('{"version":2,"file_id":"f","user_id":1}', "unsupported_version"),
    ('{"user_id":1,"part_count":1}', "invalid_file_id"),
    ('{"file_id":"f","user_id":true,"part_count":1}', "invalid_user_id"),
    ('{"file_id":"f","user_id":1,"part_count":"1"}', "invalid_part_count"),
    ('{"file_id":"f","user_id":1,"part_count":1,"content_type":"text/html"}', "invalid_content_type"),
]


def rubbish(client: Client) -> Flow:
    text, expected = client.random.choice(RUBBISH)
    yield from client.ask_raw("start", text.encode(), expected)


def misaddressed(client: Client) -> Flow:
    """A reply_to that no queue answers to: the result comes to the results queue."""
    body = json.dumps(client.file | {"upload_id": "bm8tc3VjaC11cGxvYWQ"}).encode()
    yield from client.ask_raw("resume", body, "upload_not_found", reply_to="nobody-here")


MIX: dict[Callable[[Client], Flow], int] = {
    plain: 24,
    repeated: 60,
    resumed: 8,
    aborted: 6,
    restarted: 4,
    conflicting: 4,
    mistaken: 5,
    too_small: 2,
    abandoned: 4,
    unknown: 4,
    rubbish: 16,
    misaddressed: 2,
}
