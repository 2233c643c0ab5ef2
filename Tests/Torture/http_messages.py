"""HTTP/1.1 requests and answers, one after the other on a connection, as far as S3 needs them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit


@dataclass
class HTTPMessage:
    """A request or an answer, whole."""

    line: str
    fields: list[tuple[str, str]]
    body: bytes = b""

    def __getitem__(self, name: str) -> str | None:
        return next((value for field, value in self.fields if field.lower() == name), None)

    @property
    def names(self) -> set[str]:
        return {name.lower() for name, _ in self.fields}

    @property
    def method(self) -> str:
        return self.line.split(" ", 1)[0]

    @property
    def status(self) -> int:
        return int(self.line.split(" ", 2)[1])

    @property
    def path(self) -> str:
        return urlsplit(self.line.split(" ")[1]).path

    @property
    def query(self) -> dict[str, str]:
        query = parse_qs(urlsplit(self.line.split(" ")[1]).query, keep_blank_values=True)
        return {name: values[0] for name, values in query.items()}

    def with_body(self, body: bytes) -> HTTPMessage:
        """The same with another body and its length."""
        kept = [(name, value) for name, value in self.fields if name.lower() not in FRAMING]
        return HTTPMessage(self.line, [*kept, ("Content-Length", str(len(body)))], body)

    def encoded(self) -> bytes:
        head = "".join(f"{name}: {value}\r\n" for name, value in self.fields)
        return f"{self.line}\r\n{head}\r\n".encode("latin-1") + self.body


FRAMING = ("content-length", "transfer-encoding")


async def read_message(reader: asyncio.StreamReader, *, has_body: bool = True) -> HTTPMessage | None:
    """The next message; none where the connection ends before one."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    line, *rest = head[:-4].split("\r\n")
    message = HTTPMessage(line, [(name, value.strip()) for name, _, value in (each.partition(":") for each in rest)])
    if not has_body:
        return message
    if (message["transfer-encoding"] or "").lower() == "chunked":
        return message.with_body(await read_chunks(reader))
    message.body = await reader.readexactly(int(message["content-length"] or 0))
    return message


async def read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass  # a trailer's field
    return body


def error(status: int, code: str) -> HTTPMessage:
    """S3's error answer."""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>told to</Message></Error>'
    return HTTPMessage(f"HTTP/1.1 {status} Told", [("Content-Type", "application/xml")]).with_body(body.encode())
