"""What flows are made of: a flow is a generator that yields steps and is sent what came of each."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from harness.messages import Result
from harness.store import Answer, Store
from Torture.ledger import NOT_NOW, Standing, code

TRIES = 6
REPLIES = "torture-replies"
"""The requester's own queue."""


@dataclass(frozen=True)
class Ask:
    kind: str
    body: bytes
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Do:
    """Work on the store, done on another thread."""

    work: Callable[[], Any]


Flow = Generator[Ask | Do, Any, None]


class Unexpected(Exception):
    """Something came that the flow does not allow."""


class Overdue(Exception):
    """The session's time was over before the flow was: nothing is wrong."""


class Client:
    """A backend and a browser in one, with a file of its own."""

    def __init__(self, store: Store, chance: random.Random) -> None:
        self.store, self.random = store, chance
        name = uuid.UUID(int=chance.getrandbits(128), version=4)
        self.file = {"file_id": str(name), "user_id": f"u{chance.randint(1, 99)}"}
        self.standing = Standing(self.file["file_id"])
        self.expires_at = float("inf")
        self.upload_id = ""
        self.is_abandoned = False
        self.data: bytes | None = None
        """The object's bytes, once the file is complete."""

    @property
    def key(self) -> str:
        return f"users/{self.file['user_id']}/{self.file['file_id']}"

    def ask(self, kind: str, *allowed: str, **fields: Any) -> Generator[Ask, Result, Result]:
        """Asks, as a new request again while the store is not well, until an answer that is allowed comes."""
        body = json.dumps(self.file | fields).encode()
        for _ in range(TRIES):
            result = yield Ask(kind, body)
            if code(result) not in NOT_NOW:
                break
        return self._checked(kind, result, allowed)

    def ask_raw(self, kind: str, body: bytes, expected: str, **properties: Any) -> Generator[Ask, Result, Result]:
        result = yield Ask(kind, body, properties)
        if code(result) != expected:
            raise Unexpected(f"{kind} {body[:80]!r}: {code(result)} instead of {expected}")
        return result

    def put(self, url: str, data: bytes) -> Generator[Do, Answer, str]:
        """The part's ETag."""
        answer = yield Do(lambda: self.store.put(url, data))
        if answer.status != 200 or not answer.etag:
            self._refuse_overdue()
            raise Unexpected(f"PUT: {answer.status} {answer.body[:200]}")
        return str(answer.etag)

    def _checked(self, kind: str, result: Result, allowed: tuple[str, ...]) -> Result:
        said = code(result)
        self.standing.transcript.append(f"{kind}: {said}")
        if said not in allowed:
            if said in ("upload_expired", "upload_not_found", "upload_aborted"):
                self._refuse_overdue()
            raise Unexpected(f"{kind}: {said} instead of {' or '.join(allowed)}: {result.body}")
        if said in ("upload.started", "upload.resumed"):
            self.upload_id = str(result["upload_id"])
            self.expires_at = datetime.fromisoformat(result["expires_at"]).timestamp()
            if result["key"] != self.key:
                raise Unexpected(f"the key {result['key']}")
        elif said == "upload.completed":
            self.standing.completed = result.body
        return result

    def _refuse_overdue(self) -> None:
        if time.time() > self.expires_at - 1:
            self.standing.reopens = True
            raise Overdue
