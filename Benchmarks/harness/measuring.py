"""Measurements: a scenario, run once by one worker."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .processes import Broker, StoreStub, Worker, cpu_seconds, peak_memory
from .traffic import Request, Requester, ResultReader, check, complete_requests, start_requests

Figures = dict[str, float]


@dataclass(frozen=True)
class Scenario:
    parts: int
    delay: int  # of each answer of the store, in milliseconds

    @property
    def name(self) -> str:
        return f"{self.parts} parts, store {self.delay} ms"


@dataclass
class Bench:
    broker: Broker
    stub_binary: Path
    limit: float  # seconds until a run without its last result has failed
    startup: dict[str, list[float]] = field(default_factory=dict)
    runs: int = 0

    def prepare(self, worker: Worker) -> None:
        """Lets the worker declare its topology."""
        with self.stub(0) as stub, self.running(worker, stub, self.new_sessions()):
            worker.wait_until_ready()

    def measure_startup(self, worker: Worker) -> None:
        """What a worker uses until it is ready, which is not charged to requests."""
        with self.stub(0) as stub, self.running(worker, stub, self.new_sessions()):
            worker.wait_until_ready()
            self.startup.setdefault(worker.prefix, []).append(cpu_seconds(worker.pid))

    def measure(self, scenario: Scenario, worker: Worker, count: int) -> dict[str, Figures]:
        """Starts `count` uploads, then completes them; each queue is full before the worker starts."""
        sessions = self.new_sessions()
        with self.stub(scenario.delay) as stub:
            start, started = self.drain(worker, stub, sessions, start_requests(count, scenario.parts))
            complete, _ = self.drain(worker, stub, sessions, complete_requests(started))
        return {f"start, {scenario.name}": start, f"complete, {scenario.name}": complete}

    def drain(
        self, worker: Worker, stub: StoreStub, sessions: str, requests: list[Request]
    ) -> tuple[Figures, list[dict[str, Any]]]:
        """Figures and the results' bodies."""
        count = len(requests)
        with self.reader(count) as reader:
            with closing(Requester(worker, reader.queue)) as requester:
                requester.fill(requests)
            used = Usage(broker=self.broker.pid, store=stub.pid)
            calls = stub.calls()
            with self.running(worker, stub, sessions):
                reader.wait_for_the_last()
                worker.check_alive()
                startup = statistics.median(self.startup[worker.prefix])
                figures = {name: seconds / count * 1e6 for name, seconds in used.since_then().items()}
                figures["cpu"] = (cpu_seconds(worker.pid) - startup) / count * 1e6
                figures["memory"] = peak_memory(worker.pid)
                figures["calls"] = (stub.calls() - calls) / count
                results = reader.results()
                bodies = check(requests, results, worker)
        moments = [result.at for result in results]
        figures["rate"] = (count - 1) / (max(moments) - min(moments))
        return figures, bodies

    def measure_latency(self, worker: Worker, seconds: float, per_second: float, delay: int) -> Figures:
        """From publish to answer at a steady pace, the first second left out."""
        requests = start_requests(int(per_second * (seconds + 1)), parts=3)
        with self.stub(delay) as stub, self.running(worker, stub, self.new_sessions()):
            worker.wait_until_ready()
            with self.reader(len(requests)) as reader, closing(Requester(worker, reader.queue)) as requester:
                due = requester.publish_steadily(requests, per_second)
                reader.wait_for_the_last()
                results = reader.results()
            check(requests, results, worker)
        came = {result.correlation_id: result.at for result in results}
        times = [came[request.id] - moment for request, moment in zip(requests, due)][int(per_second):]
        cuts = statistics.quantiles(times, n=100, method="inclusive")
        return {"p50": cuts[49] * 1e3, "p99": cuts[98] * 1e3, "worst": max(times) * 1e3}

    def new_sessions(self) -> str:
        self.runs += 1
        return str(self.runs)

    @contextmanager
    def stub(self, delay: int) -> Iterator[StoreStub]:
        stub = StoreStub(self.stub_binary, delay)
        try:
            yield stub
        finally:
            stub.stop()

    @contextmanager
    def running(self, worker: Worker, stub: StoreStub, sessions: str) -> Iterator[None]:
        worker.start(stub, sessions)
        try:
            yield
        finally:
            worker.stop()

    @contextmanager
    def reader(self, count: int) -> Iterator[ResultReader]:
        reader = ResultReader(self.broker.url, count, self.limit)
        try:
            yield reader
        finally:
            reader.stop()


class Usage:
    """What processes use from now on."""

    def __init__(self, **pids: int | None) -> None:
        self.pids = pids
        self.before = {name: cpu_seconds(pid) for name, pid in pids.items()}

    def since_then(self) -> Figures:
        return {name: cpu_seconds(pid) - self.before[name] for name, pid in self.pids.items()}
