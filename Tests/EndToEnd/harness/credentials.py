"""What the worker asks for credentials: a container's endpoint, instance metadata, and AWS's token service.

They hand out the store's own key, with a session token of their own for each time, so that the store goes on verifying.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from harness.output import EVERYTHING
from harness.ports import free_port
from harness.servers import StoreServer
from harness.waiting import until
from harness.worker import INHERITED

METADATA_ROLE = "upload-role"
METADATA_TOKEN = "metadata-token"


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass(frozen=True)
class Issued:
    """One set of credentials that was handed out."""

    token: str
    end: datetime

    @property
    def expiration(self) -> str:
        return self.end.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class CredentialsServer:
    """Answers as the three endpoints do, whichever is asked; its answers can be changed while it runs."""

    store: StoreServer
    life: float = 3_600
    failing: int | None = None
    """The status that everything is answered with."""
    asked: list[Asked] = field(default_factory=list)
    issued: list[Issued] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, asked: Asked) -> tuple[int, str]:
        with self._lock:
            self.asked.append(asked)
            if self.failing:
                return self.failing, "{}"
            if asked.path == "/latest/api/token":
                return (200, METADATA_TOKEN) if asked.method == "PUT" else (405, "")
            if asked.path.startswith("/latest/meta-data/"):
                return self._metadata(asked)
            if asked.method == "POST":
                return self._token_service(asked)
            return 200, json.dumps(self._document())

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> CredentialsServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _metadata(self, asked: Asked) -> tuple[int, str]:
        if asked.headers.get("x-aws-ec2-metadata-token") != METADATA_TOKEN:
            return 401, ""
        if asked.path == "/latest/meta-data/iam/security-credentials/":
            return 200, METADATA_ROLE
        assert asked.path.endswith(f"/{METADATA_ROLE}")
        return 200, json.dumps({"Code": "Success", "Type": "AWS-HMAC"} | self._document())

    def _token_service(self, asked: Asked) -> tuple[int, str]:
        action = asked.form["Action"]
        values = self._document()
        values["SessionToken"] = values.pop("Token")
        fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
        body = f"<{action}Result><Credentials>{fields}</Credentials></{action}Result>"
        return 200, f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{body}</{action}Response>'

    def _document(self) -> dict[str, str]:
        end = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=self.life)
        issued = Issued(f"session-token-{len(self.issued) + 1}", end)
        self.issued.append(issued)
        EVERYTHING.learn_secret("a session token that was handed out", issued.token)
        return {
            "AccessKeyId": self.store.access_key,
            "SecretAccessKey": self.store.secret_key,
            "Token": issued.token,
            "Expiration": issued.expiration,
        }


def handler_for(server: CredentialsServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, text = server.answer(Asked(self.command, self.path, headers, form))
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_PUT = do_POST = respond

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing: what is asked here is secret."""

    return Handler


@contextmanager
def moto() -> Iterator[str]:
    """The endpoint of moto's AWS services, a process of its own: its token service and its S3 know each other's keys."""
    port = free_port()
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def wait_for_issue(server: CredentialsServer, count: int, timeout: float = 30) -> None:
    """Returns once so many sets of credentials have been handed out."""
    until(lambda: len(server.issued) >= count, f"{count} sets of credentials", timeout)

