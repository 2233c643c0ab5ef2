"""The program under test, as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import ClassVar

import urllib3

from harness.output import EVERYTHING
from harness.ports import free_port
from harness.topology import Topology
from harness.waiting import until

REPOSITORY = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("UPLOAD_WORKER", REPOSITORY / ".build/debug/upload-worker")).absolute()
INHERITED = ("PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH")


def run(
    arguments: list[str], environment: dict[str, str], directory: Path, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Runs a command of the program to its end."""
    EVERYTHING.learn(environment)
    done = subprocess.run(
        [BINARY, *arguments],
        env=complete(environment, directory),
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    EVERYTHING.keep(f"upload-worker {' '.join(map(str, arguments))}", done.stdout, done.stderr)
    return done


class Watched(subprocess.Popen[str]):
    """A command under way, whose output is kept for the search for secrets once it is read."""

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:
        out, errors = super().communicate(input, timeout)
        EVERYTHING.keep(f"upload-worker {' '.join(map(str, self.args[1:]))}", out, errors)
        return out, errors


def complete(environment: dict[str, str], directory: Path) -> dict[str, str]:
    """The whole environment of a process: nothing of the machine's own settings gets in."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {"HOME": str(directory)} | environment


class Worker:
    """One `upload-worker run`: started, awaited, stopped or killed, and started again with the same settings."""

    running: ClassVar[list[Worker]] = []
    """Those started and not yet stopped, for a failing test's report."""

    def __init__(self, environment: dict[str, str], directory: Path, arguments: tuple[str, ...] = ()) -> None:
        self.environment = {"HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(free_port())} | environment
        self.directory = directory
        self._arguments = arguments
        self._log = directory / "worker.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    @property
    def age(self) -> float:
        """Seconds since it was started the first time."""
        return time.monotonic() - self._started_at

    @property
    def topology(self) -> Topology:
        delays = self.environment.get("RETRY_DELAYS", "1s,10s,1m,10m")
        return Topology(self.environment["TOPOLOGY_PREFIX"], tuple(milliseconds(delay) for delay in delays.split(",")))

    def start(self) -> Worker:
        EVERYTHING.learn(self.environment)
        EVERYTHING.keep_file(self._log)
        self._started_at = self._started_at or time.monotonic()
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "run", *self._arguments],
                env=complete(self.environment, self.directory),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if self not in Worker.running:
            Worker.running.append(self)
        return self

    def wait_until_ready(self, timeout: float = 30) -> Worker:
        until(lambda: self._check_alive() and self.status("/readyz")[0] == 200, "the worker's readiness", timeout)
        return self

    def status(self, path: str) -> tuple[int, str]:
        """Status and body of a status page; status 0 while nothing listens."""
        try:
            response = self.fetch(path)
        except urllib3.exceptions.HTTPError:
            return 0, ""
        return response.status, response.data.decode()

    def fetch(self, path: str, method: str = "GET") -> urllib3.BaseHTTPResponse:
        """Whatever a status page answers, headers included."""
        url = f"http://127.0.0.1:{self.environment['HTTP_PORT']}{path}"
        return urllib3.request(method, url, timeout=5, retries=False)

    @property
    def unmet(self) -> dict[str, str]:
        """Why which conditions of being ready are not met, by `/readyz`."""
        checks = self.fetch("/readyz").json()["checks"]
        return {name: check["reason"] for name, check in checks.items() if not check["ok"]}

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def wait(self, timeout: float = 40) -> int:
        """The exit status, once the process has ended by itself."""
        assert self.process is not None
        return self.process.wait(timeout)

    def terminate(self, timeout: float = 40) -> int:
        """SIGTERM, and the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """The end of a test: whatever happened before, the process is gone."""
        if self in Worker.running:
            Worker.running.remove(self)
        if self.is_running:
            try:
                self.terminate()
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _check_alive(self) -> bool:
        assert self.is_running, f"the worker ended with {self.process and self.process.returncode}:\n{self.log[-4000:]}"
        return True


def milliseconds(duration: str) -> int:
    units = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
    number = duration.rstrip("mshd")
    return int(number) * units[duration[len(number) :]]
