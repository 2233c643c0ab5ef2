"""Several workers with one database: PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest

from harness import requests
from harness.database import GIVEN, Database, schema
from harness.messages import Result
from harness.persistence import Errands
from harness.requester import Requester
from harness.schemas import Schemas
from harness.store import Store
from harness.types import Connect, Launch, Settings
from harness.waiting import until
from harness.worker import Worker, run

pytestmark = pytest.mark.skipif(not GIVEN, reason="needs TEST_POSTGRES_URL and a build with --traits PostgreSQL")


@pytest.fixture(scope="module")
def database() -> Database:
    assert GIVEN
    return Database(GIVEN)


@pytest.fixture
def own_database(short_directory: Path) -> Iterator[Database]:
    """One that a test may stop."""
    database = Database.started(short_directory / "postgres")
    yield database
    database.stop()


@pytest.fixture
def pair(launch: Launch, database: Database) -> tuple[Worker, Worker]:
    """Two workers with one database, each with queues of its own, so that a test chooses who serves what."""
    place = database.place()
    return launch(SESSION_STORE=place), launch(SESSION_STORE=place)


def unready(worker: Worker, timeout: float = 15) -> str:
    page = until(
        lambda: found if "session database" in (found := worker.status("/readyz")[1]) else None, "not ready", timeout
    )
    assert worker.status("/readyz")[0] == 503
    server = urlsplit(worker.environment["SESSION_STORE"])
    assert not {str(server.hostname), str(server.port), str(server.username)} & set(re.split(r"[^\w.]+", page))
    return page


def send_starts(errands: Errands, requester: Requester, count: int) -> None:
    errands.send(requester, "start", [requests.start() for _ in range(count)])


def expect_one_open_upload_each(results: list[Result], store: Store, database: Database, place: str) -> None:
    """What was answered is what is stored, here and in the store."""
    uploads = {result.expect("upload.started")["key"]: result["upload_id"] for result in results}
    assert len(uploads) == len(results)
    stored = database.rows(place, "SELECT upload_id FROM upload_session WHERE state = 'started'")
    assert sorted(stored) == sorted(uploads.values())


def test_started_by_one_and_completed_by_the_other(
    pair: tuple[Worker, Worker], connect: Connect, store: Store
) -> None:
    one, other = (connect(worker) for worker in pair)
    file = requests.new_file()
    session = one.request("start", requests.start(file, content_type="image/png")).expect("upload.started")
    resumed = other.request("resume", requests.resume(file, session["upload_id"])).expect("upload.resumed")
    assert resumed["content_type"] == "image/png", "adopted from the store instead of read from the database"
    parts = store.put_parts(resumed["presigned_urls"], [b"x"])
    body = requests.complete(file, session["upload_id"], parts)
    completed = other.request("complete", body).expect("upload.completed")
    assert one.request("complete", body).expect("upload.completed").body == completed.body
    one.request("start", requests.start(file)).expect_failure(409, "already_completed")


def test_one_file_started_on_both_at_the_same_time(
    pair: tuple[Worker, Worker], connect: Connect, store: Store
) -> None:
    requesters = [connect(worker) for worker in pair]
    files = [requests.new_file() for _ in range(60)]
    for file in files:
        for requester in requesters:
            requester.send("start", requests.start(file), correlation_id=file["file_id"])
    results = [result for requester in requesters for result in requester.replies.results(len(files))]
    by_file: dict[str, set[str]] = {}
    for result in results:
        by_file.setdefault(result.expect("upload.started")["key"], set()).add(result["upload_id"])
    assert len(by_file) == len(files)
    for key, uploads in by_file.items():
        assert store.open_uploads(key) == list(uploads), "one upload, in the store and in both answers"


def test_aborted_on_one_and_completed_on_the_other(
    pair: tuple[Worker, Worker], connect: Connect, store: Store
) -> None:
    """Whatever the order: one of the two wins, and both say which."""
    one, other = (connect(worker) for worker in pair)
    for _ in range(10):
        file = requests.new_file()
        session = one.request("start", requests.start(file)).expect("upload.started")
        parts = store.put_parts(session["presigned_urls"], [b"x"])
        one.send("complete", requests.complete(file, session["upload_id"], parts), correlation_id="c")
        other.send("abort", requests.abort(file, session["upload_id"]), correlation_id="a")
        completed, aborted = one.replies.result(), other.replies.result()
        assert (completed.type == "upload.completed") != (aborted.type == "upload.aborted")
        assert (store.head(session["key"]) is not None) == (completed.type == "upload.completed")
        assert store.open_uploads(session["key"]) == []


def test_a_session_that_another_workers_sweep_has_begun_to_end(
    launch: Launch, connect: Connect, store: Store, database: Database
) -> None:
    place = database.place()
    requester = connect(launch(SESSION_STORE=place))
    files = [requests.new_file(), requests.new_file()]
    begun = [requester.request("start", requests.start(file)).expect("upload.started") for file in files]
    database.rows(place, "UPDATE upload_session SET is_expiring = true")
    again = requester.request("start", requests.start(files[0])).expect("upload.started")
    assert store.open_uploads(again["key"]) == [again["upload_id"]]
    assert again["upload_id"] != begun[0]["upload_id"]
    body = requests.resume(files[1], begun[1]["upload_id"])
    requester.request("resume", body).expect_failure(410, "upload_expired")
    assert store.open_uploads(begun[1]["key"]) == []


def test_sessions_are_listed_shown_and_aborted(
    launch: Launch, connect: Connect, database: Database, schemas: Schemas
) -> None:
    worker = launch(SESSION_STORE=database.place())
    requester = connect(worker)
    files = [requests.new_file(f"u-{number % 2}") for number in range(4)]
    for file in files:
        requester.request("start", requests.start(file)).expect("upload.started")

    def command(*arguments: str) -> list[dict[str, str]]:
        done = run(["sessions", *arguments, "--format", "json"], worker.environment, worker.directory)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def listed(*filters: str) -> list[str]:
        rows = command("list", *filters)
        for row in rows:
            schemas.check_printed("session", row)
        return [row["file_id"] for row in rows]

    ids = [file["file_id"] for file in files]
    assert listed() == ids[::-1]
    assert listed("--user-id", "u-1", "--limit", "1") == [ids[3]]
    assert command("abort", "--user-id", "u-1", "--file-id", ids[3])[0]["type"] == "upload.aborted"
    assert listed("--state", "aborted", "--newer-than", "1h") == [ids[3]]
    assert listed("--older-than", "1h") == []
    assert [row["state"] for row in command("show", ids[3])] == ["aborted"]
    missing = run(["sessions", "show", "no-such-file"], worker.environment, worker.directory)
    assert missing.returncode == 1
    assert 'database "uploads"' in missing.stderr


Look = Callable[[str], dict[str, dict[str, str]]]


@pytest.fixture
def look(settings: Settings, tmp_path: Path, schemas: Schemas) -> Look:
    """What `check` says of a database, by its lines' names."""

    def look(place: str) -> dict[str, dict[str, str]]:
        done = run(["check", "--format", "json"], settings(SESSION_STORE=place), tmp_path)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        for row in rows:
            schemas.check_printed("check", row)
        return {row["name"]: row for row in rows if row["name"].startswith("database")}

    return look


def statuses(found: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: row["status"] for name, row in found.items()}


def test_check_looks_at_the_database(launch: Launch, database: Database, look: Look) -> None:
    place = database.place()
    found = look(place)
    assert statuses(found) == {"database.writable": "ok", "database.schema": "ok"}
    assert "upload-worker run makes them" in found["database.schema"]["detail"]
    launch(SESSION_STORE=place)
    assert statuses(look(place)) == {"database.writable": "ok", "database.schema": "ok"}
    assert statuses(look(place.replace("/uploads?", "/elsewhere?"))) == {"database.writable": "failure"}


def test_check_looks_at_the_rights(launch: Launch, database: Database, look: Look) -> None:
    place = database.place()
    name = parse_qs(urlsplit(place).query)["application_name"][0]
    database.sql(f"CREATE ROLE {name} LOGIN PASSWORD 'sesame'; GRANT USAGE ON SCHEMA {name} TO {name}")
    server = urlsplit(place)
    restricted = urlunsplit(server._replace(netloc=f"{name}:sesame@{server.hostname}:{server.port}"))
    found = look(restricted)
    assert statuses(found) == {"database.writable": "ok", "database.schema": "failure"}
    assert "may not create" in found["database.schema"]["detail"]
    launch(SESSION_STORE=place)
    database.sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {name}")
    database.sql(f"REVOKE DELETE ON {name}.upload_stray_check FROM {name}")
    found = look(restricted)
    assert found["database.schema"]["status"] == "failure"
    assert "may not DELETE upload_stray_check" in found["database.schema"]["detail"]
    database.sql(f"GRANT DELETE ON {name}.upload_stray_check TO {name}")
    assert statuses(look(restricted)) == {"database.writable": "ok", "database.schema": "ok"}


@pytest.mark.timeout(200)
def test_both_sweep_and_each_session_is_told_once(
    launch: Launch, connect: Connect, store: Store, database: Database
) -> None:
    place = database.place()
    lives = {"SESSION_STORE": place, "URL_EXPIRY": "1s", "EXPIRY_GRACE": "1s", "MIN_URL_LIFE": "1s"}
    one = launch(**lives)
    other = launch(**lives, TOPOLOGY_PREFIX=one.environment["TOPOLOGY_PREFIX"])
    requester = connect(one)
    told = requester.inbox(requester.topology.results)
    started = [requester.request("start", requests.start()).expect("upload.started") for _ in range(20)]
    expired = [result.expect("upload.expired") for result in told.results(len(started), timeout=100)]
    assert {result["upload_id"] for result in expired} == {session["upload_id"] for session in started}
    assert [upload for session in started for upload in store.open_uploads(session["key"])] == []

    # By the time that the next is told, whoever would tell these again has.
    last = requester.request("start", requests.start()).expect("upload.started")
    assert told.result(timeout=100).expect("upload.expired")["upload_id"] == last["upload_id"]
    assert not told.waiting
    assert database.rows(place, "SELECT DISTINCT state FROM upload_session") == ["expired"]
    assert one.is_running
    assert other.is_running


@pytest.mark.timeout(200)
@pytest.mark.parametrize("stop", [Database.stop, Database.kill], ids=["stopped", "killed"])
def test_the_database_restarts_while_requests_run(
    own_database: Database, launch: Launch, connect: Connect, store: Store, stop: Callable[[Database], None]
) -> None:
    place = own_database.place()
    worker = launch(SESSION_STORE=place)
    requester = connect(worker)
    errands = Errands()
    send_starts(errands, requester, 50)
    stop(own_database)
    send_starts(errands, requester, 100)
    assert "the server cannot be reached" in unready(worker)
    pid = worker.pid

    own_database.start_again()
    worker.wait_until_ready()
    results = errands.take_all(requester.inbox(requester.topology.results))
    expect_one_open_upload_each(results, store, own_database, place)
    assert worker.pid == pid


def test_a_worker_that_nobody_asks_anything_tells_of_its_database(own_database: Database, launch: Launch) -> None:
    worker = launch(SESSION_STORE=own_database.place())
    own_database.stop()
    unready(worker, timeout=30)
    own_database.start_again()
    worker.wait_until_ready()


def test_a_worker_that_starts_before_its_database(
    own_database: Database, launch: Launch, connect: Connect
) -> None:
    place = own_database.place()
    own_database.stop()
    worker = launch(SESSION_STORE=place, is_awaited=False)
    unready(worker)
    own_database.start_again()
    worker.wait_until_ready()
    connect(worker).request("start", requests.start()).expect("upload.started")


@contextmanager
def connections_cut(database: Database, place: str) -> Iterator[list[int]]:
    """Ends every connection of these workers, over and over; tells how many each time."""
    stopped = threading.Event()
    counts: list[int] = []

    def cut() -> None:
        query = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{schema(place)}'"
        while not stopped.is_set():
            counts.append(len(database.sql(query)))

    thread = threading.Thread(target=cut)
    thread.start()
    try:
        yield counts
    finally:
        stopped.set()
        thread.join()


def test_connections_that_are_cut(launch: Launch, connect: Connect, store: Store, database: Database) -> None:
    place = database.place()
    one = launch(SESSION_STORE=place)
    launch(SESSION_STORE=place, TOPOLOGY_PREFIX=one.environment["TOPOLOGY_PREFIX"])
    requester = connect(one)
    errands = Errands()
    inbox = requester.inbox(requester.topology.results)
    with connections_cut(database, place) as counts:
        for _ in range(5):
            send_starts(errands, requester, 40)
            results = errands.take_all(inbox)
    assert sum(counts) > 5, "no connection was cut"
    expect_one_open_upload_each(results, store, database, place)
    one.wait_until_ready()


@pytest.mark.timeout(240)
def test_a_server_that_falls_silent(
    own_database: Database, launch: Launch, connect: Connect, store: Store
) -> None:
    """Its connections stay; nothing comes of them until it goes on."""
    place = own_database.place()
    worker = launch(SESSION_STORE=place)
    requester = connect(worker)
    requester.request("start", requests.start()).expect("upload.started")
    query = f"SELECT pid FROM pg_stat_activity WHERE application_name = '{schema(place)}'"
    backends = [int(row) for row in own_database.sql(query)]
    for backend in backends:
        os.kill(backend, signal.SIGSTOP)
    errands = Errands()
    try:
        send_starts(errands, requester, 20)
        unready(worker, timeout=90)
    finally:
        for backend in backends:
            os.kill(backend, signal.SIGCONT)
    worker.wait_until_ready()
    results = errands.take_all(requester.inbox(requester.topology.results))
    assert len({result.expect("upload.started")["upload_id"] for result in results}) == 20
    stored = own_database.rows(place, "SELECT count(*) FROM upload_session WHERE state = 'started'")
    assert stored == ["21"], "what came late was stored beside what was repeated"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda url: url.replace("postgres://upload:", "postgres://nobody:"), "nobody"),
        (lambda url: url.replace("/uploads?", "/elsewhere?"), "CREATE DATABASE"),
        (lambda url: url.replace("search_path%3D", "search_path%3Dno_"), "schema"),
        (lambda url: url.replace("?", "?colour=blue&"), "postgres://"),
    ],
    ids=["user", "database", "schema", "parameter"],
)
def test_a_database_that_cannot_be_used(
    settings: Settings, tmp_path: Path, database: Database, change: Callable[[str], str], named: str
) -> None:
    done = run(["run"], settings(SESSION_STORE=change(database.place())), tmp_path, timeout=30)
    assert done.returncode == 78, done.stderr
    (line,) = done.stderr.splitlines()
    assert "SESSION_STORE" in line
    assert named in line
    assert str(database.url.split(":")[2].split("@")[0]) not in line, "the password"
