"""The HTTP front of the examples, held to schemas/rest.md: its two calls on a real worker, broker and store."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from harness.examples import EXAMPLES, finished
from harness.operator import Operator
from harness.schemas import Schemas
from harness.store import PART, Store
from harness.worker import Worker, complete

START, COMPLETE = "multipart_upload_start", "multipart_upload_complete"
ONE_PART = [{"part_number": 1, "etag": "e"}]
TOKENS = "key-of-42=42,key-of-another=another,key-of-nobody=no/body"


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: urllib3.HTTPHeaderDict

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.body["error"]
        assert error["status"] == self.status
        return error


@dataclass(frozen=True)
class Front:
    base: str

    def post(self, call: str, body: Any, token: str | None = "key-of-42") -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = urllib3.request("POST", f"{self.base}/{call}", body=data, headers=headers, timeout=60, retries=False)
        assert answer.headers["Content-Type"] == "application/json"
        return Answer(answer.status, json.loads(answer.data), answer.headers)


Serve = Callable[[dict[str, str]], Front]


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts fronts; at the end they must have logged no token and no signed URL."""
    directory = tmp_path_factory.mktemp("front")
    with ExitStack() as fronts:

        def start(environment: dict[str, str]) -> Front:
            process = subprocess.Popen(
                [sys.executable, EXAMPLES / "python/rest_front.py"],
                env=complete(environment | {"TOKENS": TOKENS, "HTTP_PORT": "0"}, directory),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            fronts.callback(stop, process)
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("serving on "), line
            return Front(line.split()[-1])

        yield start


def stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    done = finished(process)
    assert done.returncode == 0, done.stderr
    for secret in ("X-Amz-Signature", "key-of-", "Traceback"):
        assert secret not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def front(worker: Worker, serve: Serve) -> Front:
    return serve({name: worker.environment[name] for name in ("AMQP_URL", "TOPOLOGY_PREFIX")})


def asked(part_count: Any = 1, **fields: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "part_count": part_count} | fields


def completing(started: Answer, parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": started.body["id"], "upload_id": started.body["upload_id"], "parts": parts}


def test_an_upload(front: Front, store: Store, schemas: Schemas) -> None:
    body = asked(2, content_type="Video/MP4")
    parts = [b"a" * PART, b"b"]
    started = front.post(START, body)
    assert started.status == 200, started.body
    schemas.check_result(started.body)
    assert (started.body["id"], started.body["user_id"]) == (body["id"], "42")
    assert started.headers["Cache-Control"] == "no-store"
    completed = front.post(COMPLETE, completing(started, store.put_parts(started.body["presigned_urls"], parts)))
    assert completed.status == 200, completed.body
    schemas.check_result(completed.body)
    assert (completed.body["id"], completed.body["filesize"]) == (body["id"], PART + 1)
    assert store.object_bytes(completed.body["key"]) == b"".join(parts)


def test_both_calls_can_be_repeated(front: Front, store: Store) -> None:
    body = asked()
    first, second = front.post(START, body), front.post(START, body)
    assert first.body["upload_id"] == second.body["upload_id"]
    request = completing(first, store.put_parts(second.body["presigned_urls"], [b"1"]))
    assert front.post(COMPLETE, request).body == front.post(COMPLETE, request).body
    again = front.post(START, body)
    assert (again.status, again.error["code"]) == (409, "already_completed")


def test_the_user_is_the_tokens_whatever_the_body_says(front: Front) -> None:
    started = front.post(START, asked(user_id="another", file_id="another-file"))
    assert started.body["user_id"] == "42"
    assert started.body["file_id"] != "another-file"
    parts = [{"part_number": 1, "etag": "e"}]
    answer = front.post(COMPLETE, completing(started, parts), token="key-of-another")
    assert (answer.status, answer.error["code"]) == (404, "upload_not_found")


@pytest.mark.parametrize(
    ("call", "body", "code", "field"),
    [
        (START, asked(id="a/b"), "invalid_file_id", "id"),
        (START, asked(id="\ud800"), "invalid_file_id", "id"),
        (START, {"part_count": 1}, "invalid_file_id", "id"),
        (START, asked(0), "invalid_part_count", "part_count"),
        (START, asked(21), "invalid_part_count", "part_count"),
        (START, asked("3"), "invalid_part_count", "part_count"),
        (START, asked(content_type="text/plain"), "invalid_content_type", "content_type"),
        (COMPLETE, {"id": "x", "parts": []}, "invalid_upload_id", "upload_id"),
        (COMPLETE, {"id": "x", "upload_id": "u", "parts": []}, "invalid_parts", "parts"),
        (COMPLETE, {"id": "x", "upload_id": "u", "parts": ONE_PART, "part_count": 2}, "invalid_part_count", "part_count"),
        (START, asked(content_type=[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]), "malformed_message", None),
    ],
)
def test_what_the_worker_refuses(front: Front, call: str, body: dict[str, Any], code: str, field: str | None) -> None:
    answer = front.post(call, body)
    assert (answer.status, answer.error["code"], answer.error.get("field")) == (400, code, field)
    assert answer.error["message"]


def test_conflicts(front: Front) -> None:
    body = asked(1)
    started = front.post(START, body)
    other = front.post(START, body | {"part_count": 2})
    assert (other.status, other.error["code"]) == (409, "file_conflict")
    parts = [{"part_number": 1, "etag": "0" * 32}]
    unknown = front.post(COMPLETE, completing(started, parts) | {"upload_id": "not-this-one"})
    assert (unknown.status, unknown.error["code"]) == (409, "upload_conflict")
    missing = front.post(COMPLETE, completing(started, parts))
    assert (missing.status, missing.error["code"]) == (400, "part_mismatch")


@pytest.mark.parametrize(
    ("call", "body", "token", "status", "code"),
    [
        (START, asked(), None, 401, "unauthorized"),
        (COMPLETE, asked(), "guessed", 401, "unauthorized"),
        ("multipart_upload", asked(), "key-of-42", 404, "no_such_call"),
        (START, b"{", "key-of-42", 400, "malformed_message"),
        (START, b"[]", "key-of-42", 400, "malformed_message"),
        (START, b"[" * 10_000, "key-of-42", 400, "malformed_message"),
        (START, asked(), "key-of-nobody", 500, "internal"),
    ],
)
def test_what_the_front_refuses(front: Front, call: str, body: Any, token: str | None, status: int, code: str) -> None:
    answer = front.post(call, body, token)
    assert (answer.status, answer.error["code"]) == (status, code)
    assert "no/body" not in json.dumps(answer.body)


def test_a_body_that_is_too_large(front: Front) -> None:
    answer = front.post(START, b" " * 65_537)
    assert (answer.status, answer.error["code"]) == (413, "malformed_message")


def test_without_a_worker(serve: Serve, operator: Operator) -> None:
    front = serve(operator.environment | {"ANSWER_TIMEOUT": "1"})
    answer = front.post(START, asked())
    assert (answer.status, answer.error["code"], answer.error["retryable"]) == (504, "no_answer", True)
    assert int(answer.headers["Retry-After"]) > 0


def test_without_its_settings(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLES / "python/rest_front.py")]
    done = subprocess.run(command, env=complete({}, tmp_path), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 64
    assert "TOKENS" in done.stderr
