"""Flows in which somebody else acts on the store: uploads that vanish, and some that the worker never heard of."""

from __future__ import annotations

from collections.abc import Callable

from Torture.flows import COMPLETED, RESUMED, STARTED, complete, put_tiny, start
from Torture.steps import Client, Do, Flow, Unexpected

GONE = ("upload_not_found", "upload_aborted")
"""The second after a late copy of the start has found out and opened another session."""


def vanished(client: Client) -> Flow:
    client.standing.reopens = True
    parts, data = yield from put_tiny(client, (yield from start(client)))
    old = client.upload_id
    yield Do(lambda: abort(client, old))
    if client.random.random() < 0.5:
        yield from client.ask("complete", *GONE, upload_id=old, parts=parts)
    result = yield from client.ask("start", STARTED, part_count=1, content_type="video/mp4")
    if result["upload_id"] == old:
        raise Unexpected("start of a vanished upload: the same again")
    parts, data = yield from put_tiny(client, result)
    yield from complete(client, parts, data)


def vanished_resume(client: Client) -> Flow:
    client.standing.reopens = True
    yield from start(client)
    old = client.upload_id
    yield Do(lambda: abort(client, old))
    yield from client.ask("resume", *GONE, upload_id=old)
    yield from client.ask("abort", "upload.aborted", upload_id=old)


def vanished_complete(client: Client) -> Flow:
    client.standing.reopens = True
    parts, _ = yield from put_tiny(client, (yield from start(client)))
    yield Do(lambda: abort(client, client.upload_id))
    yield from client.ask("complete", *GONE, upload_id=client.upload_id, parts=parts)
    yield from client.ask("abort", "upload.aborted", upload_id=client.upload_id)


def adopted(client: Client) -> Flow:
    """An upload of the file's key that no session here names."""
    client.standing.reopens = True
    client.upload_id = yield Do(lambda: create(client))
    result = yield from client.ask("resume", RESUMED, upload_id=client.upload_id)
    parts, data = yield from put_tiny(client, result)
    yield from complete(client, parts, data)


def adopted_by_complete(client: Client) -> Flow:
    client.standing.reopens = True
    client.upload_id = yield Do(lambda: create(client))
    data = client.random.randbytes(50)
    etag = yield Do(lambda: put(client, data))
    result = yield from client.ask(
        "complete", COMPLETED, upload_id=client.upload_id, parts=[{"part_number": 1, "etag": etag}]
    )
    if result["filesize"] != len(data):
        raise Unexpected(f"completed otherwise: {result.body}")
    client.data = data


def abort(client: Client, upload_id: str) -> None:
    client.store.abort(client.key, upload_id)


def create(client: Client) -> str:
    made = client.store.client.create_multipart_upload(
        Bucket=client.store.bucket, Key=client.key, Metadata={"upload-session": client.file["file_id"]}
    )
    return str(made["UploadId"])


def put(client: Client, data: bytes) -> str:
    part = client.store.client.upload_part(
        Bucket=client.store.bucket, Key=client.key, UploadId=client.upload_id, PartNumber=1, Body=data
    )
    return str(part["ETag"])


MIX: dict[Callable[[Client], Flow], int] = {vanished: 3, vanished_resume: 1, adopted: 2, adopted_by_complete: 2}
