"""`upload-worker sessions`: listed and shown beside a running worker, aborted through it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import requests
from harness.messages import Result
from harness.output import EVERYTHING
from harness.requester import Requester
from harness.schemas import Schemas
from harness.servers import BrokerServer
from harness.store import PART, Store
from harness.types import Launch, Settings, Started
from harness.waiting import until
from harness.worker import BINARY, Worker, complete, run

EX_TEMPFAIL = 75
EX_CONFIG = 78
MANY = 100_000  # a minute apart

Sessions = Callable[..., subprocess.CompletedProcess[str]]
Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def sessions(worker: Worker) -> Sessions:
    """Runs a command with the settings of the module's worker, in its directory."""
    return lambda *arguments, **changed: run(
        ["sessions", *map(str, arguments)],
        {name: value for name, value in (worker.environment | changed).items() if value is not None},
        worker.directory,
    )


@pytest.fixture
def rows(sessions: Sessions, schemas: Schemas) -> Rows:
    """What `list` or `show` print as JSON, each line held against the schema."""

    def read(*arguments: Any, **changed: str | None) -> list[dict[str, Any]]:
        done = sessions(*arguments, "--format", "json", **changed)
        assert done.returncode == 0, done.stderr
        found = [json.loads(line) for line in done.stdout.splitlines()]
        for row in found:
            schemas.check_printed("session", row)
        return found

    return read


@pytest.fixture
def user() -> str:
    return f"user-{uuid.uuid4().hex[:12]}"


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [row["file_id"] for row in found]


def complete_upload(requester: Requester, store: Store, started: Result) -> None:
    parts = store.put_parts(started["presigned_urls"], [b"x"])
    file = {name: started[name] for name in ("file_id", "user_id", "upload_id")}
    requester.request("complete", file | {"parts": parts}).expect("upload.completed")


def test_list(started: Started, requester: Requester, store: Store, rows: Rows, user: str) -> None:
    first = started(requests.start(requests.new_file(user), content_type="video/mp4"))
    second = started(requests.start(requests.new_file(user), part_count=3))
    third = started(requests.start(requests.new_file(user)))
    complete_upload(requester, store, first)
    requester.request("abort", {name: second[name] for name in ("file_id", "user_id", "upload_id")})

    found = rows("list", "--user-id", user)
    assert ids(found) == [third["file_id"], second["file_id"], first["file_id"]]
    assert [row["state"] for row in found] == ["started", "aborted", "completed"]
    assert [row["upload_id"] for row in found] == [third["upload_id"], second["upload_id"], first["upload_id"]]
    assert (found[1]["part_count"], found[2]["content_type"], found[2]["filesize"]) == (3, "video/mp4", 1)
    assert found[0]["expires_at"] == third["expires_at"]

    assert ids(rows("list", "--user-id", user, "--limit", 2)) == ids(found)[:2]
    assert ids(rows("list", "--user-id", user, "--state", "started")) == [third["file_id"]]
    both = rows("list", "--user-id", user, "--state", "aborted", "--state", "completed")
    assert ids(both) == [second["file_id"], first["file_id"]]
    assert ids(rows("list", "--file-id", first["file_id"])) == [first["file_id"]]
    assert rows("list", "--user-id", user, "--file-id", "of-nobody") == []
    assert ids(rows("list", "--user-id", user, "--newer-than", "1h")) == ids(found)
    assert rows("list", "--user-id", user, "--older-than", "1h") == []


def test_a_table(started: Started, sessions: Sessions, user: str) -> None:
    result = started(requests.start(requests.new_file(user)))
    done = sessions("list", "--user-id", user)
    header, line = done.stdout.splitlines()
    assert header.split()[:4] == ["STARTED", "STATE", "USER", "FILE"]
    assert line.split()[1:] == ["started", user, result["file_id"], "1", result["expires_at"], result["upload_id"]]
    assert "no such sessions" in sessions("list", "--user-id", "nobody").stdout


def test_no_database(settings: Settings, tmp_path: Path) -> None:
    for arguments in (["list"], ["show", "a"], ["abort", "--user-id", "1", "--file-id", "a"]):
        done = run(["sessions", *arguments], settings(), tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert "sessions.sqlite" in done.stderr and "SESSION_STORE" in done.stderr
    assert os.listdir(tmp_path) == []


def test_a_store_of_another_kind(settings: Settings, tmp_path: Path) -> None:
    done = run(["sessions", "list"], settings(SESSION_STORE="mysql://localhost"), tmp_path)
    assert done.returncode == EX_CONFIG


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, settings: Settings, start_worker: Callable[..., Worker]) -> Path:
    """The database of a worker that has ended, with more sessions than memory should hold."""
    with start_worker(tmp_path_factory.mktemp("many")) as worker:
        worker.stop()
        path = worker.directory / "sessions.sqlite"
    now = time.time()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(
            """INSERT INTO session (id, user_id, file_id, upload_id, object_key, state, part_count, started_at, expires_at,
                ended_at) VALUES (?, ?, ?, ?, ?, ?, 3, ?, ?, ?)""",
            (
                (
                    str(uuid.UUID(int=number)),
                    "rare" if number % 30_000 == 7 else "42",
                    f"f-{number}",
                    f"upload-{number}",
                    f"users/42/f-{number}",
                    "started" if number % 1000 == 0 else "aborted",
                    now - 60 * (MANY - number),
                    now,
                    None if number % 1000 == 0 else now,
                )
                for number in range(MANY)
            ),
        )
    connection.close()
    return path


def measured(path: Path, *arguments: str) -> tuple[list[str], int]:
    """The file ids that `list` gives, and the most memory that it took, in KiB."""
    process = subprocess.Popen(
        [BINARY, "sessions", "list", "--format", "json", *arguments],
        env=complete({"SESSION_STORE": f"sqlite:{path}"}, path.parent),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = [json.loads(line)["file_id"] for line in process.stdout]
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return found, usage.ru_maxrss


def test_many_sessions_in_little_memory(many: Path) -> None:
    few, least = measured(many, "--limit", "10")
    assert few == [f"f-{number}" for number in range(MANY - 1, MANY - 11, -1)]
    found, most = measured(many)
    assert found == [f"f-{number}" for number in range(MANY - 1, -1, -1)]
    assert most - least < 16 * 1024, f"{most} KiB for {MANY} sessions, {least} KiB for 10"


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["--state", "started"], MANY // 1000),
        (["--user-id", "rare"], 4),
        (["--user-id", "42", "--state", "started", "--limit", "5"], 5),
        (["--user-id", "42"], MANY - 4),
        (["--older-than", f"{MANY - 1000}m"], 1000),
        (["--newer-than", "1000m"], 1000),
        (["--newer-than", "2000m", "--older-than", "1000m"], 1000),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_filters_of_many(many: Path, arguments: list[str], count: int) -> None:
    found, _ = measured(many, *arguments)
    slack = 20 if any("than" in argument for argument in arguments) else 0  # the clock goes on meanwhile
    assert abs(len(found) - count) <= slack
    assert len(set(found)) == len(found)


def test_somebody_who_reads_one_line(many: Path) -> None:
    environment = complete({"SESSION_STORE": f"sqlite:{many}"}, many.parent)
    line = f"'{BINARY}' sessions list | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, timeout=60, check=False)
    EVERYTHING.keep("upload-worker sessions list", done.stdout, done.stderr)
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)


def test_show_an_open_one(started: Started, store: Store, sessions: Sessions, rows: Rows, user: str) -> None:
    result = started(requests.start(requests.new_file(user), part_count=2, content_type="video/mp4"))
    etag = store.put_part(result["presigned_urls"][0], b"x" * PART)
    (row,) = rows("show", result["file_id"])
    assert row["parts"] == [{"part_number": 1, "etag": etag.strip('"'), "size": PART}]
    assert row["parts_problem"] is None
    text = sessions("show", result["file_id"]).stdout
    for words in (f"file {result['file_id']} of user {user}: started", result["upload_id"], result["key"], "video/mp4"):
        assert words in text
    times = [line.split("  ")[1:3] for line in text.splitlines() if line.startswith("  20")]
    assert [event for _, event in times] == ["started", f"now: 1 of 2 parts in the store, {PART} bytes", "the URLs end"]
    assert [at for at, _ in times] == sorted(at for at, _ in times)
    assert times[-1][0] == result["expires_at"]
    assert "X-Amz-Signature" not in text


def test_show_the_whole_life_of_a_file(
    started: Started, requester: Requester, store: Store, sessions: Sessions, rows: Rows, user: str
) -> None:
    file = requests.new_file(user)
    first = started(requests.start(file))
    requester.request("abort", file | {"upload_id": first["upload_id"]}).expect("upload.aborted")
    second = started(requests.start(file))
    complete_upload(requester, store, second)
    found = rows("show", file["file_id"], "--user-id", user)
    assert [(row["upload_id"], row["state"]) for row in found] == [
        (first["upload_id"], "aborted"),
        (second["upload_id"], "completed"),
    ]
    text = sessions("show", file["file_id"]).stdout
    assert "  aborted" in text
    assert f"completed: 1 byte at {found[1]['location']}" in text


def test_show_of_two_users(started: Started, rows: Rows, user: str) -> None:
    file = requests.new_file(user)
    started(requests.start(file))
    started(requests.start(file | {"user_id": f"{user}-too"}))
    assert len(rows("show", file["file_id"])) == 2
    (row,) = rows("show", file["file_id"], "--user-id", f"{user}-too")
    assert row["user_id"] == f"{user}-too"


def test_show_what_is_not_there(sessions: Sessions) -> None:
    done = sessions("show", "of-nobody", "--user-id", "42")
    assert (done.returncode, done.stdout) == (1, "")
    assert "of-nobody" in done.stderr and "sessions list" in done.stderr


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"S3_BUCKET": None}, "S3_BUCKET"),
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}, "does not tell"),
        ({"S3_BUCKET": "no-such-bucket"}, "NoSuchBucket"),
    ],
    ids=["not set", "down", "wrong"],
)
def test_show_without_the_store(
    started: Started, sessions: Sessions, rows: Rows, user: str, changed: dict[str, str | None], words: str
) -> None:
    result = started(requests.start(requests.new_file(user)))
    (row,) = rows("show", result["file_id"], **changed)
    assert row["parts"] is None
    assert words in row["parts_problem"]
    assert words in sessions("show", result["file_id"], **changed).stdout


def test_show_an_upload_that_is_gone_from_the_store(started: Started, store: Store, rows: Rows, user: str) -> None:
    result = started(requests.start(requests.new_file(user)))
    store.abort(result["key"], result["upload_id"])
    (row,) = rows("show", result["file_id"])
    assert (row["state"], row["parts"]) == ("started", None)
    assert "no such upload" in row["parts_problem"]


def arguments(result: Result) -> list[str]:
    return ["--user-id", result["user_id"], "--file-id", result["file_id"]]


def test_abort(
    started: Started, worker: Worker, store: Store, sessions: Sessions, rows: Rows, schemas: Schemas, user: str
) -> None:
    result = started(requests.start(requests.new_file(user)))
    done = sessions("abort", *arguments(result), "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    schemas.check_result(answer)
    assert (answer["type"], answer["upload_id"]) == ("upload.aborted", result["upload_id"])
    assert store.open_uploads(result["key"]) == []
    assert [row["state"] for row in rows("show", result["file_id"])] == ["aborted"]
    assert worker.status("/readyz")[0] == 200

    again = sessions("abort", *arguments(result), "--upload-id", result["upload_id"])
    assert (again.returncode, result["key"] in again.stdout) == (0, True)
    without = sessions("abort", *arguments(result))
    assert (without.returncode, without.stdout) == (1, "")
    assert "no open session" in without.stderr


def test_abort_where_the_database_is_not(
    started: Started, settings: Settings, worker: Worker, store: Store, tmp_path: Path, user: str
) -> None:
    result = started(requests.start(requests.new_file(user)))
    environment = {name: worker.environment[name] for name in ("AMQP_URL", "TOPOLOGY_PREFIX")}
    done = run(["sessions", "abort", *arguments(result), "--upload-id", result["upload_id"]], environment, tmp_path)
    assert done.returncode == 0, done.stderr
    assert store.open_uploads(result["key"]) == []
    assert os.listdir(tmp_path) == []


def test_abort_what_is_another_users(started: Started, sessions: Sessions, store: Store, user: str) -> None:
    result = started(requests.start(requests.new_file(user)))
    done = sessions(
        "abort", "--user-id", "42", "--file-id", result["file_id"], "--upload-id", result["upload_id"]
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "upload_not_found" in done.stderr
    assert store.open_uploads(result["key"]) == [result["upload_id"]]


def test_abort_what_is_complete(
    started: Started, requester: Requester, sessions: Sessions, store: Store, user: str
) -> None:
    result = started(requests.start(requests.new_file(user)))
    complete_upload(requester, store, result)
    done = sessions("abort", *arguments(result), "--upload-id", result["upload_id"])
    assert done.returncode == 1
    assert "already_completed" in done.stderr


@pytest.fixture
def idle(launch: Launch, connect: Callable[[Worker], Requester], user: str) -> Iterator[tuple[Worker, Result]]:
    """A worker that has ended, and what it had started."""
    worker = launch()
    result = connect(worker).request("start", requests.start(requests.new_file(user)))
    worker.terminate()
    yield worker, result.expect("upload.started")


def test_abort_without_a_worker(idle: tuple[Worker, Result], store: Store) -> None:
    worker, result = idle
    done = run(["sessions", "abort", *arguments(result), "--timeout", "1s"], worker.environment, worker.directory)
    assert (done.returncode, done.stdout) == (EX_TEMPFAIL, "")
    assert "upload-worker run" in done.stderr
    worker.start()
    until(lambda: not store.open_uploads(result["key"]), "the abort request to be carried out", 30)


def test_abort_without_queues(settings: Settings, tmp_path: Path, broker: BrokerServer) -> None:
    environment = settings()
    done = run(
        ["sessions", "abort", "--user-id", "1", "--file-id", "a", "--upload-id", "u"], environment, tmp_path
    )
    assert done.returncode not in (0, EX_TEMPFAIL)
    assert environment["TOPOLOGY_PREFIX"] in done.stderr
    assert broker.url not in done.stderr
