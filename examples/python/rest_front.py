#!/usr/bin/env python3
"""The upload API's two HTTP calls, answered by upload-worker: POST /multipart_upload_start, /multipart_upload_complete.

    apt-get install python3-pika      # or, in a virtual environment: pip install pika
    AMQP_URL=amqp://… TOKENS=secret=42 python3 rest_front.py      # the bearer token `secret` is user 42's
    curl -H 'Authorization: Bearer secret' -d '{"id": "holiday-1", "part_count": 2}' http://127.0.0.1:8088/multipart_upload_start

What each field and each error becomes is in schemas/rest.md. HTTP_PORT is 8088, ANSWER_TIMEOUT 30 s, TOPOLOGY_PREFIX
`uploads` where they are not set. It stands on Python's http.server, which is not meant to face the internet.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from upload_requests import NoAnswer, UploadFailed, UploadRequests

CALLS = {  # of each call: the request that it becomes, and the fields that it hands on
    "/multipart_upload_start": ("start", ("part_count", "content_type")),
    "/multipart_upload_complete": ("complete", ("upload_id", "parts", "part_count")),
}
MOST_BYTES = 65536
RETRY_AFTER = "10"


class Refused(Exception):
    """What this front refuses by itself, in the form of the worker's errors."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"status": status, "code": code, "message": message, "retryable": status == 504}}


class UploadAPI(BaseHTTPRequestHandler):
    requests: UploadRequests
    tokens: dict[str, str]
    answer_timeout: float
    timeout = 30  # for a client that sends its request slowly

    def do_POST(self) -> None:
        try:
            self._send(200, self._answer())
        except Refused as refused:
            self._send(refused.status, refused.body)
        except UploadFailed as failed:
            status, body = for_client(failed)
            self._send(status, body)

    def _answer(self) -> dict[str, Any]:
        asked = self._body()  # read in any case: closing with bytes unread would lose the answer
        if self.path not in CALLS:
            raise Refused(404, "no_such_call", "there is /multipart_upload_start and /multipart_upload_complete")
        kind, fields = CALLS[self.path]
        user_id = self._user_id()
        message = {"user_id": user_id} | {name: asked[name] for name in fields if name in asked}
        if "id" in asked:
            message["file_id"] = asked["id"]
        try:
            return self.requests.ask(kind, message, self.answer_timeout)
        except NoAnswer:
            raise Refused(504, "no_answer", "no answer in time; repeating the same call is safe") from None

    def _user_id(self) -> str:
        """Who asks is for the service to know, never for the request to say: put your own authentication here."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in self.tokens:
            raise Refused(401, "unauthorized", "a bearer token is required")
        return self.tokens[token]

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Refused(411, "malformed_message", "Content-Length is required")
        if int(length) > MOST_BYTES:
            raise Refused(413, "malformed_message", f"the body may have {MOST_BYTES} bytes")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise Refused(400, "malformed_message", "the body must be a JSON object")
        return body

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")  # signed URLs are secrets
        if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT):
            self.send_header("Retry-After", RETRY_AFTER)
        self.end_headers()
        self.wfile.write(data)


def for_client(failed: UploadFailed) -> tuple[int, dict[str, Any]]:
    """The worker's answer as it is, but for what the client calls by another name or has not sent."""
    body = failed.result
    if body["error"].get("field") == "file_id":
        body["error"]["field"] = "id"
    if failed.code == "invalid_user_id":  # this service's own mistake
        logging.error("the worker refuses this service's user id: %s", failed)
        return 500, {"error": {"status": 500, "code": "internal", "message": "internal error", "retryable": False}}
    return failed.status, body


def main() -> int:
    if "AMQP_URL" not in os.environ or "TOKENS" not in os.environ:
        print(__doc__, file=sys.stderr)
        return 64
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # UploadRequests says what matters
    UploadAPI.tokens = dict(pair.split("=", 1) for pair in os.environ["TOKENS"].split(","))
    UploadAPI.answer_timeout = float(os.environ.get("ANSWER_TIMEOUT", "30"))
    address = ("127.0.0.1", int(os.environ.get("HTTP_PORT", "8088")))
    with (
        UploadRequests(os.environ["AMQP_URL"], os.environ.get("TOPOLOGY_PREFIX", "uploads")) as UploadAPI.requests,
        ThreadingHTTPServer(address, UploadAPI) as server,
    ):
        print(f"serving on http://{address[0]}:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
