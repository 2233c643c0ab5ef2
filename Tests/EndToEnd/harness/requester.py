"""The backend service's side: requests out, results in, over one connection."""

from __future__ import annotations

import json
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker, ConnectionWrongStateError

from harness.messages import Message, Result
from harness.schemas import Schemas
from harness.topology import Topology
from harness.waiting import until
from harness.worker import Worker

DIRECT_REPLY_TO = "amq.rabbitmq.reply-to"
OWN_QUEUE = "the requester's own queue"


class Inbox:
    """The messages of one queue, taken as they come."""

    def __init__(
        self, connection: pika.BlockingConnection, channel: BlockingChannel, queue: str, schemas: Schemas
    ) -> None:
        self.queue = queue
        self._connection = connection
        self._schemas = schemas
        self._messages: deque[Message] = deque()
        channel.basic_consume(queue, self._take, auto_ack=True)

    def message(self, timeout: float = 20, where: Callable[[Message], bool] = lambda _: True) -> Message:
        """The oldest message that fits; the others stay for later calls."""
        deadline = time.monotonic() + timeout
        while True:
            for message in self._messages:
                if where(message):
                    self._messages.remove(message)
                    return message
            left = deadline - time.monotonic()
            assert left > 0, f"no message on {self.queue} within {timeout} s ({len(self._messages)} others)"
            self._connection.process_data_events(time_limit=left)

    def result(self, timeout: float = 20, correlation_id: str | bytes | None = None) -> Result:
        def fits(message: Message) -> bool:
            return correlation_id is None or message.properties.correlation_id == correlation_id

        return Result.reading(self.message(timeout, fits), self._schemas)

    def dead_letter(self, correlation_id: str, timeout: float = 20) -> Message:
        """The dead letter of that request, its headers checked against their schema."""
        letter = self.message(timeout, lambda message: message.properties.correlation_id == correlation_id)
        self._schemas.check_dead_letter(letter.headers)
        return letter

    def has(self, correlation_id: str) -> bool:
        """Whether such a message has come by now; it stays."""
        self._connection.process_data_events()
        return any(message.properties.correlation_id == correlation_id for message in self._messages)

    @property
    def waiting(self) -> int:
        """How many messages have come by now that nobody has taken."""
        self._connection.process_data_events()
        return len(self._messages)

    def results(self, count: int, timeout: float = 60) -> list[Result]:
        deadline = time.monotonic() + timeout
        return [self.result(max(deadline - time.monotonic(), 0)) for _ in range(count)]

    def _take(self, _: BlockingChannel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        self._messages.append(Message(method.exchange, method.routing_key, properties, body))


class Requester:
    """Publishes with confirms; reads results from a queue of its own."""

    def __init__(self, url: str, topology: Topology, schemas: Schemas, replies: str = "replies") -> None:
        self.topology = topology
        self.schemas = schemas
        self._inboxes: dict[str, Inbox] = {}
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.replies = self.declare_inbox(f"{replies}-{uuid.uuid4()}")

    def declare_inbox(self, queue: str) -> Inbox:
        """A queue that lives as long as this requester, and its messages."""
        self.channel.queue_declare(queue, exclusive=True)
        return self.inbox(queue)

    def declare_full_queue(self) -> str:
        """A queue that lives as long as this requester, and refuses (nacks) every further message."""
        full = f"full-{uuid.uuid4()}"
        self.channel.queue_declare(full, exclusive=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
        self.publish("", full, "there is room for one")
        return full

    def inbox(self, queue: str) -> Inbox:
        """The messages of a queue; asked for again, the same inbox, since two consumers would share them out."""
        if queue not in self._inboxes:
            self._inboxes[queue] = Inbox(self.connection, self.connection.channel(), queue, self.schemas)
        return self._inboxes[queue]

    def request(self, kind: str, body: dict[str, Any], timeout: float = 20, **properties: Any) -> Result:
        """Sends a valid request, and waits for its result."""
        problems = self.schemas.request_problems(kind, body)
        assert not problems, f"the test's own {kind} request breaks its schema: {problems}"
        return self.exchange(kind, body, timeout, **properties)

    def exchange(self, kind: str, body: dict[str, Any] | bytes | str, timeout: float = 20, **properties: Any) -> Result:
        """Sends anything at all as a request, and waits for its result."""
        correlation_id = properties.pop("correlation_id", None) or f"c-{uuid.uuid4()}"
        self.send(kind, body, correlation_id=correlation_id, **properties)
        return self.replies.result(timeout, correlation_id)

    def send(
        self,
        kind: str,
        body: dict[str, Any] | bytes | str,
        *,
        reply_to: str | None = OWN_QUEUE,
        via_default_exchange: bool = False,
        **properties: Any,
    ) -> None:
        """Publishes a request, persistent and confirmed by the broker."""
        self.publish(
            "" if via_default_exchange else self.topology.exchange,
            self.topology.request_queue(kind) if via_default_exchange else kind,
            body,
            reply_to=self.replies.queue if reply_to is OWN_QUEUE else reply_to,
            **properties,
        )

    def publish(self, exchange: str, routing_key: str, body: dict[str, Any] | bytes | str, **properties: Any) -> None:
        properties.setdefault("delivery_mode", 2)
        data = json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
        self.channel.basic_publish(exchange, routing_key, data, pika.BasicProperties(**properties), mandatory=True)

    def send_direct(self, kind: str, body: dict[str, Any]) -> Inbox:
        """Sends a request to be answered by direct reply-to, and gives where the answer comes."""
        channel = self.connection.channel()
        replies = Inbox(self.connection, channel, DIRECT_REPLY_TO, self.schemas)
        properties = pika.BasicProperties(reply_to=DIRECT_REPLY_TO, correlation_id=f"d-{uuid.uuid4()}", delivery_mode=2)
        channel.basic_publish(self.topology.exchange, kind, json.dumps(body).encode(), properties)
        return replies

    def direct_request(self, kind: str, body: dict[str, Any]) -> Result:
        return self.send_direct(kind, body).result()

    def ready_count(self, queue: str) -> int:
        return self.channel.queue_declare(queue, passive=True).method.message_count

    def consumer_count(self, queue: str) -> int:
        return self.channel.queue_declare(queue, passive=True).method.consumer_count

    def exists(self, queue: str) -> bool:
        return self._count_of_consumers(queue) is not None

    def is_consumed(self, queue: str) -> bool:
        """Whether the queue exists and has a consumer."""
        return bool(self._count_of_consumers(queue))

    def _count_of_consumers(self, queue: str) -> int | None:
        """None where there is no such queue; asked on a channel of its own, which a missing queue closes."""
        probe = self.connection.channel()
        try:
            return int(probe.queue_declare(queue, passive=True).method.consumer_count)
        except ChannelClosedByBroker as closed:
            assert closed.reply_code == 404
            return None
        finally:
            if probe.is_open:
                probe.close()

    def close(self) -> None:
        with suppress(
            AMQPConnectionError, ConnectionWrongStateError
        ):  # a fault that the test has made has closed it already
            self.connection.close()

    def __enter__(self) -> Requester:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def wait_until_consumed(requester: Requester, worker: Worker) -> None:
    """Returns once the worker takes requests of every kind, ready or not by its own account."""

    def are_consumed() -> bool:
        assert worker.is_running, worker.log
        return all(requester.is_consumed(queue) for queue in worker.topology.request_queues)

    until(are_consumed, "consumers of every request queue", 30)


def taking_requests(connect: Callable[[Worker], Requester], worker: Worker) -> Requester:
    """A requester, once the worker takes requests: without a store that serves it does not call itself ready."""
    requester = connect(worker)
    wait_until_consumed(requester, worker)
    return requester
