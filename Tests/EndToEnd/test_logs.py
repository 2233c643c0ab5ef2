"""The worker's log: JSON lines of constant messages and dotted keys, one line at info for each delivery."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from harness import requests
from harness.requester import taking_requests
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import REPOSITORY, Worker, run

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
LEVELS = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
OWN_FIELDS = {"time", "level", "message", "logger"}
SPEC_FIELDS = {"trace_id", "span_id"}
"""OpenTelemetry's names for a log that is not OTLP, which have no dots."""

CALL = re.compile(
    r"\b[lL]ogger\.(?:trace|debug|info|notice|warning|error|critical|log)\(\s*(?:level: [^,]+,\s*)?(.)", re.DOTALL
)
LITERAL = re.compile(r'"([^"\\]*)"\s*[,)]')


def lines(worker: Worker) -> list[dict[str, Any]]:
    return [json.loads(line) for line in worker.log.splitlines()]


def settled(worker: Worker, count: int) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]]:
        return [line for line in lines(worker) if line["message"] == "Request settled"]

    until(lambda: len(found()) >= count, f"{count} lines about deliveries")
    return found()


def sources() -> Iterator[tuple[Path, str]]:
    for path in sorted(Path(REPOSITORY, "Sources").rglob("*.swift")):
        yield path.relative_to(REPOSITORY), path.read_text()


def test_the_line_says_that_a_reply_to_is_not_allowed(launch: Launch, connect: Connect) -> None:
    worker = launch()
    requester = connect(worker)
    results = requester.inbox(requester.topology.results)
    requester.send("start", requests.start(), reply_to="amq.gen-somebody", correlation_id="c-1")
    results.result(correlation_id="c-1").expect("upload.started")
    requester.request("start", requests.start())
    refused, answered = settled(worker, 2)
    assert refused["upload.reply_to"] == "not allowed"
    assert "upload.reply_to" not in answered


def test_one_line_for_each_delivery(launch: Launch, connect: Connect) -> None:
    worker = launch()
    requester = connect(worker)
    body = requests.start()
    result = requester.request("start", body, headers=HEADERS, message_id="m-1", correlation_id="c-1")
    requester.exchange("abort", "{", correlation_id="c-2").expect_failure(400, "malformed_message")
    requester.exchange("resume", requests.resume(), correlation_id="c-3").expect_failure(404, "upload_not_found")
    first, second, third = settled(worker, 3)
    assert {name: first[name] for name in first if name not in ("time", "upload.duration_ms", "span_id", "logger")} == {
        "level": "info",
        "message": "Request settled",
        "upload.request": "start",
        "upload.outcome": "upload.started",
        "upload.attempt": 1,
        "upload.file_id": body["file_id"],
        "upload.user_id": body["user_id"],
        "messaging.destination.name": worker.topology.request_queue("start"),
        "messaging.message.id": "m-1",
        "messaging.message.conversation_id": "c-1",
        "trace_id": TRACE,
    }
    assert result.message.headers["traceparent"].split("-")[2] == first["span_id"]
    assert first["upload.duration_ms"] > 0
    assert (second["upload.outcome"], second["messaging.message.conversation_id"]) == ("malformed_message", "c-2")
    assert (third["upload.outcome"], third["messaging.message.conversation_id"]) == ("upload_not_found", "c-3")
    assert worker.terminate() == 0
    about = [line for line in lines(worker) if line["level"] == "info" and body["file_id"] in json.dumps(line)]
    assert len(about) == 1


def test_one_line_at_the_start(launch: Launch) -> None:
    worker = launch(PREFETCH="7", SESSION_STORE="sqlite:sessions.sqlite")
    found = [line for line in lines(worker) if line["message"] == "Starting"]
    assert len(found) == 1
    assert {name: found[0][name] for name in found[0] if name != "time"} == {
        "level": "info",
        "logger": "upload-worker",
        "message": "Starting",
        "process.version": run(["--version"], {}, worker.directory).stdout.strip(),
        "amqp.queues": worker.topology.request_queues,
        "amqp.prefetch": 7,
        "s3.bucket": worker.environment["S3_BUCKET"],
        "session.database": "sessions.sqlite",
    }


def test_every_line_is_json_with_dotted_keys(launch: Launch, connect: Connect) -> None:
    worker = launch(LOG_LEVEL="trace", AWS_ENDPOINT_URL_S3="http://127.0.0.1:9", RETRY_DELAYS="1ms", is_awaited=False)
    requester = taking_requests(connect, worker)
    requester.exchange("start", requests.start(), timeout=60).expect_failure(503, "storage_unavailable")
    assert worker.terminate() == 0
    seen = lines(worker)
    assert {"Request settled", "Store failed", "Calling the store again", "Stopping"} <= {
        line["message"] for line in seen
    }
    for line in seen:
        assert OWN_FIELDS <= set(line)
        assert line["level"] in LEVELS and line["logger"] == "upload-worker"
        assert datetime.fromisoformat(line["time"]).utcoffset() is not None
        assert not {
            key for key in set(line) - OWN_FIELDS - SPEC_FIELDS if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", key)
        }


@pytest.mark.parametrize(
    ("level", "is_said"), [("debug", True), ("info", True), ("notice", False), ("critical", False)]
)
def test_level(launch: Launch, connect: Connect, level: str, is_said: bool) -> None:
    worker = launch(LOG_LEVEL=level)
    connect(worker).request("start", requests.start()).expect("upload.started")
    assert worker.terminate() == 0
    assert ("Request settled" in worker.log) is is_said
    assert all(LEVELS.index(line["level"]) >= LEVELS.index(level) for line in lines(worker))


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_taken(launch: Launch, level: str) -> None:
    assert launch(LOG_LEVEL=level).terminate() == 0


def test_text(launch: Launch, connect: Connect) -> None:
    worker = launch(LOG_FORMAT="text")
    connect(worker).request("start", requests.start(), correlation_id="one\ntwo").expect("upload.started")
    assert worker.terminate() == 0
    about = [line for line in worker.log.splitlines() if "Request settled" in line]
    assert len(about) == 1
    assert re.match(
        r"\d{4}-\d\d-\d\dT[\d:.]+Z INFO Request settled .*conversation_id=one\\ntwo .*upload.outcome=upload.started",
        about[0],
    )


def test_messages_are_constant() -> None:
    """Whatever varies is metadata: the message of every call is a plain string literal."""
    calls, wrong = 0, []
    for path, text in sources():
        for call in CALL.finditer(text):
            calls += 1
            line = f"{path}:{text[: call.start()].count(chr(10)) + 1}"
            if not LITERAL.match(text, call.start(1)):
                wrong.append(line)
    assert calls >= 20, "the search finds no calls any more"
    assert not wrong, f"the message is no plain literal: {wrong}"


@pytest.mark.parametrize(
    ("call", "is_plain"),
    [
        ('logger.info("Stopped")', True),
        ('self.logger.warning(\n    "Two words",\n    metadata: [:])', True),
        ('logger.log(level: level, "Some", metadata: [:])', True),
        ('logger.info("Stopped \\(now)")', False),
        ("logger.info(message)", False),
        ('logger.log(level: .info, isLost ? "Lost" : "Failed")', False),
        ('logger.error("A" + text)', False),
    ],
)
def test_the_search_tells_them_apart(call: str, is_plain: bool) -> None:
    found = CALL.search(call)
    assert found and bool(LITERAL.match(call, found.start(1))) is is_plain


def test_nothing_prints_by_itself() -> None:
    """Only commands answer on standard output; all else goes through the log."""
    prints = re.compile(r"(?<![\w.])(?:print|debugPrint|dump|NSLog)\(|FileHandle\.standard|\bstderr\b|\bstdout\b")
    found = [str(path) for path, text in sources() if not path.name.endswith("Command.swift") and prints.search(text)]
    assert not found
