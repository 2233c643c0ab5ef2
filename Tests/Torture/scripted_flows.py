"""Flows for the scripts."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from functools import partial
from typing import Any

from Torture.database import Rows
from Torture.flows import ABORTED, RESUMED, STARTED, complete, put_tiny, start
from Torture.steps import REPLIES, Client, Do, Flow, Unexpected
from Torture.store_faults import Fault, Operation, StoreFaults
from Torture.store_flows import create

CRAFTED = "amq.rabbitmq.reply-to.g1h3AA5yZXBseUBub3doZXJlAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA=="
LARGEST_HELD = 32 << 20
"""Bytes of a body that the worker still holds."""


def parts_gone(client: Client) -> Flow:
    parts, data = yield from put_tiny(client, (yield from start(client)))
    wrong = [{"part_number": 1, "etag": "d41d8cd98f00b204e9800998ecf8427e"}]
    yield from client.ask("complete", "upload_not_found", upload_id=client.upload_id, parts=wrong)
    yield from complete(client, parts, data)


def stray_taken_up(client: Client) -> Flow:
    """The upload of a Create whose answer was lost is used after all."""
    client.standing.reopens = True
    own = (yield from start(client))["upload_id"]
    uploads = yield Do(lambda: client.store.open_uploads(client.key))
    strays = [each for each in uploads if each != own]
    if len(strays) != 1:
        raise Unexpected(f"strays: {strays}")
    yield from client.ask("abort", ABORTED, upload_id=own)
    result = yield from client.ask("resume", RESUMED, upload_id=strays[0])
    parts, data = yield from put_tiny(client, result)
    yield from complete(client, parts, data)


def found_completed(client: Client, kind: str) -> Flow:
    """Somebody completes the upload in the store, and the worker finds out by the request that follows."""
    parts, data = yield from completed_in_store(client)
    fields = {"part_count": 1, "content_type": "video/mp4"} if kind == "start" else {"upload_id": client.upload_id}
    yield from client.ask(kind, "already_completed", **fields)
    yield from complete(client, parts, data)


def found_by_sweep(client: Client) -> Flow:
    parts, data = yield from completed_in_store(client)
    yield Do(lambda: time.sleep(9))
    yield from complete(client, parts, data)


def completed_in_store(client: Client) -> Generator[Any, Any, tuple[list[dict[str, Any]], bytes]]:
    parts, data = yield from put_tiny(client, (yield from start(client)))
    named = [{"PartNumber": each["part_number"], "ETag": each["etag"]} for each in parts]
    yield Do(
        lambda: client.store.client.complete_multipart_upload(
            Bucket=client.store.bucket, Key=client.key, UploadId=client.upload_id, MultipartUpload={"Parts": named}
        )
    )
    return parts, data


completed_behind = {kind: partial(found_completed, kind=kind) for kind in ("start", "resume", "abort")}


def two_uploads(client: Client) -> Flow:
    """An upload that the worker does not know, beside the session that it has."""
    client.standing.reopens = True
    yield from start(client)
    client.upload_id = yield Do(lambda: create(client))
    result = yield from client.ask("resume", RESUMED, upload_id=client.upload_id)
    parts, data = yield from put_tiny(client, result)
    yield from complete(client, parts, data)


def overtaken(client: Client) -> Flow:
    client.standing.reopens = True
    parts, data = yield from put_tiny(client, (yield from start(client)))
    yield from complete(client, parts, data)


def abort_overtaken(client: Client) -> Flow:
    client.standing.reopens = True
    yield from start(client)
    yield from client.ask("abort", "already_completed", upload_id=client.upload_id)


def extend_overtaken(client: Client) -> Flow:
    """The session ends while a repeated start looks at its upload."""
    client.standing.reopens = True
    first = yield from start(client)
    second = yield from start(client)
    if first["upload_id"] == second["upload_id"]:
        raise Unexpected("a start that was overtaken gives the upload that has ended")
    parts, data = yield from put_tiny(client, second)
    yield from complete(client, parts, data)


def forgotten(client: Client, rows: Rows) -> Flow:
    """The database is lost after the completion."""
    parts, data = yield from put_tiny(client, (yield from start(client)))
    yield from complete(client, parts, data)
    yield Do(lambda: rows.forget(client))
    yield from complete(client, parts, data)


def given_again(client: Client, faults: StoreFaults) -> Flow:
    """The store gives an upload id that it has given before."""
    client.standing.reopens = True
    yield from start(client)
    yield from client.ask("abort", ABORTED, upload_id=client.upload_id)
    faults.scripted = [(Operation.CREATE, Fault.KNOWN_ID)]
    parts, data = yield from put_tiny(client, (yield from start(client)))
    yield from complete(client, parts, data)


def kept_open(client: Client) -> Flow:
    """A session that is open for longer than its first URLs were to live."""
    client.standing.reopens = True
    for _ in range(9):
        yield from start(client)
        yield Do(lambda: time.sleep(1))
    client.is_abandoned = True


def prolonged(client: Client) -> Flow:
    """A start request that is under way when the session's time is over."""
    client.standing.reopens = True
    first = yield from start(client)
    yield Do(lambda: time.sleep(max(0.0, client.expires_at - time.time() - 0.5)))
    second = yield from client.ask("start", STARTED, part_count=1, content_type="video/mp4")
    client.is_abandoned = first["upload_id"] == second["upload_id"]


def replied(client: Client) -> Flow:
    """A result with an address of its own."""
    client.standing.reopens = True
    body = json.dumps(client.file | {"part_count": 1}).encode()
    result = yield from client.ask_raw("start", body, STARTED, reply_to=REPLIES)
    client.upload_id = result["upload_id"]
    client.is_abandoned = True


def crafted_reply(client: Client) -> Flow:
    """A name of direct reply-to that makes the broker close the connection: the result comes to the results queue."""
    body = json.dumps(client.file | {"upload_id": "bm8tc3VjaC11cGxvYWQ"}).encode()
    yield from client.ask_raw("resume", body, "upload_not_found", reply_to=CRAFTED)


def huge(client: Client) -> Flow:
    yield from client.ask_raw("start", b" " * (LARGEST_HELD + 1), "malformed_message")


def malformed(client: Client) -> Flow:
    yield from client.ask_raw("start", b"{", "malformed_message")
