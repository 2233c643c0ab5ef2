"""The client examples as a backend developer runs them, and stand-ins for what they talk to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.worker import REPOSITORY, complete

EXAMPLES = REPOSITORY / "examples"
DEBIAN_GO = Path("/usr/share/gocode")


@dataclass(frozen=True)
class Example:
    """One of the examples that upload a file: `FILE USER_ID [FILE_ID [CONTENT_TYPE]]`."""

    language: str
    command: list[str]

    @property
    def has_correlation_ids(self) -> bool:
        return self.language != "shell"

    def start(self, environment: dict[str, str], directory: Path, *arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.command, *map(str, arguments)],
            env=complete(environment, directory),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, environment: dict[str, str], directory: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        with self.start(environment, directory, *arguments) as process:
            return finished(process)


def finished(process: subprocess.Popen[str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """What it said and how it ended; killed when it does not."""
    try:
        said, complained = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, said, complained)


def python() -> Example:
    return Example("python", [sys.executable, str(EXAMPLES / "python/upload.py")])


def shell() -> Example:
    for tool in ("amqp-publish", "curl", "jq"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    return Example("shell", [str(EXAMPLES / "shell/upload.sh")])


def go(directory: Path) -> Example:
    """Built of Debian's packages alone: no network."""
    if shutil.which("go") is None or not (DEBIAN_GO / "src/github.com/rabbitmq/amqp091-go").is_dir():
        pytest.skip("golang-go and golang-github-rabbitmq-amqp091-go-dev are not installed")
    settings = {"GO111MODULE": "off", "GOPATH": str(DEBIAN_GO), "GOCACHE": str(directory / "cache"), "GOFLAGS": ""}
    binary = directory / "upload"
    sources = sorted((EXAMPLES / "go").glob("*.go"))
    subprocess.run(["go", "vet", *sources], env=os.environ | settings, check=True, timeout=300)
    subprocess.run(["go", "build", "-o", binary, *sources], env=os.environ | settings, check=True, timeout=300)
    return Example("go", [str(binary)])


class PartStore:
    """Takes parts; refuses each the first time with a failure that passes, and remembers the sizes of what it took."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self.tries: dict[str, int] = defaultdict(int)
        self.sizes: dict[str, int] = {}

    def url(self, number: int) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{number}?X-Amz-Signature=5ec7e7"

    def take(self, path: str, data: bytes) -> int:
        part = path.partition("?")[0].strip("/")
        self.tries[part] += 1
        if self.tries[part] == 1:
            return 503
        self.sizes[part] = len(data)
        return 200


@contextmanager
def part_store() -> Iterator[PartStore]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            status = store.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("ETag", f'"etag-{self.path[1]}"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: a URL of this store is signed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        store = PartStore(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield store
        server.shutdown()
