"""Requests in, results out: filling a queue, reading the answers in a process of its own, checking them."""

from __future__ import annotations

import gc
import json
import multiprocessing
import signal
import time
import uuid
from dataclasses import dataclass
from typing import Any

import pika

from .processes import Failed, Worker

FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Request:
    kind: str
    body: dict[str, Any]
    id: str  # its message_id, and the correlation_id of its result


@dataclass(frozen=True)
class Result:
    at: float  # seconds of the monotonic clock, which all processes share
    type: str
    message_id: str
    correlation_id: str
    body: bytes


def start_requests(count: int, parts: int) -> list[Request]:
    def body() -> dict[str, Any]:
        return {"file_id": str(uuid.uuid4()), "user_id": 42, "part_count": parts, "content_type": "video/mp4"}

    return [Request("start", body(), str(uuid.uuid4())) for _ in range(count)]


def complete_requests(started: list[dict[str, Any]]) -> list[Request]:
    def body(result: dict[str, Any]) -> dict[str, Any]:
        parts = [
            {"part_number": number, "etag": f'"{number:032x}"'} for number in range(1, result["part_count"] + 1)
        ]
        return {"file_id": result["file_id"], "user_id": 42, "upload_id": result["upload_id"], "parts": parts}

    return [Request("complete", body(result), str(uuid.uuid4())) for result in started]


class Requester:
    """Publishes as a backend would: persistent, to the queue of the request, with a queue for the answer."""

    def __init__(self, worker: Worker, reply_to: str) -> None:
        self.worker, self.reply_to = worker, reply_to
        self.connection = pika.BlockingConnection(pika.URLParameters(worker.broker.url))
        self.channel = self.connection.channel()

    def publish(self, request: Request) -> None:
        properties = pika.BasicProperties(
            content_type="application/json",
            delivery_mode=2,
            message_id=request.id,
            correlation_id=request.id,
            reply_to=self.reply_to,
        )
        self.channel.basic_publish("", self.queue(request.kind), json.dumps(request.body).encode(), properties)

    def fill(self, requests: list[Request]) -> None:
        """Returns once they lie in the queue, ready to be taken."""
        for request in requests:
            self.publish(request)
        kind = requests[0].kind
        deadline = time.monotonic() + 30
        while self.waiting(kind) < len(requests):
            if time.monotonic() > deadline:
                raise Failed(f"the broker holds {self.waiting(kind)} of {len(requests)} requests")
            time.sleep(0.02)

    def waiting(self, kind: str) -> int:
        return self.channel.queue_declare(self.queue(kind), passive=True).method.message_count or 0

    def queue(self, kind: str) -> str:
        return f"{self.worker.prefix}.{kind}"

    def publish_steadily(self, requests: list[Request], per_second: float) -> list[float]:
        """Publishes on time whatever the answers do; returns when each was due to be published."""
        begin = time.monotonic() + 0.05
        due = [begin + index / per_second for index in range(len(requests))]
        for request, moment in zip(requests, due):
            time.sleep(max(0.0, moment - time.monotonic()))
            self.publish(request)
        return due

    def delete_topology(self) -> None:
        prefix = self.worker.prefix
        queues = [f"{prefix}.{kind}" for kind in ("start", "complete", "resume", "abort", "results", "dead")]
        retries = [f"{prefix}.retry.{delay}" for delay in (1_000, 10_000, 60_000, 600_000)]
        for queue in queues + retries:
            self.channel.queue_delete(queue)
        for exchange in [prefix, f"{prefix}.results", f"{prefix}.dead"] + retries:
            self.channel.exchange_delete(exchange)

    def close(self) -> None:
        self.connection.close()


class ResultReader:
    """Takes results without acknowledgement, in a process of its own, until it has as many as it was told."""

    def __init__(self, url: str, count: int, limit: float) -> None:
        self.count, self.limit = count, limit
        self.pipe, theirs = FORK.Pipe()
        self.process = FORK.Process(target=read_results, args=(url, count, limit, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.queue: str = self.receive(20)

    def wait_for_the_last(self) -> None:
        """Returns as soon as the last result is there, or none is expected any more."""
        self.receive(self.limit + 20)

    def results(self) -> list[Result]:
        results = [Result(*fields) for fields in self.receive(60)]
        self.process.join()
        return results

    def receive(self, limit: float) -> Any:
        if not self.pipe.poll(limit):
            raise Failed("the reader of results says nothing")
        try:
            return self.pipe.recv()
        except EOFError:
            raise Failed("the reader of results has ended early") from None

    def stop(self) -> None:
        self.process.terminate()
        self.process.join()


def read_results(url: str, count: int, limit: float, pipe: Any) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who started it stops it
    gc.disable()
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    queue = channel.queue_declare(f"benchmark-{uuid.uuid4()}", exclusive=True).method.queue
    results: list[tuple[float, str | None, str | None, str | None, bytes]] = []

    def take(_: Any, __: Any, properties: pika.BasicProperties, body: bytes) -> None:
        moment = time.monotonic()
        results.append((moment, properties.type, properties.message_id, properties.correlation_id, body))
        if len(results) == count:
            channel.stop_consuming()

    channel.basic_consume(queue, take, auto_ack=True)
    connection.call_later(limit, channel.stop_consuming)
    pipe.send(queue)
    channel.start_consuming()
    pipe.send("last")
    pipe.send(results)
    connection.close()


def check(requests: list[Request], results: list[Result], worker: Worker) -> list[dict[str, Any]]:
    """Every request has its own, right result; returns the results' bodies."""
    if len(results) < len(requests):
        worker.check_alive()
        raise Failed(f"{len(results)} of {len(requests)} results in time\n{worker.last_words()}")
    if len({result.message_id for result in results}) != len(requests):
        raise Failed("results share message ids")
    asked = {request.id: request for request in requests}
    urls: set[str] = set()
    bodies = []
    for result in results:
        body, request = json.loads(result.body), asked.pop(result.correlation_id)
        expected = {"start": "upload.started", "complete": "upload.completed"}[request.kind]
        if result.type != expected or body["type"] != expected or body["file_id"] != request.body["file_id"]:
            raise Failed(f"{request.kind} was answered: {result.type} {result.body[:500]!r}")
        if request.kind == "start":
            check_urls(request, body, urls)
        bodies.append(body)
    return bodies


def check_urls(request: Request, body: dict[str, Any], seen: set[str]) -> None:
    before = len(seen)
    seen.update(body["presigned_urls"])
    named = all(
        f"partNumber={number}" in url.replace("?", "&").split("&")
        for number, url in enumerate(body["presigned_urls"], 1)
    )
    if len(seen) - before != request.body["part_count"] or not named:
        raise Failed(f"{request.body['part_count']} parts were asked for: {json.dumps(body)[:1_000]}")
