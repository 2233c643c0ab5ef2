"""Every way in which the store fails, and when."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from enum import Enum

from Torture.http_messages import HTTPMessage, error


class Operation(Enum):
    CREATE = "Create"
    COMPLETE = "Complete"
    ABORT = "Abort"
    LIST_PARTS = "ListParts"
    LIST_UPLOADS = "ListUploads"
    HEAD = "Head"
    OTHER = "other"

    @classmethod
    def of(cls, request: HTTPMessage) -> Operation:
        query = request.query
        if query.get("uploadId") == "upload-worker-check":  # a look of the worker's own, on behalf of no request
            return cls.OTHER
        if request.method == "POST":
            return cls.CREATE if "uploads" in query else cls.COMPLETE
        if request.method == "DELETE":
            return cls.ABORT
        if request.method == "HEAD":
            return cls.HEAD
        if request.method == "GET":
            return cls.LIST_UPLOADS if "uploads" in query else cls.LIST_PARTS
        return cls.OTHER


class Fault(Enum):
    # The request does not reach the store.
    SLOW_DOWN = "503 SlowDown"
    INTERNAL_ERROR = "500 InternalError"
    TIME_TOO_SKEWED = "403 RequestTimeTooSkewed"
    ACCESS_DENIED = "403 AccessDenied"
    ERROR_IN_200 = "error inside a 200"
    RESET = "connection reset"
    TIME_OUT = "time-out"
    # The store does what it is asked, and this comes back.
    LOST = "answer lost"
    LATE = "time-out, done"
    ERROR_IN_200_DONE = "error inside a 200, done"
    INTERNAL_ERROR_DONE = "500 InternalError, done"
    SPACES = "spaces before the body"
    CUT_BODY = "cut body"
    EMPTY_ETAG = "empty <ETag>"
    # What other stores say in the same case.
    NO_SUCH_KEY = "NoSuchKey from ListParts"
    GONE_500 = "500 after abort"
    REPEATED_404 = "404 to the repeated Complete"
    # Only where a script asks for it.
    NOTHING = "no object after Complete"
    NO_ETAG = "Head without an ETag"
    ENDLESS_ID = "an upload id too long"
    KNOWN_ID = "an upload id given before"
    ABORT_NOT_DONE = "parts left after Abort"
    SLOW = "slow"


def created(upload_id: str) -> HTTPMessage:
    """The answer to Create."""
    name = "InitiateMultipartUploadResult"
    return HTTPMessage("HTTP/1.1 200 OK", []).with_body(f"<{name}><UploadId>{upload_id}</UploadId></{name}>".encode())


ANSWERS = {
    Fault.SLOW_DOWN: error(503, "SlowDown"),
    Fault.INTERNAL_ERROR: error(500, "InternalError"),
    Fault.TIME_TOO_SKEWED: error(403, "RequestTimeTooSkewed"),
    Fault.ACCESS_DENIED: error(403, "AccessDenied"),
    Fault.ERROR_IN_200: error(200, "InternalError"),
    Fault.ERROR_IN_200_DONE: error(200, "InternalError"),
    Fault.INTERNAL_ERROR_DONE: error(500, "InternalError"),
    Fault.NO_SUCH_KEY: error(404, "NoSuchKey"),
    Fault.GONE_500: error(500, "InternalError"),
    Fault.REPEATED_404: error(404, "NoSuchUpload"),
    Fault.NOTHING: error(404, "NoSuchKey"),
    Fault.ENDLESS_ID: created("x" * 2000),
    Fault.ABORT_NOT_DONE: HTTPMessage("HTTP/1.1 204 No Content", []),
}
BEFORE = {
    Fault.SLOW_DOWN: 5.0,
    Fault.INTERNAL_ERROR: 5.0,
    Fault.TIME_TOO_SKEWED: 1.5,
    Fault.ACCESS_DENIED: 0.15,
    Fault.RESET: 3.0,
    Fault.TIME_OUT: 0.8,
}
AFTER = {Fault.LOST: 5.0, Fault.LATE: 0.8}
WITH_BODY = {Fault.CUT_BODY: 2.0}
OF_COMPLETE = {
    Fault.ERROR_IN_200: 6.0,
    Fault.ERROR_IN_200_DONE: 3.0,
    Fault.INTERNAL_ERROR_DONE: 3.0,
    Fault.SPACES: 6.0,
    Fault.EMPTY_ETAG: 4.0,
}
ETAG = re.compile(rb"<ETag>.*?</ETag>", re.DOTALL)


@dataclass
class StoreFaults:
    """Chooses a fault for a request, or none; afterwards, one for an answer."""

    chance: random.Random
    rate: float = 0.0
    likeness: float = 0.0
    """How often the store answers as another store would."""
    scripted: list[tuple[Operation, Fault]] = field(default_factory=list)
    """Faults to come, each for the next request of its operation."""
    older: set[str] = field(default_factory=set)
    """Keys that the faults to come are not for."""
    always: dict[Operation, Fault] = field(default_factory=dict)
    slowness: float = 1.5
    """Seconds that a slow request waits before it goes on."""
    completed: set[str] = field(default_factory=set)
    """Uploads that the store has completed."""
    created: HTTPMessage | None = None
    """The latest answer to Create."""

    def of_request(self, operation: Operation, request: HTTPMessage) -> Fault | None:
        if operation in self.always:
            return self.always[operation]
        for planned in self.scripted:
            if planned[0] is operation and request.path.split("/", 2)[-1] not in self.older:
                self.scripted.remove(planned)
                return planned[1]
        if self.chance.random() >= self.rate:
            return None
        table = BEFORE | AFTER | ({} if operation in (Operation.HEAD, Operation.ABORT) else WITH_BODY)
        if operation is Operation.COMPLETE:
            table |= OF_COMPLETE
        if operation is Operation.LIST_UPLOADS:
            table = {fault: weight for fault, weight in table.items() if fault is not Fault.ACCESS_DENIED}
        return self.chance.choices(list(table), list(table.values()))[0]

    def instead(self, fault: Fault) -> HTTPMessage:
        """What comes back for a request that does not reach the store."""
        return self.created if fault is Fault.KNOWN_ID and self.created else ANSWERS[fault]

    def of_answer(self, operation: Operation, request: HTTPMessage, answer: HTTPMessage) -> Fault | None:
        """Where another store's answer would differ."""
        upload_id = request.query.get("uploadId", "")
        is_repeated = upload_id in self.completed
        if operation is Operation.CREATE:
            self.created = answer
        if operation is Operation.COMPLETE and answer.status == 200 and b"<Error>" not in answer.body:
            self.completed.add(upload_id)
        if self.chance.random() >= self.likeness:
            return None
        if operation is Operation.LIST_PARTS and answer.status == 404:
            return Fault.NO_SUCH_KEY
        if operation is Operation.COMPLETE and is_repeated:
            return Fault.REPEATED_404
        if operation is Operation.COMPLETE and answer.status == 404:
            return Fault.GONE_500
        return None


def changed(fault: Fault, answer: HTTPMessage) -> HTTPMessage:
    """The answer with the fault in it."""
    if fault is Fault.SPACES:
        return answer.with_body(b" \n" * 40 + answer.body)
    if fault is Fault.EMPTY_ETAG:
        return answer.with_body(ETAG.sub(b"<ETag></ETag>", answer.body))
    if fault is Fault.NO_ETAG:
        return HTTPMessage(answer.line, [each for each in answer.fields if each[0].lower() != "etag"])
    return ANSWERS.get(fault, answer)
