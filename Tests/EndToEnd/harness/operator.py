"""An operator with dead letters, and the commands on them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pika

from harness import requests
from harness.schemas import Schemas
from harness.servers import BrokerServer
from harness.topology import Topology
from harness.waiting import until
from harness.worker import BINARY, Watched, complete, run


class Operator:
    """A prefix of its own with everything declared, its dead letters, and the commands on them."""

    def __init__(
        self, broker: BrokerServer, environment: dict[str, str], directory: Path, schemas: Schemas
    ) -> None:
        self.schemas = schemas
        self.environment = environment
        self.directory = directory
        self.topology = Topology(environment["TOPOLOGY_PREFIX"])
        self.connection = pika.BlockingConnection(pika.URLParameters(broker.url))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()

    def dead(self, *arguments: Any) -> subprocess.CompletedProcess[str]:
        return run(["dead", *map(str, arguments)], self.environment, self.directory, timeout=120)

    def rows(self, *arguments: Any) -> list[dict[str, Any]]:
        done = self.dead("list", *arguments, "--format", "json")
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        for row in rows if "--group" not in arguments else []:
            self.schemas.check_printed_dead_letter(row)
        return rows

    def shown(self, letter: Any) -> dict[str, Any]:
        done = self.dead("show", letter, "--format", "json")
        assert done.returncode == 0, done.stderr
        shown = json.loads(done.stdout)
        self.schemas.check_printed_dead_letter(shown)
        return shown

    def put(self, queue: str, body: bytes = b"{}", **properties: Any) -> None:
        self.channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2, **properties), mandatory=True)

    def put_many(self, count: int, body: bytes = b"{}", **properties: Any) -> None:
        """Publishes without waiting for each confirm, and returns once all are there."""
        fast = self.connection.channel()
        for number in range(count):
            given = pika.BasicProperties(delivery_mode=2, message_id=f"m-{number}", **properties)
            fast.basic_publish("", self.topology.dead, body, given)
        until(lambda: self.count(self.topology.dead) == count, f"{count} dead letters", 120)

    def count(self, queue: str) -> int:
        return self.channel.queue_declare(queue, passive=True).method.message_count

    def readers(self) -> int:
        return self.channel.queue_declare(self.topology.dead, passive=True).method.consumer_count

    def letter(self, number: int, kind: str = "start", code: str = "storage_unavailable") -> dict[str, Any]:
        """Puts what the worker would put there, and gives the request's body."""
        body = requests.OF_KIND[kind]()
        self.put(
            self.topology.dead,
            json.dumps(body).encode(),
            message_id=f"m-{number}",
            headers=self.headers(kind, code),
        )
        return body

    def headers(self, kind: str = "start", code: str = "storage_unavailable") -> dict[str, Any]:
        return {
            "upload-error-code": code,
            "upload-error-message": "told to",
            "upload-attempts": 5,
            "upload-origin-queue": self.topology.request_queue(kind),
            "upload-first-failed-at": "2026-01-01T00:00:00Z",
            "upload-last-failed-at": "2026-01-01T00:10:00Z",
            "kept": "as it was",
        }

    def everything(self, queue: str, take: bool = True) -> list[tuple[Any, ...]]:
        """All messages of a queue in order, with all they have, the broker's own count aside; taken out, or left in it."""
        count = self.count(queue)
        channel = self.connection.channel()
        found = []
        for method, properties, body in channel.consume(queue, auto_ack=take) if count else []:
            values = {name: value for name, value in vars(properties).items() if name != "headers"}
            headers = {k: v for k, v in (properties.headers or {}).items() if k != "x-delivery-count"}
            found.append((method.exchange, method.routing_key, values, headers, body))
            if len(found) == count:
                break
        channel.close()
        until(lambda: self.count(queue) == (0 if take else count), "the queue as it is to be")
        return found

    def started(self, *arguments: Any, **options: Any) -> Watched:
        return Watched(
            [BINARY, "dead", *map(str, arguments)],
            env=complete(self.environment, self.directory),
            cwd=self.directory,
            **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options),
        )
