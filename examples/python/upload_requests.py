"""Requests to upload-worker over RabbitMQ, and their results: copy this file into a service.

Needs pika (`apt-get install python3-pika`, or pip). One object serves a whole process: a thread of its own owns the
connection, answers heartbeats and connects again, and any number of threads may `ask` at once.

    with UploadRequests("amqp://…") as requests:
        result = requests.ask("start", {"file_id": "holiday-1", "user_id": 42, "part_count": 2})
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import uuid
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ConnectionWrongStateError, UnroutableError

log = logging.getLogger(__name__)


class UploadFailed(Exception):
    """The worker's answer that a request has failed: `upload.failed`, with all that it said in `result`."""

    def __init__(self, result: dict[str, Any]) -> None:
        error = result["error"]
        super().__init__(f"{result['request']}: {error['code']} ({error['status']}): {error['message']}")
        self.result = result
        self.code: str = error["code"]
        self.status: int = error["status"]
        self.is_retryable: bool = error["retryable"]


class NoAnswer(Exception):
    """No result in time. Whether the request took effect is unknown; asking the same again is safe."""


@dataclass
class _Request:
    kind: str
    body: bytes
    message_id: str
    result: Future[dict[str, Any]] = field(default_factory=Future)


class UploadRequests:
    """Sends requests, and sends those without an answer again after a lost connection."""

    def __init__(self, url: str, prefix: str = "uploads") -> None:
        self._parameters = [pika.URLParameters(each.strip()) for each in url.split(",")]
        self._exchange = prefix
        self._waiting: dict[str, _Request] = {}  # by correlation id
        self._unsent: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._connection: pika.BlockingConnection | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upload-requests", daemon=True)
        self._thread.start()

    def ask(
        self, kind: str, body: dict[str, Any], timeout: float = 30, message_id: str | None = None
    ) -> dict[str, Any]:
        """The result of a `start`, `complete`, `resume` or `abort`; raises UploadFailed or NoAnswer.

        Whoever repeats a request that got no answer gives the same `message_id` again: it is the same request.
        """
        correlation_id = str(uuid.uuid4())
        request = _Request(kind, json.dumps(body).encode(), message_id or correlation_id)
        self._waiting[correlation_id] = request
        self._unsent.put(correlation_id)
        self._wake()
        try:
            result = request.result.result(timeout)
        except TimeoutError:
            raise NoAnswer(f"{kind}: no result within {timeout:g} s; does a worker run?") from None
        finally:
            self._waiting.pop(correlation_id, None)
        if result["type"] == "upload.failed":
            raise UploadFailed(result)
        return result

    def close(self) -> None:
        self._closing.set()
        self._wake()
        self._thread.join()

    def __enter__(self) -> UploadRequests:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wake(self) -> None:
        if connection := self._connection:
            with suppress(ConnectionWrongStateError):  # lost this moment: the next connection sends what waits
                connection.add_callback_threadsafe(lambda: None)

    def _run(self) -> None:
        told = ""
        while not self._closing.is_set():
            try:
                with pika.BlockingConnection(self._parameters) as connection:
                    self._serve(connection)
            except (AMQPError, OSError) as error:
                if told != repr(error):  # once, not every second
                    told = repr(error)
                    log.warning("no connection to RabbitMQ, trying again: %s", told)
                self._closing.wait(1)
            finally:
                self._connection = None

    def _serve(self, connection: pika.BlockingConnection) -> None:
        channel = connection.channel()
        channel.confirm_delivery()
        reply_to = f"upload-results-{uuid.uuid4()}"  # a name of one's own: the worker answers to no `amq.gen-…`
        channel.queue_declare(reply_to, exclusive=True)  # ends with the connection
        channel.basic_consume(reply_to, self._take, auto_ack=True)
        self._send_again_what_waits()
        self._connection = connection
        while not self._closing.is_set():
            while not self._unsent.empty():
                self._send(channel, reply_to, self._unsent.get())
            connection.process_data_events(time_limit=1)

    def _send_again_what_waits(self) -> None:
        """The old connection took its reply queue, and the results in it, with it."""
        while not self._unsent.empty():
            self._unsent.get()
        for correlation_id in list(self._waiting):
            self._unsent.put(correlation_id)

    def _send(self, channel: BlockingChannel, reply_to: str, correlation_id: str) -> None:
        request = self._waiting.get(correlation_id)
        if request is None:
            return  # answered, or given up
        properties = pika.BasicProperties(
            content_type="application/json",
            delivery_mode=2,
            message_id=request.message_id,
            correlation_id=correlation_id,
            reply_to=reply_to,
        )
        try:  # returns with the broker's confirm
            channel.basic_publish(self._exchange, request.kind, request.body, properties, mandatory=True)
        except UnroutableError:
            self._waiting.pop(correlation_id, None)
            request.result.set_exception(NoAnswer(f"{request.kind}: no queue takes it; run `upload-worker setup`"))

    def _take(self, _: BlockingChannel, __: Any, properties: pika.BasicProperties, body: bytes) -> None:
        request = self._waiting.pop(properties.correlation_id or "", None)
        if request is None:
            return  # seen before (results may come twice), or asked by somebody who has given up
        request.result.set_result(json.loads(body))
