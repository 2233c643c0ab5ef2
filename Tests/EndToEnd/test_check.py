"""`upload-worker check`: the settings, the session database, and the command itself."""

from __future__ import annotations

import os
import pty
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import disk
from harness.checking import Checker, secrets
from harness.disk import Disk
from harness.output import EVERYTHING
from harness.schemas import Schemas
from harness.types import Launch, Settings
from harness.worker import BINARY, complete, run

EX_USAGE = 64
EX_CONFIG = 78


@pytest.fixture
def check(tmp_path: Path, schemas: Schemas) -> Checker:
    return Checker(tmp_path, schemas)


@pytest.fixture
def database(tmp_path: Path, settings: Settings, launch: Launch) -> Path:
    """The session database of a worker that has ended."""
    worker = launch()
    worker.stop()
    return worker.directory / "sessions.sqlite"


def test_a_wrong_setting_hides_nothing_else(settings: Settings, check: Checker) -> None:
    report = check(settings(S3_BUCKET=None, RETRY_DELAYS="soon"))
    assert {row["status"] for row in report.all("settings")} == {"failure"}
    assert [name in str(report.all("settings")) for name in ("S3_BUCKET", "RETRY_DELAYS")] == [True, True]
    assert not report.all("store")
    report.expect_all_ok("broker.connection", "broker.read", "database")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_SAMPLER_ARG", "half"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "no value"),
        ("HTTP_HOST", "nowhere"),
        ("HTTP_PORT", "eighty"),
        ("REPLY_TO_PATTERN", "("),
        ("SHUTDOWN_GRACE", "soon"),
    ],
)
def test_what_a_worker_does_not_start_with(
    settings: Settings, check: Checker, tmp_path: Path, name: str, value: str
) -> None:
    environment = settings(
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", OTEL_TRACES_SAMPLER="traceidratio", HTTP_PORT="0"
    )
    check(environment).expect_all_ok("settings")
    report = check(environment | {name: value})
    report.expect("settings", "failure", name)
    done = run(["run"], environment | {name: value}, tmp_path)
    assert done.returncode == EX_CONFIG
    assert report.one("settings")["detail"] in done.stderr


def test_a_config_file_that_is_not_there(settings: Settings, tmp_path: Path) -> None:
    done = run(["check", "--config", "missing.env"], settings(), tmp_path)
    assert done.returncode == EX_CONFIG
    assert "missing.env" in done.stderr


@pytest.mark.parametrize("arguments", [["--format", "xml"], ["--timeout", "0s"], ["--timeout", "soon"], ["broker"]])
def test_what_is_no_option(settings: Settings, tmp_path: Path, arguments: list[str]) -> None:
    done = run(["check", *arguments], settings(), tmp_path)
    assert (done.returncode, done.stdout) == (EX_USAGE, "")


def test_no_database_yet(settings: Settings, check: Checker) -> None:
    report = check(settings())
    report.expect_all_ok("database")
    report.expect("database.file", "ok", "not there yet")
    report.expect("database.writable", "ok", "synchronous=FULL")
    assert os.listdir(check.directory) == []


def test_a_database_that_is_not_in_use(settings: Settings, check: Checker, database: Path) -> None:
    before = sorted((path.name, path.read_bytes()) for path in database.parent.glob("sessions.sqlite"))
    report = check(settings(SESSION_STORE=f"sqlite:{database}"))
    report.expect_all_ok("database")
    report.expect("database.schema", "ok", "migrated")
    assert sorted((path.name, path.read_bytes()) for path in database.parent.glob("sessions.sqlite")) == before
    assert not list(database.parent.glob("*check*"))


def test_a_database_that_a_worker_uses(settings: Settings, check: Checker, launch: Launch) -> None:
    worker = launch()
    for _ in range(3):
        report = check(settings(SESSION_STORE=f"sqlite:{worker.directory / 'sessions.sqlite'}"), "--timeout", "30s")
        report.expect_all_ok("database")
        report.expect("database.file", "ok", "running worker")
    assert worker.status("/readyz")[0] == 200
    assert worker.terminate() == 0


def test_a_directory_that_is_not_there(settings: Settings, check: Checker) -> None:
    report = check(settings(SESSION_STORE="sqlite:/no/such/directory/sessions.sqlite"))
    report.expect("database.writable", "failure", "/no/such/directory")
    report.expect_all_ok("broker.connection", "store.multipart")


def test_a_directory_that_is_read_only(settings: Settings, check: Checker) -> None:
    """`/sys` lets nobody make a file, root included."""
    report = check(settings(SESSION_STORE="sqlite:/sys/kernel/sessions.sqlite"))
    report.expect("database.writable", "failure", "/sys/kernel")
    report.expect_all_ok("broker.connection", "store.multipart")


@pytest.mark.parametrize("fault", [Disk.is_read_only, Disk.is_full, lambda disk: disk.fails_to_sync(1)])
def test_a_disk_that_fails(
    settings: Settings, check: Checker, tmp_path: Path, fault: Callable[[Disk], None]
) -> None:
    library = disk.build(tmp_path)
    faulty = Disk(library, tmp_path)
    fault(faulty)
    report = check(settings(**faulty.environment))
    report.expect("database.writable", "failure", "SQLite")
    report.expect_all_ok("broker.connection", "store.multipart")
    assert not list(tmp_path.glob("sessions.sqlite*"))


def test_a_file_of_something_else(settings: Settings, check: Checker, tmp_path: Path) -> None:
    (tmp_path / "sessions.sqlite").write_text("not a database, but long enough to look like one")
    report = check(settings())
    report.expect("database.file", "failure", "not an SQLite database")


def test_a_file_that_others_can_read(settings: Settings, check: Checker, database: Path) -> None:
    database.chmod(0o644)
    report = check(settings(SESSION_STORE=f"sqlite:{database}"))
    report.expect("database.file", "warning", "644", "chmod 600")
    assert stat.S_IMODE(database.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ("INSERT INTO grdb_migrations VALUES ('99 later')", "failure", ["99 later", "newer"]),
        ("DELETE FROM grdb_migrations WHERE identifier LIKE '2 %'", "ok", ["2 stray checks", "upload-worker run"]),
    ],
    ids=["newer", "older"],
)
def test_a_database_of_another_version(
    settings: Settings, check: Checker, database: Path, change: str, status: str, words: list[str]
) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(change)
    connection.close()
    check(settings(SESSION_STORE=f"sqlite:{database}")).expect("database.schema", status, *words)


def test_off_a_terminal(settings: Settings, tmp_path: Path) -> None:
    environment = settings()
    done = run(["check"], environment, tmp_path)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert {line.split()[0] for line in lines[:-1]} == {"ok", "warning"}
    assert "→" in next(line for line in lines if "store.cors" in line)
    assert "0 failures" in lines[-1]
    assert not any(secret in done.stdout + done.stderr for secret in secrets(environment))


@pytest.mark.parametrize(("more", "is_colorful"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_on_a_terminal(settings: Settings, tmp_path: Path, more: dict[str, str], is_colorful: bool) -> None:
    controller, terminal = pty.openpty()
    environment = complete(settings() | {"TERM": "xterm"} | more, tmp_path)
    process = subprocess.Popen(
        [BINARY, "check"], env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            shown += os.read(controller, 65_536)
        except OSError:  # the other side is closed
            break
    os.close(controller)
    EVERYTHING.learn(environment)
    EVERYTHING.keep("upload-worker check", shown)
    assert process.wait(30) == 0
    assert (b"\x1b[32mok" in shown) == is_colorful
    assert b"broker.connection" in shown
