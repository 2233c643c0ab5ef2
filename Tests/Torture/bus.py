"""The requester's own road to the broker: it publishes until it is sure, and reads results with acknowledgements."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, NackError

from harness.messages import Message
from Torture.record import Record

SECTION = "requests"


@dataclass(frozen=True)
class Outgoing:
    exchange: str
    routing_key: str
    body: bytes
    properties: pika.BasicProperties


class Publisher(threading.Thread):
    """Sends one message after the other, each again until the broker has confirmed it."""

    def __init__(self, url: str, record: Record) -> None:
        super().__init__(daemon=True)
        self._url, self._record = url, record
        self._waiting: queue.SimpleQueue[Outgoing] = queue.SimpleQueue()
        self._channel: BlockingChannel | None = None
        self.start()

    def send(self, message: Outgoing) -> None:
        self._waiting.put(message)

    def run(self) -> None:
        while True:
            message = self._waiting.get()
            while not self._is_sent(message):
                self._record.count(SECTION, "published again")
                time.sleep(0.2)

    def _is_sent(self, message: Outgoing) -> bool:
        try:
            if self._channel is None:
                connection = pika.BlockingConnection(parameters(self._url))
                self._channel = connection.channel()
                self._channel.confirm_delivery()
            self._channel.basic_publish(
                message.exchange, message.routing_key, message.body, message.properties, mandatory=True
            )
        except NackError:
            return False
        except (AMQPError, OSError):
            self._channel = None  # the message may have arrived all the same
            return False
        return True


class Reader(threading.Thread):
    """Hands on every message of some queues, and acknowledges it then."""

    def __init__(self, url: str, queues: list[str], take: Callable[[Message], None]) -> None:
        super().__init__(daemon=True)
        self._url, self._queues, self._take = url, queues, take
        self.start()

    def run(self) -> None:
        while True:
            with suppress(AMQPError, OSError):
                self._read()
            time.sleep(0.3)

    def _read(self) -> None:
        channel = pika.BlockingConnection(parameters(self._url)).channel()
        channel.basic_qos(prefetch_count=200)
        for name in self._queues:
            channel.basic_consume(name, self._on_message)
        channel.start_consuming()

    def _on_message(
        self,
        channel: BlockingChannel,
        method: pika.spec.Basic.Deliver,
        properties: pika.BasicProperties,
        body: bytes,
    ) -> None:
        self._take(Message(method.exchange, method.routing_key, properties, body))
        channel.basic_ack(method.delivery_tag)


def parameters(url: str) -> pika.URLParameters:
    given = pika.URLParameters(url)
    given.socket_timeout = 5
    given.heartbeat = 20
    return given


def declare_queue(url: str, name: str) -> None:
    with pika.BlockingConnection(parameters(url)) as connection:
        connection.channel().queue_declare(name, durable=True, arguments={"x-queue-type": "quorum"})


def drain(url: str, name: str) -> list[Message]:
    """All that is in the queue; it is empty afterwards."""
    messages = []
    with pika.BlockingConnection(parameters(url)) as connection:
        channel = connection.channel()
        for method, properties, body in channel.consume(name, inactivity_timeout=2):
            if method is None:
                break
            messages.append(Message(method.exchange, method.routing_key, properties, body))
            channel.basic_ack(method.delivery_tag)
        channel.cancel()
    return messages
