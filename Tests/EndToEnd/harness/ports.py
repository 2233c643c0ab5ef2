"""Loopback ports below the range that outgoing connections take."""

from __future__ import annotations

import random
import socket


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    while True:
        port = random.randint(20_000, 31_000)
        if is_free(port):
            return port
