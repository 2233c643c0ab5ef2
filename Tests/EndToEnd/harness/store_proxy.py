"""An HTTP proxy before the S3 server that changes single answers: another clock, a refusal."""

from __future__ import annotations

import http.client
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class StoreProxy:
    """Forwards each request as it is, its `Host` included, which is what was signed."""

    def __init__(self, endpoint: str) -> None:
        self.ahead = timedelta()
        """How far the server's clock is said to be ahead of its true one."""
        self.refused: dict[str, tuple[int, str]] = {}
        """Status and code for requests of a method, which go no further."""
        self.answers: dict[str, str] = {}
        """Bodies of answers to requests of a query's name, such as `cors`, which go no further."""
        self.methods: list[str] = []
        """What was asked, in order."""
        target = urlsplit(endpoint)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                proxy.methods.append(self.command)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.command in proxy.refused:
                    status, code = proxy.refused[self.command]
                    answer = f"<Error><Code>{code}</Code><Message>told to</Message></Error>".encode()
                    self.reply(status, [("Content-Type", "application/xml")], answer)
                    return
                query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
                for answer in (proxy.answers[name] for name in query if name in proxy.answers):
                    self.reply(200, [("Content-Type", "application/xml")], answer.encode())
                    return
                server = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
                server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    server.putheader(name, value)
                server.endheaders(body)
                response = server.getresponse()
                headers = [(name, value) for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP]
                self.reply(response.status, headers, response.read())
                server.close()

            def reply(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Date", format_datetime(datetime.now(UTC) + proxy.ahead, usegmt=True))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing: a request line holds signatures."""

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = forward

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> StoreProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
