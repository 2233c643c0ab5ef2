"""Dead letters replayed or dropped: section 5 of the contract, through the built program on a real broker."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pika
import pytest

from harness import requests
from harness.operator import Operator
from harness.types import Connect, Launch, Settings
from harness.waiting import until
from harness.worker import run


def test_replay_clears_and_counts(operator: Operator) -> None:
    bodies = [operator.letter(number) for number in (1, 2)]
    done = operator.dead("replay", "--message-id", "m-2", "--format", "json")
    assert json.loads(done.stdout) == {"matched": 1, "replayed": 1, "skipped": 0}
    [(_, _, values, headers, body)] = operator.everything(operator.topology.request_queue("start"))
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
    assert operator.rows("--code", reason) == [row]
    assert operator.rows("--code", "storage_unavailable") == []
    other = operator.dead("replay", "--code", "storage_unavailable", "--format", "json")
    assert json.loads(other.stdout)["matched"] == 0
    done = operator.dead("replay", "--code", reason, "--format", "json")
    assert json.loads(done.stdout)["replayed"] == 1
    [(_, _, _, headers, _)] = operator.everything(queue)
    assert headers == {"upload-replays": 1}


def test_headers_that_a_requester_forged(operator: Operator) -> None:
    """The broker's own dead letter goes back to where it died; none goes where no requests are served."""
    queue, other = operator.topology.request_queue("resume"), operator.topology.request_queue("abort")
    victim = operator.channel.queue_declare("", exclusive=True).method.queue
    for origin in (victim, other):
        forged = operator.headers() | {
            "upload-origin-queue": origin,
            "x-death": [{"queue": origin, "reason": "rejected", "count": 1}],
        }
        operator.put(queue, json.dumps(requests.resume()).encode(), message_id="b", headers=forged)
        method, _, _ = until(lambda: (got := operator.channel.basic_get(queue))[0] and got, "the request")
        operator.channel.basic_reject(method.delivery_tag, requeue=False)
    until(lambda: operator.count(operator.topology.dead) == 2, "the broker's dead letters")
    told = [(row["queue"], row["code"], row["attempts"]) for row in operator.rows()]
    assert told == [(queue, "rejected", None)] * 2
    operator.put(operator.topology.dead, message_id="w", headers=operator.headers() | {"upload-origin-queue": victim})
    done = operator.dead("replay", "--format", "json")
    assert json.loads(done.stdout) == {"matched": 3, "replayed": 2, "skipped": 1}
    assert f"does not come from a request queue ({victim})" in done.stderr
    assert [operator.count(name) for name in (queue, other, victim)] == [2, 0, 0]
    assert [row["message_id"] for row in operator.rows()] == ["w"]


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
    *letters, summary = map(json.loads, done.stdout.splitlines())
    assert [letter["would"] for letter in letters] == [
        "will run",
        "would be refused: invalid_part_count",
        "session already aborted",
    ]
    assert summary == {"matched": 3, "replayed": 0, "skipped": 0}
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


def test_drop_of_many(operator: Operator) -> None:
    """None comes back: the broker gets the acknowledgements faster than its queue takes them."""
    operator.put_many(5_000, b"x" * 5_000, headers=operator.headers())
    done = operator.dead("drop", "--yes", "--format", "json")
    assert json.loads(done.stdout) == {"matched": 5_000, "dropped": 5_000}
    until(lambda: operator.readers() == 0, "the end of reading")
    assert operator.rows() == []


def test_rate(operator: Operator) -> None:
    for number in range(7):
        operator.letter(number)
    began = time.monotonic()
    assert operator.dead("replay", "--rate", 4).returncode == 0
    assert time.monotonic() - began >= 1.5
    assert operator.count(operator.topology.request_queue("start")) == 7


@pytest.mark.parametrize(("end", "count"), [(signal.SIGKILL, 10_000), (signal.SIGINT, 3_000)])
def test_a_replay_that_is_stopped_half_way(operator: Operator, end: signal.Signals, count: int) -> None:
    operator.put_many(count, json.dumps(requests.start()).encode(), headers=operator.headers())
    queue = operator.topology.request_queue("start")
    process = operator.started("replay", "--rate", count // 4, "--format", "json")
    until(lambda: operator.count(queue) >= count // 2, "half of the replays", 60)
    process.send_signal(end)
    out, _ = process.communicate(timeout=30)
    if end is signal.SIGINT:
        assert process.returncode == 130
        assert 0 < json.loads(out)["replayed"] < count
    assert count // 2 <= operator.count(queue) < count
    until(lambda: operator.readers() == 0, "the broker to take the rest back")
    assert operator.dead("replay").returncode == 0
    until(lambda: operator.count(operator.topology.dead) == 0, "an empty queue")
    replayed = operator.everything(queue)
    assert {values["message_id"] for _, _, values, _, _ in replayed} == {f"m-{number}" for number in range(count)}


@pytest.mark.parametrize(("size", "count"), [(65_000, 1_100), (2_000_000, 40)], ids=["one portion", "portions"])
def test_a_replay_of_more_than_memory_holds(operator: Operator, size: int, count: int) -> None:
    """With some letters before and behind that stay."""
    operator.environment |= {"MAX_MESSAGE_BYTES": str(max(size, 65_536))}
    operator.letter(0, "abort")
    operator.put(operator.topology.dead, message_id="stray")
    fast = operator.connection.channel()
    for number in range(count):
        given = pika.BasicProperties(delivery_mode=2, message_id=f"m-{number}", headers=operator.headers())
        fast.basic_publish("", operator.topology.dead, b"x" * size, given)
    operator.letter(1, "abort")
    until(lambda: operator.count(operator.topology.dead) == count + 3, "the dead letters", 60)
    done = operator.dead("replay", "--code", "storage_unavailable", "--queue", "start", "--format", "json")
    assert json.loads(done.stdout) == {"matched": count, "replayed": count, "skipped": 0}
    assert [row["message_id"] for row in operator.rows()] == ["m-0", "stray", "m-1"]
    replayed = operator.everything(operator.topology.request_queue("start"))
    assert sorted(values["message_id"] for _, _, values, _, _ in replayed) == sorted(f"m-{n}" for n in range(count))


def test_a_replay_of_some_among_many(operator: Operator) -> None:
    """More stay than may be held on the first channels, and keep their order."""
    fast = operator.connection.channel()
    for number in range(6_000):
        headers = operator.headers("start" if number % 3 == 0 and number > 3_000 else "abort")
        given = pika.BasicProperties(delivery_mode=2, message_id=f"m-{number}", headers=headers)
        fast.basic_publish("", operator.topology.dead, b"{}", given)
    until(lambda: operator.count(operator.topology.dead) == 6_000, "the dead letters", 60)
    done = operator.dead("replay", "--queue", "start", "--format", "json")
    assert json.loads(done.stdout) == {"matched": 999, "replayed": 999, "skipped": 0}
    left = [f"m-{number}" for number in range(6_000) if number % 3 or number <= 3_000]
    assert [row["message_id"] for row in operator.rows()] == left


def test_nothing_is_held_while_a_slow_replay_waits(operator: Operator) -> None:
    for number in range(3):
        operator.letter(number)
    process = operator.started("replay", "--rate", 0.001, "--format", "json")
    until(lambda: operator.count(operator.topology.dead) == 2 and operator.readers() == 0, "the second's turn")
    assert [row["message_id"] for row in operator.rows()] == ["m-1", "m-2"]
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)) == (130, {"matched": 1, "replayed": 1, "skipped": 0})
