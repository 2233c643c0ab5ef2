"""A message as it came from a queue, and a result: a message that keeps every rule of section 3 of the contract."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pika

from harness.schemas import Schemas

@dataclass(frozen=True)
class Message:
    exchange: str
    routing_key: str
    properties: pika.BasicProperties
    body: bytes

    @property
    def headers(self) -> dict[str, Any]:
        return self.properties.headers or {}

    def expect_dead_letter(self, queue: str, code: str, attempts: int = 1) -> None:
        """The worker's own headers and properties of section 5 of the contract."""
        headers = self.headers
        assert headers["upload-error-code"] == code
        assert headers["upload-error-message"].strip()
        assert headers["upload-attempts"] == attempts
        assert headers["upload-origin-queue"] == queue
        first, last = (datetime.fromisoformat(headers[f"upload-{which}-failed-at"]) for which in ("first", "last"))
        assert first <= last
        assert abs(last.timestamp() - time.time()) < 300
        assert self.properties.delivery_mode == 2
        assert self.properties.expiration is None
        assert self.properties.user_id is None


@dataclass(frozen=True)
class Result:
    """One result, checked on the way in."""

    message: Message
    body: dict[str, Any]

    @classmethod
    def reading(cls, message: Message, schemas: Schemas) -> Result:
        body = json.loads(message.body)
        schemas.check_result(body)
        properties = message.properties
        assert properties.content_type == "application/json"
        assert properties.delivery_mode == 2
        assert properties.type == body["type"]
        assert properties.app_id == "upload-worker"
        assert abs(properties.timestamp - time.time()) < 300
        assert str(uuid.UUID(properties.message_id)) == properties.message_id
        assert properties.expiration is None
        assert body["version"] == 1
        assert body["id"] == body["file_id"]
        return cls(message, body)

    def __getitem__(self, field: str) -> Any:
        return self.body[field]

    @property
    def type(self) -> str:
        return self.body["type"]

    @property
    def message_id(self) -> str:
        return self.message.properties.message_id

    @property
    def correlation_id(self) -> str | bytes | None:
        return self.message.properties.correlation_id

    def expect(self, kind: str) -> Result:
        """Itself, when it is of that type; else an assertion that shows the error that came instead."""
        assert self.type == kind, f"{kind} expected, got {self.body}"
        return self

    def expect_failure(self, status: int, code: str, field: str | None = None) -> Result:
        self.expect("upload.failed")
        error = self.body["error"]
        assert (error["status"], error["code"]) == (status, code), error
        assert error["retryable"] is (code == "storage_unavailable")
        assert error["message"].strip()
        if field is not None:
            assert error.get("field") == field, error
        return self
