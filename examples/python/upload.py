#!/usr/bin/env python3
"""Uploads a file through upload-worker: start, every part by PUT to its presigned URL, complete.

    apt-get install python3-pika      # or, in a virtual environment: pip install pika
    AMQP_URL=amqp://… python3 upload.py FILE USER_ID [FILE_ID [CONTENT_TYPE]]

`make run` prints its AMQP_URL; TOPOLOGY_PREFIX is `uploads`, ANSWER_TIMEOUT 30 s where they are not set. Prints the
result of complete. Status: 0 done; 1 failed for good; 64 wrong arguments; 75 no answer, or a failure that passes: run
it again with the same FILE_ID.
"""

from __future__ import annotations

import json
import logging
import math
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from upload_requests import NoAnswer, UploadFailed, UploadRequests

USUAL_PART = 8 << 20  # S3 wants at least 5 MiB in each part but the last
MOST_PARTS = 20
TRIES = 4


class PartFailed(Exception):
    def __init__(self, number: int, reason: str, can_pass: bool) -> None:
        super().__init__(f"part {number}: {reason}")
        self.can_pass = can_pass


def read(path: str, offset: int, size: int) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.seek(offset)
        while size > 0 and (data := file.read(min(size, 1 << 16))):
            size -= len(data)
            yield data


def put(path: str, number: int, offset: int, size: int, url: str) -> str:
    """Sends one part, once; gives its ETag. A signed URL is a secret: it is in no message."""
    headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
    request = urllib.request.Request(url, read(path, offset, size), headers, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return str(response.headers["ETag"])
    except urllib.error.HTTPError as error:
        can_pass = error.code in (408, 429) or error.code >= 500
        raise PartFailed(number, f"the store answered {error.code}", can_pass) from None
    except OSError as error:
        raise PartFailed(number, f"the store does not answer: {error}", can_pass=True) from None


def put_with_retries(path: str, number: int, offset: int, size: int, url: str) -> str:
    for attempt in range(1, TRIES):
        try:
            return put(path, number, offset, size, url)
        except PartFailed as failed:
            if not failed.can_pass:
                raise
            time.sleep(random.uniform(0, 2**attempt))
    return put(path, number, offset, size, url)


def upload(
    ask: Callable[..., dict[str, Any]], path: str, file: dict[str, str], content_type: str | None
) -> dict[str, Any]:
    size = os.path.getsize(path)
    part_size = max(USUAL_PART, math.ceil(size / MOST_PARTS))
    part_count = max(1, math.ceil(size / part_size))
    started = ask("start", {**file, "part_count": part_count, "content_type": content_type})
    parts = []
    for number, url in enumerate(started["presigned_urls"], start=1):
        offset = (number - 1) * part_size
        etag = put_with_retries(path, number, offset, min(part_size, size - offset), url)
        parts.append({"part_number": number, "etag": etag})
    return ask("complete", {**file, "upload_id": started["upload_id"], "parts": parts})


def can_pass(error: Exception) -> bool:
    match error:
        case UploadFailed():
            return error.is_retryable
        case PartFailed():
            return error.can_pass
        case _:
            return isinstance(error, NoAnswer)


def main() -> int:
    if not 3 <= len(sys.argv) <= 5 or "AMQP_URL" not in os.environ:
        print(__doc__, file=sys.stderr)
        return 64
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # UploadRequests says what matters
    path, user_id = sys.argv[1:3]
    file_id = sys.argv[3] if len(sys.argv) > 3 and sys.argv[3] else str(uuid.uuid4())
    content_type = sys.argv[4] if len(sys.argv) > 4 else None
    timeout = float(os.environ.get("ANSWER_TIMEOUT", "30"))
    try:
        with UploadRequests(os.environ["AMQP_URL"], os.environ.get("TOPOLOGY_PREFIX", "uploads")) as requests:
            ask = partial(requests.ask, timeout=timeout)
            result = upload(ask, path, {"file_id": file_id, "user_id": user_id}, content_type)
    except (UploadFailed, PartFailed, NoAnswer, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        if not can_pass(error):
            return 1
        print(f"run it again with the file id {file_id}", file=sys.stderr)
        return 75
    print(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
