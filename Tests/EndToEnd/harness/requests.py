"""Valid requests, to be sent as they are or with a field changed."""

from __future__ import annotations

import uuid
from typing import Any


def new_file(user_id: str | int = "42") -> dict[str, Any]:
    """A file that no test has named before."""
    return {"file_id": str(uuid.uuid4()), "user_id": user_id}


def start(file: dict[str, Any] | None = None, part_count: Any = 1, **fields: Any) -> dict[str, Any]:
    return (file or new_file()) | {"part_count": part_count} | fields


def complete(file: dict[str, Any] | None = None, upload_id: Any = "unknown-upload", parts: Any = None, **fields: Any) -> dict[str, Any]:
    return (file or new_file()) | {"upload_id": upload_id, "parts": listed(1) if parts is None else parts} | fields


def resume(file: dict[str, Any] | None = None, upload_id: Any = "unknown-upload", **fields: Any) -> dict[str, Any]:
    return (file or new_file()) | {"upload_id": upload_id} | fields


abort = resume

OF_KIND = {"start": start, "complete": complete, "resume": resume, "abort": abort}


def listed(count: int) -> list[dict[str, Any]]:
    """Parts that were never sent, in a well-formed list."""
    return [{"part_number": number, "etag": f"{number:032x}"} for number in range(1, count + 1)]


def without(body: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in fields}
