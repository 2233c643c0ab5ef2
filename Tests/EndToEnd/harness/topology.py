"""The names of section 1 of the contract, for one prefix."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("start", "complete", "resume", "abort")


@dataclass(frozen=True)
class Topology:
    prefix: str
    delays: tuple[int, ...] = (1_000, 10_000, 60_000, 600_000)  # milliseconds, as RETRY_DELAYS by default

    @property
    def exchange(self) -> str:
        return self.prefix

    @property
    def results(self) -> str:
        return f"{self.prefix}.results"

    @property
    def dead(self) -> str:
        return f"{self.prefix}.dead"

    def request_queue(self, kind: str) -> str:
        return f"{self.prefix}.{kind}"

    def retry(self, delay: int) -> str:
        return f"{self.prefix}.retry.{delay}"

    @property
    def request_queues(self) -> list[str]:
        return [self.request_queue(kind) for kind in KINDS]

    @property
    def retries(self) -> list[str]:
        return [self.retry(delay) for delay in self.delays]

    @property
    def queues(self) -> list[str]:
        return [*self.request_queues, self.results, *self.retries, self.dead]

    @property
    def exchanges(self) -> list[str]:
        return [self.exchange, self.results, *self.retries, self.dead]
