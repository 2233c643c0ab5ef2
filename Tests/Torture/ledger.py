"""Every request that was sent and every result that came, and which of them do not fit."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from harness.messages import Message, Result
from harness.schemas import Schemas
from Torture.record import Record

NOT_NOW = {"storage_unavailable", "storage_rejected"}
"""Answers that say nothing of the request: the same request may be answered otherwise when it comes again."""
MOVED_ON = {"already_completed", "upload_aborted", "upload_expired", "upload_not_found", "upload_conflict"}
"""What a copy that comes late is told of a file that has moved on."""
LETTERED = {*NOT_NOW, "malformed_message", "unsupported_version"}
"""Answered, and dead-lettered as well."""


@dataclass
class Standing:
    """What is known of a flow's file: what a late copy of an earlier request may be told."""

    name: str
    reopens: bool = False
    """A session may have ended without an object: a late start opens another."""
    completed: dict[str, Any] | None = None
    """The result of the file's completion."""
    transcript: list[str] = field(default_factory=list)


@dataclass
class Asked:
    kind: str
    standing: Standing
    results: dict[str, Result] = field(default_factory=dict)
    """By message id and outcome, the first of each."""

    @property
    def codes(self) -> set[str]:
        return {code(result) for result in self.results.values()}


def code(result: Result) -> str:
    """A result's type, or an error's code."""
    return str(result["error"]["code"]) if result.type == "upload.failed" else result.type


def essence(result: Result) -> str:
    """What must be the same whenever the same request is answered the same way."""
    passing = ("presigned_urls", "expires_at", "uploaded_parts", "error")
    kept = {name: value for name, value in result.body.items() if name not in passing}
    return json.dumps([kept, code(result)], sort_keys=True)


class Ledger:
    def __init__(self, record: Record) -> None:
        self._record = record
        self._schemas = Schemas()
        self._lock = threading.Lock()
        self.asked: dict[str, Asked] = {}
        self.expired: dict[str, Result] = {}
        """By upload id."""

    def ask(self, identity: str, kind: str, standing: Standing) -> None:
        with self._lock:
            self.asked[identity] = Asked(kind, standing)
        self._record.count("requests", "sent")

    def take(self, message: Message) -> tuple[str, Result] | None:
        """The request's id and its result, where this is the first; everything is checked."""
        try:
            result = Result.reading(message, self._schemas)
        except (AssertionError, ValueError, TypeError) as problem:
            self._record.wrong("wrong", f"a result that breaks the contract: {problem}")
            return None
        if result.type == "upload.expired":
            self._take_expiry(result)
            return None
        identity = str(result.correlation_id)
        with self._lock:
            asked = self.asked.get(identity)
        if asked is None:
            self._record.wrong("wrong", f"a result for a request that nobody sent: {identity} {code(result)}")
            return None
        return (identity, result) if self._is_first(asked, result, identity) else None

    @property
    def unanswered(self) -> list[str]:
        with self._lock:
            return [identity for identity, asked in self.asked.items() if not asked.results]

    def _take_expiry(self, result: Result) -> None:
        first = self.expired.setdefault(str(result["upload_id"]), result)
        if first is not result:
            self._record.count("duplicated", "upload.expired")
        if (first.message_id, first.body) != (result.message_id, result.body):
            self._record.wrong("wrong", f"two expiries of one upload differ: {first.body} {result.body}")

    def _is_first(self, asked: Asked, result: Result, identity: str) -> bool:
        key = f"{result.message_id} {code(result)}"
        with self._lock:
            first = asked.results.setdefault(key, result)
            is_first = len(asked.results) == 1 and first is result
        if is_first:
            self._record.count("requests", "answered")
            return True
        if first is not result:
            self._compare(asked, first, result, identity)
        elif self._may_follow(asked, result):
            self._record.count("late answers", f"{asked.kind}: {code(result)}")
        else:
            self._complain(asked, identity, f"answered {sorted(asked.codes)}")
        return False

    def _compare(self, asked: Asked, first: Result, result: Result, identity: str) -> None:
        if essence(first) == essence(result):
            self._record.count("duplicated", result.type)
        elif result.type == "upload.started" and asked.standing.reopens:
            self._record.count("late answers", "start: another session")
        else:
            self._complain(asked, identity, f"two results of one id differ: {essence(first)} {essence(result)}")

    def _may_follow(self, asked: Asked, result: Result) -> bool:
        said = code(result)
        if asked.codes & NOT_NOW or said in MOVED_ON:
            return True
        if said == "upload.started":
            return asked.standing.reopens
        return said == "upload.completed" and asked.kind == "complete"

    def _complain(self, asked: Asked, identity: str, problem: str) -> None:
        asked.standing.transcript.append(f"{identity}: {problem}")
        self._record.wrong("wrong", f"{asked.standing.name}: {asked.kind} {identity}: {problem}")
