"""Looking at dead letters: section 5 of the contract, through the built program on a real broker."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pika
import pytest

from harness import requests
from harness.operator import Operator
from harness.servers import BrokerServer
from harness.types import Settings
from harness.waiting import until
from harness.worker import run

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


def test_an_empty_queue(operator: Operator) -> None:
    assert "no dead letters" in operator.dead("list").stdout
    assert operator.rows() == []
    assert operator.rows("--group") == []
    assert operator.dead("show", 1).returncode == 1
    for arguments in (["replay"], ["replay", "--dry-run"], ["drop", "--yes"]):
        done = operator.dead(*arguments)
        assert (done.returncode, done.stderr) == (0, "")


COMMANDS = [["list"], ["show", "1"], ["replay"], ["replay", "--dry-run"], ["drop", "--yes"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_queue_that_is_not_there(settings: Settings, tmp_path: Path, command: list[str]) -> None:
    done = run(["dead", *command], settings(), tmp_path)
    assert done.returncode == 1
    assert "upload-worker setup" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_wrong_broker_setting(settings: Settings, broker: BrokerServer, tmp_path: Path, command: list[str]) -> None:
    wrong_password = re.sub(r"//([^:]+):[^@]*@", r"//\1:sesame@", broker.url)
    assert wrong_password != broker.url
    for url in ("http://localhost", "amqp://someone:sesame@localhost:99999", wrong_password):
        done = run(["dead", *command], settings(AMQP_URL=url), tmp_path)
        assert done.returncode == 78, done.stderr
        assert "AMQP_URL" in done.stderr
        assert "sesame" not in done.stderr
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


def fill_with_everything(operator: Operator, user: str) -> None:
    """One of the worker's, one of the broker's own, and some with every property, every kind of header, odd bytes."""
    operator.letter(0)
    queue = operator.topology.request_queue("resume")
    operator.put(queue, json.dumps(requests.resume()).encode(), message_id="b", headers={"kept": 1})
    method, _, _ = until(lambda: (got := operator.channel.basic_get(queue))[0] and got, "the request")
    operator.channel.basic_reject(method.delivery_tag, requeue=False)
    until(lambda: operator.count(operator.topology.dead) == 2, "the broker's dead letter")
    for number in range(8):
        operator.put(
            operator.topology.dead,
            os.urandom(200 * number),
            message_id=f"m-{number}",
            content_type="application/json",
            content_encoding="identity",
            priority=number,
            correlation_id=f"c-{number}",
            reply_to="somewhere",
            expiration="86400000",
            timestamp=1_700_000_000 + number,
            type="type",
            user_id=user,
            app_id="app",
            cluster_id="cluster",
            headers={
                "number": number,
                "large": 2**40,
                "bytes": b"\xff\x00",
                "text": "é",
                "list": [1, True, None, "x", {"deep": [b"\xfe"]}],
                "time": datetime.fromtimestamp(1_700_000_000, UTC),
                "decimal": Decimal("3.14"),
                "x-death": "lies",
                "": "no name",
            },
        )
    operator.put(operator.topology.dead, b"")


def test_looking_a_hundred_times_changes_nothing(operator: Operator, broker: BrokerServer) -> None:
    """Order, bodies, every property and header, but for the broker's own count of deliveries."""
    fill_with_everything(operator, str(pika.URLParameters(broker.url).credentials.username))
    before = operator.everything(operator.topology.dead, take=False)
    assert len(before) == 11
    rows = operator.rows()
    shown = [operator.shown(position) for position in range(1, 12)]
    for look in range(100):
        assert operator.rows() == rows
        assert without_count(operator.shown(1 + look % 11)) == without_count(shown[look % 11])
    assert operator.everything(operator.topology.dead) == before


def without_count(shown: dict[str, Any]) -> dict[str, Any]:
    return shown | {"headers": {k: v for k, v in shown["headers"].items() if k != "x-delivery-count"}}


@pytest.mark.parametrize("arguments", [["list"], ["list", "--format", "json"], ["replay", "--dry-run"]], ids=" ".join)
@pytest.mark.parametrize("reader", ["one line", "no line", "full disk"])
def test_output_that_nobody_takes(operator: Operator, arguments: list[str], reader: str) -> None:
    """`| head -1` must not leave the queue half-read, which would turn its order."""
    operator.put_many(3_000, json.dumps(requests.start()).encode(), headers=operator.headers())
    assert operator.dead("list").returncode == 0  # what was read once comes back from another place in the broker
    if reader == "full disk":
        with open("/dev/full", "w") as full:
            process = operator.started(*arguments, stdout=full)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "standard output" in errors
    else:
        process = operator.started(*arguments)
        assert process.stdout is not None and process.stderr is not None
        if reader == "one line":
            assert process.stdout.readline()
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (0, "")
    kept = operator.everything(operator.topology.dead)
    assert [values["message_id"] for _, _, values, _, _ in kept] == [f"m-{number}" for number in range(3_000)]


def test_filters_and_groups(operator: Operator) -> None:
    operator.letter(1)
    operator.letter(2, "complete")
    operator.letter(3, "complete", "storage_rejected")
    start = operator.topology.request_queue("start")
    assert [row["position"] for row in operator.rows("--queue", "complete")] == [2, 3]
    assert [row["position"] for row in operator.rows("--queue", start)] == [1]
    assert [row["position"] for row in operator.rows("--code", "storage_rejected")] == [3]
    assert [row["position"] for row in operator.rows("--code", "storage_rejected", "--queue", "start")] == []
    assert [row["position"] for row in operator.rows("--queue", "complete", "--limit", 1)] == [2]
    assert [row["position"] for row in operator.rows("--limit", 2)] == [1, 2]
    assert [row["position"] for row in operator.rows("--limit", 1_000)] == [1, 2, 3]
    for row in operator.rows():
        assert row in operator.rows("--queue", row["queue"], "--code", row["code"])
    assert sorted(row["count"] for row in operator.rows("--group")) == [1, 1, 1]
    assert [row["count"] for row in operator.rows("--group", "--queue", "complete", "--code", "storage_rejected")] == [1]


def test_show(operator: Operator) -> None:
    body = operator.letter(1)
    headers = {"bytes": b"\xff\x00", "list": [1, True, None, "x"], "table": {"deep": 1}}
    operator.put(operator.topology.dead, b"\xff\xfe", message_id="odd", headers=headers)
    shown = operator.shown(1)
    assert set(shown) >= {*FIELDS, "properties", "headers", "body"}
    assert json.loads(shown["body"]) == body
    odd = operator.shown("odd")
    assert (odd["position"], odd["body"], odd["body_encoding"]) == (2, "//4=", "base64")
    assert odd["headers"]["list"] == [1, True, None, "x"]
    assert odd["headers"]["table"] == {"deep": 1}
    missing = operator.dead("show", 3)
    assert missing.returncode == 1
    assert "dead list" in missing.stderr


def test_odd_message_ids(operator: Operator) -> None:
    ids: list[Any] = [b"\xff\xfe", "\x1b[2J", "a b", "1", "é" * 100, "7", ""]
    for message_id in ids:
        operator.put(operator.topology.dead, message_id=message_id, headers=operator.headers())
    rows = operator.rows()
    assert [row["message_id"] for row in rows] == ["\ufffd\ufffd", *ids[1:]]
    assert "\x1b" not in operator.dead("list").stdout + operator.dead("show", 2).stdout
    for row in rows[:3] + rows[4:5]:
        assert operator.shown(row["message_id"])["position"] == row["position"]
    assert operator.shown("1")["position"] == 1  # a position comes first
    assert operator.shown("7")["position"] == 7
    for number, row in enumerate(rows[:5], 1):
        done = operator.dead("replay", "--message-id", row["message_id"], "--format", "json")
        assert json.loads(done.stdout) == {"matched": 1, "replayed": 1, "skipped": 0}
        assert operator.count(operator.topology.request_queue("start")) == number
    done = operator.dead("drop", "--message-id", "7", "--yes", "--format", "json")
    assert json.loads(done.stdout) == {"matched": 1, "dropped": 1}
    assert [row["message_id"] for row in operator.rows()] == [""]


def test_hostile_contents(operator: Operator) -> None:
    operator.put(operator.topology.dead, b"")
    operator.put(operator.topology.dead, b"x" * (8 << 20), message_id="\x1b[2J\n", headers={"upload-attempts": "many"})
    operator.put(operator.topology.dead, b"[" * 5000, headers={"upload-origin-queue": 7, "x-death": "lies"})
    rows = operator.rows()
    assert [row["queue"] for row in rows] == [None] * 3
    listed = operator.dead("list")
    assert len(listed.stdout.splitlines()) == 4
    assert "\x1b" not in listed.stdout
    assert operator.shown(2)["body"] == "x" * (8 << 20)
    done = operator.dead("replay", "--format", "json")
    assert json.loads(done.stdout) == {"matched": 3, "replayed": 0, "skipped": 3}
    assert len(done.stderr.splitlines()) == 3
    assert operator.rows() == rows


def test_another_reader_is_told_of(operator: Operator) -> None:
    operator.letter(1)
    tag = operator.channel.basic_consume(operator.topology.dead, lambda *_: None)
    done = operator.dead("list")
    assert done.returncode == 1
    assert "another consumer" in done.stderr
    operator.channel.basic_cancel(tag)


def peak_memory(pid: int) -> int:
    """In KiB, of the program alone: what `wait4` tells includes the process that it was forked from."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def test_twenty_thousand(operator: Operator) -> None:
    """Some 15 MiB of them listed within 60 MiB: 35 were measured, 34 of them for ten messages."""
    count = 20_000
    body = json.dumps(requests.start() | {"padding": "x" * 400}).encode()
    operator.put_many(count, body, headers=operator.headers())
    process = operator.started("list", "--format", "json", stderr=None)
    assert process.stdout is not None
    peak, rows = 0, []
    for line in process.stdout:
        rows.append(json.loads(line))
        if len(rows) % 1_000 == 0 and len(rows) < count:
            peak = max(peak, peak_memory(process.pid))
    assert process.wait(30) == 0
    assert [row["message_id"] for row in rows] == [f"m-{number}" for number in range(count)]
    assert 10 * 1024 < peak < 60 * 1024, f"{peak} KiB"
