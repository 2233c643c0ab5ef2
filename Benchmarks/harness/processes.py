"""The processes under measurement: broker, store stub, worker, and what each has used."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Failed(Exception):
    """The measurement cannot be had; says why."""


def cpu_seconds(pid: int | None) -> float:
    """User and system time of a process: what /proc/PID/stat says in hundredths, to the nanosecond."""
    if pid is None:
        return float("nan")
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the kernel's number for that process's CPU clock
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(pid: int) -> float:
    """VmHWM, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def listener(port: int) -> int | None:
    """The process of this machine that listens on a TCP port, where it may be seen."""
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{fields[9]}]")
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(descriptor) in sockets:
                return int(descriptor.parts[2])
        except OSError:
            continue
    return None


def free_port() -> int:
    """Below the range of outgoing connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Broker:
    """The broker of AMQP_URL, or a throw-away one."""

    def __init__(self, directory: Path) -> None:
        self.directory: Path | None = None
        self.url = os.environ.get("AMQP_URL", "")
        if not self.url:
            self.directory = directory / "broker"
            start = subprocess.run(
                [ROOT / "deploy/local/start-broker", self.directory], stdout=subprocess.PIPE, text=True, check=True
            )
            self.url = dict(line.split("=", 1) for line in start.stdout.splitlines())["AMQP_URL"]
        host, _, port = self.url.rpartition("@")[2].partition("/")[0].partition(":")
        self.pid = listener(int(port or 5672)) if host in ("127.0.0.1", "localhost") else None

    def stop(self) -> None:
        if self.directory:
            subprocess.run([ROOT / "deploy/local/stop-broker", self.directory], check=True)


class StoreStub:
    def __init__(self, binary: Path, delay_milliseconds: int) -> None:
        self.process = subprocess.Popen(
            [binary, "--delay-ms", str(delay_milliseconds)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip().partition("=")[2]
        self.pid = self.process.pid

    def calls(self) -> int:
        """How many calls of S3 operations came so far."""
        with urllib.request.urlopen(self.url + "/-/counts", timeout=5) as answer:
            return sum(json.load(answer).values())

    def stop(self) -> None:
        stop(self.process)


class Worker:
    """A worker with its own topology; its sessions live in a new SQLite file for each name."""

    def __init__(self, binary: Path, prefix: str, directory: Path, broker: Broker) -> None:
        self.binary, self.prefix, self.directory, self.broker = binary, prefix, directory, broker
        self.process: subprocess.Popen[str] | None = None

    def start(self, stub: StoreStub, sessions: str) -> None:
        self.port = free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "S3_"))}
        settings = {
            "AMQP_URL": self.broker.url,
            "TOPOLOGY_PREFIX": self.prefix,
            "S3_BUCKET": "bench",
            "AWS_ENDPOINT_URL_S3": stub.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "SESSION_STORE": f"sqlite:{self.directory / self.prefix}-{sessions}.sqlite",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(self.port),
        }
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [self.binary, "run"], env=inherited | settings, stdout=log, stderr=log, text=True, cwd=self.directory
            )

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def log(self) -> Path:
        return self.directory / f"{self.prefix}.log"

    def wait_until_ready(self, limit: float = 20) -> None:
        deadline = time.monotonic() + limit
        while True:
            self.check_alive()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2).close()
                return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline:
                    raise Failed(f"{self.binary} is not ready after {limit:.0f} s\n{self.last_words()}") from None
                time.sleep(0.01)

    def check_alive(self) -> None:
        if self.process and self.process.poll() is not None:
            raise Failed(f"{self.binary} ended with status {self.process.returncode}\n{self.last_words()}")

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2_000:]

    def stop(self) -> None:
        if self.process:
            stop(self.process)
            self.process = None
