"""The two servers the worker stands between, started by the project's own scripts or named by the environment."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pika

from harness.topology import Topology

SCRIPTS = Path(__file__).resolve().parents[3] / "deploy/local"


SETTLED = 2.0
"""Seconds after which everything has started that a declaration makes the broker start."""


@dataclass(frozen=True)
class BrokerServer:
    url: str
    ctl: str
    """The command that stands for `rabbitmqctl`."""
    directory: Path | None = None
    """Its state; none where somebody else started it."""
    _lingering: list[tuple[float, Topology]] = field(default_factory=list, compare=False)
    """What is to be deleted, each with the time from which on it may be."""

    @classmethod
    def from_environment(cls) -> BrokerServer | None:
        url = os.environ.get("TEST_AMQP_URL")
        return cls(url, os.environ["TEST_AMQP_CTL"]) if url else None

    @classmethod
    def started(cls, directory: Path) -> BrokerServer:
        said = script("start-broker", directory)
        return cls(said["AMQP_URL"], said["AMQP_CTL"], directory)

    def rabbitmqctl(self, *arguments: str) -> str:
        return subprocess.run([self.ctl, *arguments], capture_output=True, text=True, check=True, timeout=180).stdout

    def table(self, *arguments: str) -> list[dict[str, Any]]:
        """The rows of a `rabbitmqctl list_…`."""
        rows: list[dict[str, Any]] = json.loads(self.rabbitmqctl("--silent", "--formatter", "json", *arguments))
        return rows

    def forget(self, topology: Topology, age: float = SETTLED) -> None:
        """Deletes what a worker has declared: a quorum queue costs the broker memory.

        What is younger than `SETTLED` seconds goes with a later topology, or stays to the end: RabbitMQ 3.10 starts a process
        for each queue that has a dead-letter exchange, and where two find their queue gone it starts none ever after.
        """
        now = time.monotonic()
        self._lingering.append((now + SETTLED - age, topology))
        due = [each for each in self._lingering if each[0] <= now]
        if not due:
            return
        with pika.BlockingConnection(pika.URLParameters(self.url)) as connection:
            channel = connection.channel()
            for each in due:
                self._lingering.remove(each)
                for queue in each[1].queues:
                    channel.queue_delete(queue)
                for exchange in each[1].exchanges:
                    channel.exchange_delete(exchange)

    def stop(self) -> None:
        self._script("stop-broker")

    def kill(self) -> None:
        self._script("stop-broker", "--kill")

    def start_again(self) -> None:
        self._script("start-broker")

    def _script(self, name: str, *arguments: str) -> None:
        assert self.directory is not None, "this broker belongs to somebody else"
        script(name, self.directory, *arguments)


@dataclass(frozen=True)
class StoreServer:
    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    region: str
    directory: Path | None = None

    @classmethod
    def from_environment(cls) -> StoreServer | None:
        if "TEST_S3_ENDPOINT" not in os.environ:
            return None
        return cls(
            endpoint=os.environ["TEST_S3_ENDPOINT"],
            access_key=os.environ["TEST_S3_ACCESS_KEY"],
            secret_key=os.environ["TEST_S3_SECRET_KEY"],
            bucket=os.environ["TEST_S3_BUCKET"],
            region=os.environ["TEST_S3_REGION"],
        )

    @classmethod
    def started(cls, directory: Path) -> StoreServer:
        said = script("start-s3", directory)
        return cls(
            endpoint=said["AWS_ENDPOINT_URL_S3"],
            access_key=said["AWS_ACCESS_KEY_ID"],
            secret_key=said["AWS_SECRET_ACCESS_KEY"],
            bucket=said["S3_BUCKET"],
            region=said["AWS_REGION"],
            directory=directory,
        )

    def stop(self) -> None:
        assert self.directory is not None, "this server belongs to somebody else"
        script("stop-s3", self.directory)


def script(name: str, directory: Path, *arguments: str) -> dict[str, str]:
    """Runs a script of deploy/local, and reads the NAME=VALUE lines that it prints."""
    with tempfile.TemporaryFile("w+") as errors:  # a pipe would stay open as long as the server
        done = subprocess.run(
            [SCRIPTS / name, directory, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            timeout=120,
            check=False,
        )
        errors.seek(0)
        assert done.returncode == 0, f"{name} ended with {done.returncode}:\n{errors.read()}"
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
