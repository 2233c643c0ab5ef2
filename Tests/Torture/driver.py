"""Runs many flows at once: what each yields is carried out, and what comes of it is sent back in."""

from __future__ import annotations

import queue
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pika

from harness.messages import Message
from harness.store import Store
from harness.topology import Topology
from Torture import flows, store_flows
from Torture.bus import Outgoing, Publisher
from Torture.ledger import Ledger
from Torture.record import Record
from Torture.steps import REPLIES, Ask, Client, Do, Flow, Overdue, Unexpected

AT_ONCE = 200
LARGE_EVERY = 40.0  # seconds
MIX = flows.MIX | store_flows.MIX


@dataclass
class Running:
    client: Client
    flow: Flow
    name: str


class Driver:
    def __init__(
        self, topology: Topology, store: Store, publisher: Publisher, record: Record, seed: int, rate: float
    ) -> None:
        self._topology, self._store, self._publisher, self._record = topology, store, publisher, record
        self._random = random.Random(f"flows {seed}")
        self._rate = rate
        self._pool = ThreadPoolExecutor(4)
        self._events: queue.SimpleQueue[tuple[Running, Any]] = queue.SimpleQueue()
        self._waiting: dict[str, Running] = {}
        self._number = 0
        self._sent = 0
        self._began: float | None = None
        self._large_at = 0.0
        self.active: dict[int, Running] = {}
        self.clients: list[Client] = []
        self.ledger = Ledger(record)

    def take(self, message: Message) -> None:
        """A result, from the reader's thread."""
        if taken := self.ledger.take(message):
            identity, result = taken
            if running := self._waiting.pop(identity, None):
                self._events.put((running, result))

    def run(self, until: float) -> None:
        """Begins new flows until then."""
        if self._began is None:
            self._began = time.monotonic()
            self._large_at = self._began + 5
        while (now := time.monotonic()) < until:
            if now >= self._large_at:
                self._large_at = now + LARGE_EVERY
                self.begin(flows.large)
            while len(self.active) < AT_ONCE and self._sent < self._rate * (now - self._began) + AT_ONCE:
                self.begin(self._random.choices(list(MIX), list(MIX.values()))[0])
            self._step(0.05)

    def finish(self, timeout: float) -> None:
        """Lets the flows there are come to their ends."""
        deadline = time.monotonic() + timeout
        while self.active and time.monotonic() < deadline:
            self._step(0.2)
        for running in self.active.values():
            self._record.note(f"unfinished {running.name} {running.client.key}: {running.client.standing.transcript}")

    def wait(self, client: Client, timeout: float = 60) -> None:
        """Lets that client's flow come to its end."""
        deadline = time.monotonic() + timeout
        while any(each.client is client for each in self.active.values()) and time.monotonic() < deadline:
            self._step(0.1)

    def pause(self, seconds: float) -> None:
        """Lets flows go on for so long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._step(left)

    def begin(self, make: Callable[[Client], Flow]) -> Client:
        client = Client(self._store, random.Random(self._random.getrandbits(64)))
        running = Running(client, make(client), getattr(make, "__name__", "scripted"))
        self.clients.append(client)
        self.active[id(running)] = running
        self._record.count("flows", "begun")
        self._advance(running, None)
        return client

    def _step(self, timeout: float) -> None:
        try:
            running, value = self._events.get(timeout=timeout)
        except queue.Empty:
            return
        self._advance(running, value)

    def _advance(self, running: Running, value: Any) -> None:
        try:
            if isinstance(value, BaseException):
                raise Unexpected(f"{type(value).__name__}: {value}") from value
            step = running.flow.send(value)
        except StopIteration:
            self._end(running, "completed" if running.client.data is not None else "ended")
        except Overdue:
            self._end(running, "overdue")
        except Unexpected as problem:
            self._end(running, "wrong")
            self._record.wrong("wrong", f"{running.name} {running.client.key}: {problem}")
        else:
            self._carry_out(step, running)

    def _end(self, running: Running, how: str) -> None:
        self._record.count("flows", how)
        del self.active[id(running)]

    def _carry_out(self, step: Ask | Do, running: Running) -> None:
        if isinstance(step, Ask):
            self._ask(step, running)
        else:
            self._pool.submit(self._do, step, running)

    def _do(self, step: Do, running: Running) -> None:
        value: Any
        try:
            value = step.work()
        except Exception as problem:  # noqa: BLE001
            value = problem
        self._events.put((running, value))

    def _ask(self, step: Ask, running: Running) -> None:
        self._number += 1
        self._sent += 1
        identity = f"{running.name}-{self._number}"
        self._waiting[identity] = running
        self.ledger.ask(identity, step.kind, running.client.standing)
        properties = {"message_id": identity, "delivery_mode": 2} | step.properties
        if "reply_to" not in properties and self._random.random() < 0.5:
            properties["reply_to"] = REPLIES
        queue_name = self._topology.request_queue(step.kind)
        target = ("", queue_name) if self._random.random() < 0.2 else (self._topology.exchange, step.kind)
        self._publisher.send(Outgoing(*target, step.body, pika.BasicProperties(**properties)))
