"""A proxy on the road to the broker that resets, half-closes, delays, swallows and cuts."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

from Torture.loop import Connections, ProxyLoop
from Torture.record import Record

SECTION = "connection faults"
CHUNK = 65_536
ON_NEW = 0.12  # so many of the new connections are cut at a byte, or meet silence


class Link:
    """One connection through the proxy."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client, self.server = client, server
        self.open = asyncio.Event()
        self.open.set()
        self.budget: int | None = None
        """Bytes that still pass before the connection is reset; none: all of them."""

    def reset(self) -> None:
        """An RST to both sides, what is under way lost."""
        for writer in (self.client, self.server):
            with suppress(OSError):  # already closed
                connection = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self.open.set()

    def half_close(self, towards_client: bool) -> None:
        writer = self.client if towards_client else self.server
        with suppress(OSError, RuntimeError):  # already closing
            writer.write_eof()

    async def pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError, RuntimeError):  # the other end is gone, or was half-closed here
            while chunk := await source.read(CHUNK):
                await self.open.wait()
                if self.budget is not None:
                    chunk, self.budget = chunk[: self.budget], self.budget - len(chunk)
                target.write(chunk)
                await target.drain()
                if self.budget is not None and self.budget <= 0:
                    await asyncio.sleep(0.005)  # a reset would overtake the bytes
                    self.reset()
                    return
        with suppress(OSError, RuntimeError):
            target.write_eof()


class AMQPProxy:
    def __init__(self, url: str, loop: ProxyLoop, record: Record, chance: random.Random) -> None:
        self._target = urlsplit(url)
        self._loop, self._record, self._random = loop, record, chance
        self._links: set[Link] = set()
        self._server = loop.run(asyncio.start_server(Connections().serving(self._serve), "127.0.0.1", 0))
        self.faulty = False
        """Whether new connections may meet a fault."""

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        host = f"{self._target.username}:{self._target.password}@127.0.0.1:{port}"
        return urlunsplit(self._target._replace(netloc=host))

    def strike(self) -> None:
        """One fault on one connection, whichever there is."""
        self._loop.call(self._strike)

    def hold(self, seconds: float) -> None:
        """Nothing passes for so long, and everything after it."""
        self._loop.call(lambda: self._hold(seconds))

    def _hold(self, seconds: float) -> None:
        for link in self._links:
            link.open.clear()
            self._later(seconds, link, resets=False)

    def _strike(self) -> None:
        if not self._links:
            return
        link = self._random.choice(list(self._links))
        kind = self._random.choices(["reset", "half-close", "delay", "black hole", "cut at a byte"], [4, 2, 3, 1, 3])[0]
        self._record.count(SECTION, kind)
        self._record.note(f"connection: {kind}")
        if kind == "reset":
            link.reset()
        elif kind == "half-close":
            link.half_close(self._random.random() < 0.5)
            self._later(5, link)
        elif kind == "cut at a byte":
            link.budget = self._random.randint(1, 3_000)
        else:
            link.open.clear()
            seconds = self._random.uniform(0.1, 2) if kind == "delay" else self._random.uniform(1, 6)
            self._later(seconds, link, resets=kind == "black hole")

    def _later(self, seconds: float, link: Link, resets: bool = True) -> None:
        asyncio.get_running_loop().call_later(seconds, link.reset if resets else link.open.set)

    def _meet(self, link: Link) -> None:
        if not self.faulty or self._random.random() >= ON_NEW:
            return
        if self._random.random() < 0.75:
            link.budget = self._random.randint(0, 6_000)
            self._record.count(SECTION, "cut at a byte, new")
        else:
            link.open.clear()
            self._later(self._random.uniform(1, 4), link)
            self._record.count(SECTION, "black hole, new")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection(self._target.hostname, self._target.port)
        except OSError:  # the broker is down
            writer.transport.abort()
            return
        link = Link(writer, forth)
        self._links.add(link)
        self._meet(link)
        await asyncio.gather(link.pump(reader, forth), link.pump(back, writer))
        self._links.discard(link)
        for each in (writer, forth):
            each.close()
