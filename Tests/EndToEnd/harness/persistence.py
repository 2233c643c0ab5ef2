"""Requests whose every answer must come, whatever happens on the way."""

from __future__ import annotations

import uuid
from typing import Any

from harness.messages import Result
from harness.requester import Inbox, Requester


class Errands:
    """Requests without `reply_to`, whose results wait in the results queue, broker restarts included."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._answers: dict[str, Result] = {}

    def send(self, requester: Requester, kind: str, bodies: list[dict[str, Any]]) -> None:
        for body in bodies:
            identity = f"e-{uuid.uuid4()}"
            requester.send(kind, body, reply_to=None, correlation_id=identity, message_id=identity)
            self._asked.add(identity)

    @property
    def missing(self) -> set[str]:
        return self._asked - set(self._answers)

    def take(self, inbox: Inbox, count: int, timeout: float = 60) -> None:
        """Reads so many results. One that repeats an earlier result must say the same upload."""
        for result in inbox.results(count, timeout):
            identity = str(result.correlation_id)
            assert identity in self._asked
            first = self._answers.setdefault(identity, result)
            assert (first.message_id, first["upload_id"]) == (result.message_id, result["upload_id"])

    def note(self, result: Result) -> None:
        """A result that names no upload."""
        self._answers.setdefault(str(result.correlation_id), result)

    def take_all(self, inbox: Inbox, timeout: float = 60) -> list[Result]:
        """Reads until every request is answered."""
        while self.missing:
            self.take(inbox, 1, timeout)
        return list(self._answers.values())
