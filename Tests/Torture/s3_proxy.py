"""A proxy on the road to the store that reads every request on a connection, and may fail each in its own way."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from urllib.parse import urlsplit

from Torture.http_messages import HTTPMessage, read_message
from Torture.loop import Connections, ProxyLoop
from Torture.record import Record
from Torture.store_faults import AFTER, BEFORE, Fault, Operation, StoreFaults, changed

SECTION = "store faults"
IN_SUCCESS = (Fault.SPACES, Fault.EMPTY_ETAG, Fault.ERROR_IN_200_DONE)
SCRIPTED = (Fault.NOTHING, Fault.ENDLESS_ID, Fault.KNOWN_ID, Fault.ABORT_NOT_DONE)
UNHEARD = (*BEFORE, Fault.ERROR_IN_200, *SCRIPTED)


class Broken(Exception):
    """The connection ends here."""


class S3Proxy:
    """Needs no key: the worker signs the proxy's host, and the server verifies against the `Host` it is sent."""

    def __init__(self, endpoint: str, faults: StoreFaults, silence: float, loop: ProxyLoop, record: Record) -> None:
        self._target = urlsplit(endpoint)
        self._faults, self._silence, self._record = faults, silence, record
        self._server = loop.run(asyncio.start_server(Connections().serving(self._serve), "127.0.0.1", 0, backlog=512))

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        store: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            while request := await read_message(reader):
                store = store or await asyncio.open_connection(self._target.hostname, self._target.port)
                if not await self._answer(request, writer, store):
                    store[1].close()
                    store = None
        except (Broken, OSError, asyncio.IncompleteReadError):
            pass  # a fault, or the worker or the server ended the connection
        finally:
            for each in (writer, *(store or ())[1:]):
                with suppress(OSError):
                    each.close()

    async def _answer(
        self,
        request: HTTPMessage,
        client: asyncio.StreamWriter,
        store: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> bool:
        """Whether the connection to the store can be used again."""
        operation = Operation.of(request)
        fault = self._faults.of_request(operation, request)
        if fault in UNHEARD:
            await self._fail(operation, fault, client)
            await self._send(self._faults.instead(fault), operation, client)
            return True
        if fault is Fault.SLOW:
            self._record.count(SECTION, fault.value)
            await asyncio.sleep(self._faults.slowness)
            fault = None
        store[1].write(request.encoded())
        answer = await read_message(store[0], has_body=operation is not Operation.HEAD)
        if answer is None:
            raise Broken
        fault = self._faults.of_answer(operation, request, answer) or fault
        if fault in IN_SUCCESS and answer.status != 200:
            fault = None
        if fault:
            await self._fail(operation, fault, client)
            answer = changed(fault, answer)
        await self._send(answer, operation, client, fault)
        # To HEAD the server names chunks, and sends the end of some: what follows on the connection is not an answer.
        return "transfer-encoding" not in answer.names and (answer["connection"] or "").lower() != "close"

    async def _fail(self, operation: Operation, fault: Fault, client: asyncio.StreamWriter) -> None:
        """Notes the fault; raises where it ends the connection without an answer."""
        is_of_operation = fault in AFTER or fault is Fault.INTERNAL_ERROR_DONE
        self._record.count(SECTION, f"{fault.value}: {operation.value}" if is_of_operation else fault.value)
        if fault in (Fault.TIME_OUT, Fault.LATE):
            await asyncio.sleep(self._silence)
        if fault is Fault.RESET:
            connection = client.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.transport.abort()
        if fault in (Fault.RESET, Fault.TIME_OUT, Fault.LATE, Fault.LOST):
            raise Broken

    async def _send(
        self, answer: HTTPMessage, operation: Operation, client: asyncio.StreamWriter, fault: Fault | None = None
    ) -> None:
        data = answer.encoded()
        if operation is Operation.HEAD:
            data = data[: data.index(b"\r\n\r\n") + 4]
        if fault is Fault.CUT_BODY and answer.body:
            data = data[: -max(1, len(answer.body) // 2)]
        client.write(data)
        await client.drain()
        if fault is Fault.CUT_BODY:
            raise Broken
