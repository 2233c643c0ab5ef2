"""A gate on the road to the S3 server: open, holding every request, or answering in the server's place."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from urllib.parse import urlsplit


class StoreGate:
    """Forwards bytes to the S3 server until told otherwise.

    The worker signs the gate's host and port, and the server verifies against the `Host` it is sent, so the gate
    needs no key.
    """

    def __init__(self, endpoint: str) -> None:
        target = urlsplit(endpoint)
        self._target = (target.hostname or "127.0.0.1", target.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._changed = threading.Condition()
        self._is_open = True
        self._failure: bytes | None = None
        self._waiting = 0
        self._seen = 0
        self._sockets: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def hold(self) -> None:
        """Requests arrive and wait."""
        self._set(is_open=False, failure=None)

    def open(self) -> None:
        self._set(is_open=True, failure=None)

    def fail(self, status: int, code: str) -> None:
        """Every request is answered with an S3 error."""
        body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>told to fail</Message></Error>'
        head = f"HTTP/1.1 {status} Told To Fail\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
        self._set(is_open=True, failure=f"{head}Connection: close\r\n\r\n{body}".encode())

    def wait_for_held(self, count: int, timeout: float = 30) -> None:
        """Returns once so many requests wait at the gate."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: self._waiting >= count, timeout)
        assert arrived, f"{self._waiting} requests at the gate, {count} expected"

    def wait_for_requests(self, count: int, timeout: float = 30) -> None:
        """Returns once so many connections have brought bytes since the gate was made."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: self._seen >= count, timeout)
        assert arrived, f"{self._seen} requests seen, {count} expected"

    @property
    def seen(self) -> int:
        with self._changed:
            return self._seen

    def close(self) -> None:
        self._listener.close()
        self._drop_connections()
        self.open()

    def __enter__(self) -> StoreGate:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _set(self, is_open: bool, failure: bytes | None) -> None:
        with self._changed:
            was_held = not self._is_open
            self._is_open, self._failure = is_open, failure
            self._changed.notify_all()
        if not was_held:
            self._drop_connections()

    def _drop_connections(self) -> None:
        with self._changed:
            sockets = list(self._sockets)
        for each in sockets:
            quietly(lambda: each.shutdown(socket.SHUT_RDWR))

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._changed:
            self._sockets.add(client)
        try:
            self._forward(client)
        except OSError:
            pass  # the worker, the server or this test ended the connection
        finally:
            with self._changed:
                self._sockets.discard(client)
            client.close()

    def _forward(self, client: socket.socket) -> None:
        first = client.recv(65_536)
        if not first:
            return
        with self._changed:
            self._seen += 1
            self._waiting += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_open)
            self._waiting -= 1
            failure = self._failure
        if failure is not None:
            client.sendall(failure)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65_536):
                pass  # closing with bytes unread would reset the connection and lose the answer
            return
        with socket.create_connection(self._target) as server:
            server.sendall(first)
            answers = threading.Thread(target=pipe, args=(server, client), daemon=True)
            answers.start()
            pipe(client, server)
            answers.join()


def pipe(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(65_536):
            target.sendall(chunk)
    except OSError:
        pass
    quietly(lambda: target.shutdown(socket.SHUT_WR))


def quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except OSError:
        pass  # already closed
