"""A gate on the road to the S3 server: open, holding requests or answers, losing answers, or answering itself."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from types import TracebackType
from urllib.parse import urlsplit


class Road(Enum):
    OPEN = auto()
    REQUESTS_HELD = auto()
    ANSWERS_HELD = auto()
    ANSWERS_LOST = auto()
    CLOSED = auto()


@dataclass(frozen=True)
class Failure:
    """An S3 error for every request that begins with `method`."""

    status: int
    code: str
    method: bytes = b""

    def answer(self) -> bytes:
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{self.code}</Code><Message>told to</Message></Error>'
        )
        fields = ["Content-Type: application/xml", f"Content-Length: {len(body)}", "Connection: close"]
        return "\r\n".join([f"HTTP/1.1 {self.status} Told To Fail", *fields, "", body]).encode()


class StoreGate:
    """Forwards bytes to the S3 server until told otherwise.

    The worker signs the gate's host and port, and the server verifies against the `Host` it is sent, so the gate
    needs no key. It looks at a connection's first request alone, and what it is told ends the connections there are.
    """

    def __init__(self, endpoint: str) -> None:
        target = urlsplit(endpoint)
        self._target = (target.hostname or "127.0.0.1", target.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._changed = threading.Condition()
        self._road = Road.OPEN
        self._failure: Failure | None = None
        self._held = b""
        self._let_on = b""
        self._waiting = 0
        self._most_at_once = 0
        self._seen = 0
        self._lost = 0
        self._sockets: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def open(self) -> None:
        self._set(Road.OPEN)

    def hold_requests(self, naming: str = "") -> None:
        """Requests arrive and wait: all, or those whose connection's first one names this."""
        self._held = naming.encode()
        self._set(Road.REQUESTS_HELD)

    def hold_answers(self) -> None:
        """The store does what it is asked, and its answers wait."""
        self._set(Road.ANSWERS_HELD)

    def hold_further_answers(self) -> None:
        """The same, on the connections that there are: nothing more comes back on them for now."""
        with self._changed:
            self._road = Road.ANSWERS_HELD

    def lose_answers(self) -> None:
        """The store does what it is asked, and nobody hears of it."""
        self._set(Road.ANSWERS_LOST)

    def hang_up(self) -> None:
        """Ends every connection with what it holds, which goes no further; open from then on."""
        with self._changed:
            self._road, self._failure = Road.CLOSED, None
            self._changed.notify_all()
        self._end_connections()
        with self._changed:
            assert self._changed.wait_for(lambda: not self._sockets, 30), "connections that do not end"
            self._road = Road.OPEN

    def fail(self, status: int, code: str, method: str = "", holding: str = "") -> None:
        """Requests of that method, or all, are answered with an S3 error and go no further; those that name `holding`
        wait instead."""
        self._held, self._let_on = holding.encode(), b""
        self._set(Road.REQUESTS_HELD if holding else Road.OPEN, Failure(status, code, method.encode()))

    def let_on(self, naming: str) -> None:
        """Requests that are held and name this reach the store."""
        with self._changed:
            self._let_on = naming.encode()
            self._changed.notify_all()

    @property
    def seen(self) -> int:
        """How many connections have brought a request."""
        with self._changed:
            return self._seen

    def count_at_once(self) -> None:
        """Begins to count anew how many connections there are at the same time."""
        with self._changed:
            self._most_at_once = len(self._sockets)

    @property
    def most_at_once(self) -> int:
        with self._changed:
            return self._most_at_once

    def wait_for_requests(self, count: int) -> None:
        """Returns once so many connections have brought a request since the gate was made."""
        self._wait("_seen", count)

    def wait_for_held(self, count: int) -> None:
        """Returns once so many requests, or answers, wait at the gate."""
        self._wait("_waiting", count)

    @property
    def lost(self) -> int:
        """How many answers have been lost."""
        with self._changed:
            return self._lost

    def wait_for_lost(self, count: int) -> None:
        """Returns once so many answers have been lost since the gate was made."""
        self._wait("_lost", count)

    def close(self) -> None:
        self._listener.close()
        self.open()
        self._end_connections()

    def __enter__(self) -> StoreGate:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait(self, counter: str, count: int, timeout: float = 30) -> None:
        with self._changed:
            arrived = self._changed.wait_for(lambda: getattr(self, counter) >= count, timeout)
            assert arrived, f"{getattr(self, counter)} at the gate, {count} expected"

    def _set(self, road: Road, failure: Failure | None = None) -> None:
        with self._changed:
            lets_go = self._road in (Road.REQUESTS_HELD, Road.ANSWERS_HELD)
            self._road, self._failure = road, failure
            self._changed.notify_all()
        if not lets_go:
            self._end_connections()

    def _end_connections(self) -> None:
        with self._changed:
            sockets = list(self._sockets)
        for each in sockets:
            shut(each, socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._changed:
            self._sockets.add(client)
            self._most_at_once = max(self._most_at_once, len(self._sockets))
        with client, suppress(OSError):  # the worker, the server or this test ended the connection
            self._pass(client)
        with self._changed:
            self._sockets.discard(client)
            self._changed.notify_all()

    def _pass(self, client: socket.socket) -> None:
        request = client.recv(65_536)
        if not request:
            return
        with self._changed:
            self._seen += 1
            self._changed.notify_all()
            line = request.split(b"\r\n", 1)[0]
            if self._held in line:
                self._hold_while(Road.REQUESTS_HELD, line)
            if self._road is Road.CLOSED:
                return
            failure = None if self._is_let_on(line) else self._failure
            if self._held or (failure and failure.method):  # so that no request hides behind another
                request = request.replace(b"\r\nHost:", b"\r\nConnection: close\r\nHost:", 1)
        if failure and request.startswith(failure.method):
            refuse(client, failure)
        else:
            self._forward(request, client)

    def _hold_while(self, road: Road, line: bytes = b"") -> None:
        if self._road is road:
            self._waiting += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._road is not road or self._is_let_on(line))
            self._waiting -= 1

    def _is_let_on(self, line: bytes) -> bool:
        return bool(self._let_on) and self._let_on in line

    def _forward(self, request: bytes, client: socket.socket) -> None:
        with socket.create_connection(self._target) as server:
            server.sendall(request)
            threading.Thread(target=pipe, args=(client, server), daemon=True).start()
            while answer := server.recv(65_536):
                with self._changed:
                    self._hold_while(Road.ANSWERS_HELD)
                    if self._road is Road.ANSWERS_LOST:
                        self._lost += 1
                        self._changed.notify_all()
                        break
                client.sendall(answer)
            shut(client, socket.SHUT_RDWR)


def refuse(client: socket.socket, failure: Failure) -> None:
    client.sendall(failure.answer())
    client.shutdown(socket.SHUT_WR)
    while client.recv(65_536):
        pass  # closing with bytes unread would reset the connection and lose the answer


def pipe(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # either side may end the connection at any moment
        while chunk := source.recv(65_536):
            target.sendall(chunk)
    shut(target, socket.SHUT_WR)


def shut(connection: socket.socket, direction: int) -> None:
    with suppress(OSError):  # already closed
        connection.shutdown(direction)
