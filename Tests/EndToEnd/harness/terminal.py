"""`make run` as a newcomer starts it, and another terminal beside it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

from harness.output import EVERYTHING
from harness.waiting import until
from harness.worker import BINARY, REPOSITORY, complete

NOWHERE = "http://127.0.0.1:9"
OF_A_DEVELOPER = {
    "AMQP_CERT_FILE": "/nonexistent/client.pem",
    "AMQP_URL": "amqp://somebody@127.0.0.1:9",
    "AWS_ENDPOINT_URL": NOWHERE,
    "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "of-another-account",
    "OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE,
    "S3_PUBLIC_ENDPOINT": NOWHERE,
    "SESSION_STORE": "sqlite:/nonexistent/sessions.sqlite",
    "http_proxy": NOWHERE,
    "https_proxy": NOWHERE,
}
"""What a machine that is used for other work as well has in its environment."""


class Terminal:
    """In a folder that stands for the clone's, on a machine with settings of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        for name in ("deploy", "examples", "Makefile"):
            (directory / name).symlink_to(REPOSITORY / name)
        (directory / ".aws").mkdir()
        (directory / ".aws/config").write_text(f"[default]\nendpoint_url = {NOWHERE}\nregion = nowhere\n")
        self._environment = complete(OF_A_DEVELOPER | {"UPLOAD_WORKER": str(BINARY)}, directory)
        self._printed = directory / "printed"
        self._before = ":"

    def start(self, command: str) -> None:
        """Starts `make run`, and reads the settings that it says to read."""
        with self._printed.open("wb") as printed:
            self._process = subprocess.Popen(
                ["bash", "-c", command],
                env=self._environment,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                start_new_session=True,
            )
        self._before = until(self._line_to_type, "make run to serve", 60)

    def _line_to_type(self) -> str | None:
        printed = self._printed.read_text()
        assert self._process.poll() is None, printed
        line = re.search(r"^ +(\. \S+/settings)\b", printed, re.MULTILINE)
        return line[1] if line and "The worker's log:" in printed else None

    def run(self, commands: str, timeout: float = 60) -> str:
        """What the commands print, errors in between, typed after the line that `make run` has printed."""
        done = subprocess.run(
            ["bash", "-c", f"{self._before}\n{commands}"],
            env=self._environment,
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return done.stdout

    def setting(self, name: str) -> str:
        return self.run(f'printf %s "${name}"')

    def stop(self) -> None:
        """Ctrl-C."""
        if self._process.poll() is None:
            EVERYTHING.keep("the worker of make run", self.run('cat "$WORKER_LOG"'))
            os.killpg(self._process.pid, signal.SIGINT)
            self._process.wait(60)
