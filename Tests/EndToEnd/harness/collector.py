"""A collector of traces: takes OTLP over HTTP, parsed with OpenTelemetry's own protocol classes."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

PATH = "/v1/traces"
IDS = ("traceId", "spanId", "parentSpanId")


@dataclass(frozen=True)
class Span:
    proto: trace_pb2.Span
    resource: dict[str, Any]

    @property
    def name(self) -> str:
        return self.proto.name

    @property
    def trace_id(self) -> str:
        return self.proto.trace_id.hex()

    @property
    def span_id(self) -> str:
        return self.proto.span_id.hex()

    @property
    def parent_id(self) -> str:
        return self.proto.parent_span_id.hex()

    @property
    def kind(self) -> str:
        return trace_pb2.Span.SpanKind.Name(self.proto.kind).removeprefix("SPAN_KIND_")

    @property
    def status(self) -> str:
        return trace_pb2.Status.StatusCode.Name(self.proto.status.code).removeprefix("STATUS_CODE_")

    @property
    def attributes(self) -> dict[str, Any]:
        return values(self.proto.attributes)


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


class Collector:
    """Answers each request as told, and keeps the spans of those that it answers with 200."""

    def __init__(self) -> None:
        self.answer = Answer()
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        """Path, headers and body of every request, however it was answered."""
        self._spans: list[Span] = []
        self._changed = threading.Condition()
        self._holds = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def spans(self) -> list[Span]:
        with self._changed:
            return list(self._spans)

    @property
    def text(self) -> str:
        """All that was received, as it came."""
        with self._changed:
            return "\n".join(f"{path} {body.decode()}" for path, _, body in self.requests)

    def hold(self) -> None:
        """Requests arrive and get no answer, until `release`."""
        self._holds = True

    def release(self) -> None:
        with self._changed:
            self._holds = False
            self._changed.notify_all()

    def wait_for_requests(self, count: int, timeout: float = 20) -> None:
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.requests) >= count, timeout)
            assert arrived, f"{len(self.requests)} requests at the collector, {count} expected"

    def span(self, fits: Callable[[Span], bool], what: str, timeout: float = 20) -> Span:
        """The first span that fits, waited for."""
        found: list[Span] = []

        def is_there() -> bool:
            found[:] = [span for span in self._spans if fits(span)]
            return bool(found)

        with self._changed:
            names = self._changed.wait_for(is_there, timeout) or [span.name for span in self._spans]
            assert found, f"no span {what} within {timeout} s, but {names}"
        return found[0]

    def trace(self, trace_id: str) -> list[Span]:
        """The spans of a trace, once the one of its delivery is there: it ends last."""
        self.span(lambda span: span.trace_id == trace_id and span.kind == "CONSUMER", f"of a delivery in {trace_id}")
        return [span for span in self.spans if span.trace_id == trace_id]

    def close(self) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Collector:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        with self._changed:
            self.requests.append((path, headers, body))
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._holds)
            answer = self.answer
            if path == PATH and answer.status == 200:
                self._spans += parsed(body)
                self._changed.notify_all()
            return answer if path == PATH else Answer(404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = collector._take(self.path, headers, body)
                self.send_response(answer.status)
                for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        return Handler


def parsed(body: bytes) -> list[Span]:
    """The spans of a request; anything that the protocol does not know is an error."""
    message = Parse(json.dumps(with_ids_in_base64(json.loads(body))), ExportTraceServiceRequest())
    return [
        Span(span, values(each.resource.attributes))
        for each in message.resource_spans
        for scope in each.scope_spans
        for span in scope.spans
    ]


def with_ids_in_base64(value: Any) -> Any:
    """OTLP writes ids in hex where the JSON of protobuf, and so its parser, has base64: the one difference."""
    if isinstance(value, list):
        return [with_ids_in_base64(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64encode(bytes.fromhex(each)).decode() if name in IDS else with_ids_in_base64(each)
        for name, each in value.items()
    }


def values(attributes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in attributes:
        assert isinstance(attribute, KeyValue)
        assert attribute.key not in found, f"{attribute.key} is there twice"
        found[attribute.key] = getattr(attribute.value, attribute.value.WhichOneof("value"))
    return found
