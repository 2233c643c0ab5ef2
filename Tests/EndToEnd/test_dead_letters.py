"""Dead letters as an operator sees them: section 5 of the contract, through the built program on a real broker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pytest

from harness import requests
from harness.servers import BrokerServer
from harness.topology import Topology
from harness.types import Connect, Launch, Settings
from harness.waiting import until
from harness.worker import BINARY, complete, run

Dead = Callable[..., subprocess.CompletedProcess[str]]
FIELDS = [
    "position",
    "message_id",
    "queue",
    "code",
    "attempts",
    "file_id",
    "user_id",
    "first_failed_at",
    "last_failed_at",
    "replays",
]


class Operator:
    """A prefix of its own with everything declared, its dead letters, and the commands on them."""

    def __init__(self, broker: BrokerServer, environment: dict[str, str], directory: Path) -> None:
        self.environment = environment
        self.directory = directory
        self.topology = Topology(environment["TOPOLOGY_PREFIX"])
        self.connection = pika.BlockingConnection(pika.URLParameters(broker.url))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()

    def dead(self, *arguments: Any) -> subprocess.CompletedProcess[str]:
        return run(["dead", *map(str, arguments)], self.environment, self.directory, timeout=120)

    def rows(self, *arguments: Any) -> list[dict[str, Any]]:
        done = self.dead("list", *arguments, "--format", "json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def put(self, queue: str, body: bytes = b"{}", **properties: Any) -> None:
        self.channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2, **properties), mandatory=True)

    def put_many(self, count: int, body: bytes = b"{}", **properties: Any) -> None:
        """Publishes without waiting for each confirm, and returns once all are there."""
        fast = self.connection.channel()
        for number in range(count):
            given = pika.BasicProperties(delivery_mode=2, message_id=f"m-{number}", **properties)
            fast.basic_publish("", self.topology.dead, body, given)
        until(lambda: self.count(self.topology.dead) == count, f"{count} dead letters", 120)

    def count(self, queue: str) -> int:
        return self.channel.queue_declare(queue, passive=True).method.message_count

    def readers(self) -> int:
        return self.channel.queue_declare(self.topology.dead, passive=True).method.consumer_count

    def letter(self, number: int, kind: str = "start", code: str = "storage_unavailable") -> dict[str, Any]:
        """Puts what the worker would put there, and gives the request's body."""
        body = requests.OF_KIND[kind]()
        self.put(
            self.topology.dead,
            json.dumps(body).encode(),
            message_id=f"m-{number}",
            headers=self.headers(kind, code),
        )
        return body

    def headers(self, kind: str = "start", code: str = "storage_unavailable") -> dict[str, Any]:
        return {
            "upload-error-code": code,
            "upload-error-message": "told to",
            "upload-attempts": 5,
            "upload-origin-queue": self.topology.request_queue(kind),
            "upload-first-failed-at": "2026-01-01T00:00:00Z",
            "upload-last-failed-at": "2026-01-01T00:10:00Z",
            "kept": "as it was",
        }

    def everything(self, queue: str) -> list[tuple[Any, ...]]:
        """All messages of a queue, taken out, the broker's own count aside."""
        found = []
        while True:
            method, properties, body = self.channel.basic_get(queue, auto_ack=True)
            if method is None:
                return found
            values = {name: value for name, value in vars(properties).items() if name != "headers"}
            headers = {k: v for k, v in (properties.headers or {}).items() if k != "x-delivery-count"}
            found.append((values, headers, body))


@pytest.fixture
def operator(broker: BrokerServer, settings: Settings, tmp_path: Path) -> Iterator[Operator]:
    operator = Operator(broker, settings(), tmp_path)
    done = run(["setup"], operator.environment, tmp_path)
    assert done.returncode == 0, done.stderr
    yield operator
    operator.connection.close()
    broker.forget(operator.topology)


def test_an_empty_queue(operator: Operator) -> None:
    assert "no dead letters" in operator.dead("list").stdout
    assert operator.rows() == []


def test_a_queue_that_is_not_there(settings: Settings, tmp_path: Path) -> None:
    done = run(["dead", "list"], settings(), tmp_path)
    assert done.returncode == 1
    assert "upload-worker setup" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_list_tells(operator: Operator) -> None:
    body = operator.letter(1)
    assert operator.rows() == [
        {
            "position": 1,
            "message_id": "m-1",
            "queue": operator.topology.request_queue("start"),
            "code": "storage_unavailable",
            "attempts": 5,
            "file_id": body["file_id"],
            "user_id": "42",
            "first_failed_at": "2026-01-01T00:00:00Z",
            "last_failed_at": "2026-01-01T00:10:00Z",
            "replays": None,
        }
    ]
    assert "m-1" in operator.dead("list").stdout


def test_looking_a_hundred_times_changes_nothing(operator: Operator) -> None:
    for number in range(20):
        operator.put(operator.topology.dead, os.urandom(40), message_id=f"m-{number}", headers={"n": number, "b": b"\xff"})
    first = operator.rows()
    for look in range(50):
        assert operator.rows() == first
        assert operator.dead("show", 1 + look % 20, "--format", "json").returncode == 0
    kept = operator.everything(operator.topology.dead)
    assert [headers["n"] for _, headers, _ in kept] == list(range(20))
    assert [values["message_id"] for values, _, _ in kept] == [f"m-{number}" for number in range(20)]
    assert all(set(headers) == {"n", "b"} and len(body) == 40 for _, headers, body in kept)


def test_filters_and_groups(operator: Operator) -> None:
    operator.letter(1)
    operator.letter(2, "complete")
    operator.letter(3, "complete", "storage_rejected")
    start = operator.topology.request_queue("start")
    assert [row["position"] for row in operator.rows("--queue", "complete")] == [2, 3]
    assert [row["position"] for row in operator.rows("--queue", start)] == [1]
    assert [row["position"] for row in operator.rows("--code", "storage_rejected")] == [3]
    assert [row["position"] for row in operator.rows("--limit", 2)] == [1, 2]
    assert sorted(row["count"] for row in operator.rows("--group")) == [1, 1, 1]
    assert [row["count"] for row in operator.rows("--group", "--queue", "complete", "--code", "storage_rejected")] == [1]


def test_show(operator: Operator) -> None:
    body = operator.letter(1)
    headers = {"bytes": b"\xff\x00", "list": [1, True, None, "x"], "table": {"deep": 1}}
    operator.put(operator.topology.dead, b"\xff\xfe", message_id="odd", headers=headers)
    shown = json.loads(operator.dead("show", 1, "--format", "json").stdout)
    assert set(shown) >= {*FIELDS, "properties", "headers", "body"}
    assert json.loads(shown["body"]) == body
    odd = json.loads(operator.dead("show", "odd", "--format", "json").stdout)
    assert (odd["position"], odd["body"], odd["body_encoding"]) == (2, "//4=", "base64")
    assert odd["headers"]["list"] == [1, True, None, "x"]
    assert odd["headers"]["table"] == {"deep": 1}
    missing = operator.dead("show", 3)
    assert missing.returncode == 1
    assert "dead list" in missing.stderr


def test_hostile_contents(operator: Operator) -> None:
    operator.put(operator.topology.dead, b"")
    operator.put(operator.topology.dead, b"x" * (8 << 20), message_id="\x1b[2J\n", headers={"upload-attempts": "many"})
    operator.put(operator.topology.dead, b"[" * 5000, headers={"upload-origin-queue": 7, "x-death": "lies"})
    rows = operator.rows()
    assert [row["queue"] for row in rows] == [None] * 3
    listed = operator.dead("list")
    assert len(listed.stdout.splitlines()) == 4
    assert "\x1b" not in listed.stdout
    assert json.loads(operator.dead("show", 2, "--format", "json").stdout)["body"] == "x" * (8 << 20)
    done = operator.dead("replay", "--format", "json")
    assert json.loads(done.stdout) == {"matched": 3, "replayed": 0, "skipped": 3}
    assert len(done.stderr.splitlines()) == 3
    assert operator.rows() == rows


def test_replay_clears_and_counts(operator: Operator) -> None:
    bodies = [operator.letter(number) for number in (1, 2)]
    done = operator.dead("replay", "--message-id", "m-2", "--format", "json")
    assert json.loads(done.stdout) == {"matched": 1, "replayed": 1, "skipped": 0}
    [(values, headers, body)] = operator.everything(operator.topology.request_queue("start"))
    assert headers == {"kept": "as it was", "upload-replays": 1}
    assert json.loads(body) == bodies[1]
    assert (values["message_id"], values["delivery_mode"]) == ("m-2", 2)
    assert [row["message_id"] for row in operator.rows()] == ["m-1"]


def test_a_request_without_a_queue_stays(operator: Operator) -> None:
    operator.letter(1)
    operator.channel.queue_delete(operator.topology.request_queue("start"))
    done = operator.dead("replay", "--format", "json")
    assert json.loads(done.stdout) == {"matched": 1, "replayed": 0, "skipped": 1}
    assert "upload-worker setup" in done.stderr
    assert len(operator.rows()) == 1


@pytest.mark.parametrize("reason", ["rejected", "delivery_limit"])
def test_what_the_broker_set_aside(operator: Operator, reason: str) -> None:
    queue = operator.topology.request_queue("resume")
    operator.put(queue, json.dumps(requests.resume()).encode(), message_id="b")
    for _ in range(1 if reason == "rejected" else 21):
        method, _, _ = until(lambda: (got := operator.channel.basic_get(queue))[0] and got, "the request")
        operator.channel.basic_reject(method.delivery_tag, requeue=reason != "rejected")
    until(lambda: operator.count(operator.topology.dead) == 1, "the dead letter")
    [row] = operator.rows()
    assert (row["queue"], row["code"], row["attempts"]) == (queue, reason, None)
    assert row["last_failed_at"]
    done = operator.dead("replay", "--format", "json")
    assert json.loads(done.stdout)["replayed"] == 1
    [(_, headers, _)] = operator.everything(queue)
    assert headers == {"upload-replays": 1}


def test_a_replayed_request_is_served(launch: Launch, connect: Connect, settings: Settings, tmp_path: Path) -> None:
    worker = launch()
    requester = connect(worker)
    names = worker.topology
    properties = {"reply_to": requester.replies.queue, "correlation_id": "c", "message_id": "m"}
    headers = {"upload-error-code": "storage_unavailable", "upload-origin-queue": names.request_queue("start")}
    requester.publish("", names.dead, requests.start(), headers=headers, **properties)
    done = run(["dead", "replay"], worker.environment, tmp_path)
    assert done.returncode == 0, done.stderr
    requester.replies.result(correlation_id="c").expect("upload.started")


def test_dry_run(launch: Launch, connect: Connect) -> None:
    worker = launch()
    requester = connect(worker)
    names = worker.topology
    aborted = requests.new_file()
    upload = requester.request("start", requests.start(aborted))["upload_id"]
    requester.request("abort", requests.abort(aborted, upload)).expect("upload.aborted")
    for kind, body in [
        ("start", requests.start()),
        ("start", requests.start(part_count=0)),
        ("resume", requests.resume(aborted, upload)),
    ]:
        requester.publish("", names.dead, body, headers={"upload-origin-queue": names.request_queue(kind)})
    arguments = ["dead", "replay", "--dry-run", "--format", "json"]
    done = run(arguments, worker.environment, worker.directory)
    assert [json.loads(line)["would"] for line in done.stdout.splitlines()] == [
        "will run",
        "would be refused: invalid_part_count",
        "session already aborted",
    ]
    elsewhere = run(arguments, worker.environment | {"SESSION_STORE": "sqlite:none.sqlite"}, worker.directory)
    assert json.loads(elsewhere.stdout.splitlines()[0])["would"].startswith("unknown")
    assert not (worker.directory / "none.sqlite").exists()
    assert requester.ready_count(names.dead) == 3
    requester.request("start", requests.start()).expect("upload.started")


def test_drop(operator: Operator) -> None:
    for number in range(4):
        operator.letter(number, "start" if number % 2 else "abort")
    assert operator.dead("drop").returncode == 64
    assert len(operator.rows()) == 4
    done = operator.dead("drop", "--queue", "abort", "--yes", "--format", "json")
    assert json.loads(done.stdout)["dropped"] == 2
    assert [row["message_id"] for row in operator.rows()] == ["m-1", "m-3"]


def test_rate(operator: Operator) -> None:
    for number in range(7):
        operator.letter(number)
    began = time.monotonic()
    assert operator.dead("replay", "--rate", 4).returncode == 0
    assert time.monotonic() - began >= 1.5
    assert operator.count(operator.topology.request_queue("start")) == 7


def test_another_reader_is_told_of(operator: Operator) -> None:
    operator.letter(1)
    tag = operator.channel.basic_consume(operator.topology.dead, lambda *_: None)
    done = operator.dead("list")
    assert done.returncode == 1
    assert "another consumer" in done.stderr
    operator.channel.basic_cancel(tag)


def started_replay(operator: Operator, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [BINARY, "dead", "replay", *arguments],
        env=complete(operator.environment, operator.directory),
        cwd=operator.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_replay_that_is_stopped_half_way(operator: Operator, end: signal.Signals) -> None:
    count = 3_000
    operator.put_many(count, json.dumps(requests.start()).encode(), headers=operator.headers())
    queue = operator.topology.request_queue("start")
    process = started_replay(operator, "--rate", "1500", "--format", "json")
    until(lambda: operator.count(queue) > 500, "some replays", 60)
    process.send_signal(end)
    out, _ = process.communicate(timeout=30)
    if end is signal.SIGINT:
        assert process.returncode == 130
        assert 0 < json.loads(out)["replayed"] < count
    assert operator.count(queue) < count
    until(lambda: operator.readers() == 0, "the broker to take the rest back")
    assert operator.dead("replay").returncode == 0
    until(lambda: operator.count(operator.topology.dead) == 0, "an empty queue")
    replayed = operator.everything(queue)
    assert {values["message_id"] for values, _, _ in replayed} == {f"m-{number}" for number in range(count)}


def peak_memory(pid: int) -> int:
    """In KiB, of the program alone: what `wait4` tells includes the process that it was forked from."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def test_twenty_thousand(operator: Operator) -> None:
    """Some 15 MiB of them listed within 60 MiB: 35 were measured, 34 of them for ten messages."""
    count = 20_000
    body = json.dumps(requests.start() | {"padding": "x" * 400}).encode()
    operator.put_many(count, body, headers=operator.headers())
    process = subprocess.Popen(
        [BINARY, "dead", "list", "--format", "json"],
        env=complete(operator.environment, operator.directory),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    peak, rows = 0, []
    for line in process.stdout:
        rows.append(json.loads(line))
        if len(rows) % 1_000 == 0 and len(rows) < count:
            peak = max(peak, peak_memory(process.pid))
    assert process.wait(30) == 0
    assert [row["message_id"] for row in rows] == [f"m-{number}" for number in range(count)]
    assert 10 * 1024 < peak < 60 * 1024, f"{peak} KiB"
