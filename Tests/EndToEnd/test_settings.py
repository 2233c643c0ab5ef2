"""Section 6: a wrong setting ends the process with status 78 and one line that names it; files, and what wins."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import requests
from harness.database import GIVEN
from harness.requester import Requester
from harness.types import Connect, Launch, Settings
from harness.worker import run

EX_CONFIG = 78

NO_DURATIONS = ["1", "1 s", "-1s", "1.5s", "1w", "s", "soon"]
NO_BOOLEANS = ["maybe", "2"]

WRONG: dict[str, list[str]] = {
    "AMQP_URL": ["http://localhost", "amqp://localhost:99999", "localhost"],
    "TOPOLOGY_PREFIX": ["amq.uploads", "x" * 256],
    "DECLARE_TOPOLOGY": NO_BOOLEANS,
    "PREFETCH": ["0", "2001", "-1", "1.5", "many"],
    "S3_TIMEOUT": [*NO_DURATIONS, "0s"],
    "S3_BUCKET": [""],
    "S3_ADDRESSING_STYLE": ["hybrid"],
    "AWS_ENDPOINT_URL_S3": ["ftp://localhost", "localhost:9000", "http://"],
    "S3_PUBLIC_ENDPOINT": ["ftp://localhost", "localhost:9000", "http://"],
    "SESSION_STORE": ["mysql://localhost", "sqlite:", "sqlite:/no/such/directory/sessions.sqlite"],
    "KEY_TEMPLATE": ["uploads", "users/{user_id}", "{file_id}", "{user_id}/{file}/{file_id}", "{user_id}/{file_id"],
    "MAX_PART_COUNT": ["0", "10001", "-1", "2.5", "few"],
    "ALLOWED_CONTENT_TYPES": ["image", "image/png;q=1"],
    "URL_EXPIRY": [*NO_DURATIONS, "0s", "999ms", "8d", "604801s"],
    "EXPIRY_GRACE": NO_DURATIONS,
    "MAX_MESSAGE_BYTES": ["0", "-1", "64K"],
    "MIN_URL_LIFE": NO_DURATIONS,
    "SESSION_RETENTION": NO_DURATIONS,
    "RETRY_DELAYS": ["1", "1s,,2s", "soon", "1s 10s"],
    "OUTAGE_AFTER": ["-1", "1.5", "never"],
    "REPLY_TO_PATTERN": ["(", "[a-"],
    "HTTP_PORT": ["-1", "65536", "http"],
    "LOG_LEVEL": ["loud"],
    "LOG_FORMAT": ["xml"],
    "SHUTDOWN_GRACE": NO_DURATIONS,
}

RIGHT: dict[str, dict[str, str]] = {
    "lowest": {
        "PREFETCH": "1",
        "MAX_PART_COUNT": "1",
        "URL_EXPIRY": "1s",
        "EXPIRY_GRACE": "1ms",
        "OUTAGE_AFTER": "0",
        "LOG_LEVEL": "error",
        "S3_ADDRESSING_STYLE": "path",
        "DECLARE_TOPOLOGY": "true",
    },
    "highest": {
        "PREFETCH": "2000",
        "MAX_PART_COUNT": "10000",
        "URL_EXPIRY": "7d",
        "EXPIRY_GRACE": "365d",
        "OUTAGE_AFTER": "1000000",
        "LOG_LEVEL": "debug",
        "S3_ADDRESSING_STYLE": "auto",
    },
    "written otherwise": {"URL_EXPIRY": "604800s", "S3_TIMEOUT": "1500ms", "LOG_FORMAT": "text", "MIN_URL_LIFE": "15m"},
}


def expect_refusal(name: str, environment: dict[str, str], directory: Path, *arguments: str) -> str:
    """The one line of a worker that does not start."""
    done = run(["run", *arguments], environment, directory, timeout=30)
    assert done.returncode == EX_CONFIG, f"status {done.returncode}: {done.stderr}"
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert name in lines[0]
    return lines[0]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_setting(settings: Settings, tmp_path: Path, name: str, value: str) -> None:
    expect_refusal(name, settings(HTTP_PORT="0") | {name: value}, tmp_path)


def test_a_missing_bucket(settings: Settings, tmp_path: Path) -> None:
    expect_refusal("S3_BUCKET", settings(S3_BUCKET=None), tmp_path)


def test_a_missing_region(settings: Settings, tmp_path: Path) -> None:
    """Only AWS itself needs one; another store is asked in us-east-1."""
    expect_refusal("AWS_REGION", settings(AWS_REGION=None, AWS_ENDPOINT_URL_S3=None), tmp_path)


@pytest.mark.parametrize("name", ["AMQP_CA_FILE", "AMQP_CERT_FILE", "AMQP_KEY_FILE"])
def test_a_tls_file_that_is_not_there(settings: Settings, tmp_path: Path, name: str) -> None:
    files = {each: str(tmp_path / "there.pem") for each in ("AMQP_CA_FILE", "AMQP_CERT_FILE", "AMQP_KEY_FILE")}
    (tmp_path / "there.pem").write_text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    environment = settings(AMQP_URL="amqps://localhost:1") | files | {name: str(tmp_path / "missing.pem")}
    expect_refusal(name, environment, tmp_path)


@pytest.mark.parametrize("command", ["run", "setup"])
@pytest.mark.parametrize("name", ["AMQP_CA_FILE", "AMQP_CERT_FILE", "AMQP_KEY_FILE"])
def test_a_tls_file_that_holds_something_else(settings: Settings, tmp_path: Path, name: str, command: str) -> None:
    (tmp_path / "text").write_text("no certificate")
    files = {name: str(tmp_path / "text")}
    if name != "AMQP_CA_FILE":
        files |= {"AMQP_CERT_FILE": str(tmp_path / "text"), "AMQP_KEY_FILE": str(tmp_path / "text")}
    done = run([command], settings(AMQP_URL="amqps://localhost:1", HTTP_PORT="0") | files, tmp_path)
    assert done.returncode == EX_CONFIG
    (line,) = done.stderr.splitlines()
    assert name in line


def test_the_line_keeps_the_password(settings: Settings, tmp_path: Path) -> None:
    line = expect_refusal("AMQP_URL", settings(AMQP_URL="amqp://someone:sesame@localhost:99999"), tmp_path)
    assert "sesame" not in line


def test_setup_refuses_likewise(settings: Settings, tmp_path: Path) -> None:
    done = run(["setup"], settings(TOPOLOGY_PREFIX="amq.uploads"), tmp_path)
    assert done.returncode == EX_CONFIG
    assert "TOPOLOGY_PREFIX" in done.stderr


@pytest.mark.parametrize("name", RIGHT)
def test_settings_at_their_limits(launch: Launch, connect: Connect, name: str) -> None:
    worker = launch(**RIGHT[name])
    connect(worker).request("start", requests.start()).expect("upload.started")
    assert worker.terminate() == 0


def test_a_second_worker_on_the_same_sessions(launch: Launch, settings: Settings, tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path}/sessions.sqlite"
    first = launch(SESSION_STORE=store)
    expect_refusal("SESSION_STORE", settings(SESSION_STORE=store, HTTP_PORT="0"), tmp_path)
    (tmp_path / "other-name.sqlite").symlink_to(tmp_path / "sessions.sqlite")
    other_name = f"sqlite:{tmp_path}/other-name.sqlite"
    expect_refusal("SESSION_STORE", settings(SESSION_STORE=other_name, HTTP_PORT="0"), tmp_path)
    assert first.is_running


@pytest.mark.skipif(bool(GIVEN), reason="the build under test has the trait PostgreSQL")
def test_postgres_without_its_trait(settings: Settings, tmp_path: Path) -> None:
    line = expect_refusal("SESSION_STORE", settings(SESSION_STORE="postgres://u:a-secret@db/uploads"), tmp_path)
    assert "swift build --traits PostgreSQL" in line
    assert "a-secret" not in line


def test_the_sessions_are_for_their_owner_alone(launch: Launch, tmp_path: Path) -> None:
    launch(SESSION_STORE=f"sqlite:{tmp_path}/sessions.sqlite")
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("sessions.sqlite*")}
    assert modes and set(modes.values()) == {0o600}, modes


FILES: dict[str, Callable[[dict[str, str]], str]] = {
    "settings.env": lambda settings: (
        "# settings\n\n" + "".join(f"{name}={value}\n" for name, value in settings.items())
    ),
    "windows.env": lambda settings: "".join(f"{name}={value}\r\n" for name, value in settings.items()),
    "settings.json": json.dumps,
}


@pytest.mark.parametrize("file", FILES)
def test_a_wrong_setting_in_a_file(settings: Settings, tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    path.write_text(FILES[file](settings(PREFETCH="0")))
    expect_refusal("PREFETCH", {}, tmp_path, "--config", str(path))


def test_numbers_and_booleans_in_a_json_file(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    given = settings(MAX_PART_COUNT="0") | {"PREFETCH": 10, "DECLARE_TOPOLOGY": True}
    path.write_text(json.dumps(given))
    expect_refusal("MAX_PART_COUNT", {}, tmp_path, "--config", str(path))


@pytest.mark.parametrize("file", FILES)
def test_the_environment_wins_over_the_file(settings: Settings, tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    path.write_text(FILES[file](settings(PREFETCH="0", MAX_PART_COUNT="0")))
    line = expect_refusal("MAX_PART_COUNT", {"PREFETCH": "10"}, tmp_path, "--config", str(path))
    assert "PREFETCH" not in line


@pytest.mark.parametrize("file", ["missing.env", "missing.json"])
def test_a_file_that_is_not_there(settings: Settings, tmp_path: Path, file: str) -> None:
    expect_refusal(file, settings(), tmp_path, "--config", str(tmp_path / file))


@pytest.mark.parametrize("file", FILES)
def test_a_file_may_hold_everything(worker_from_file: Callable[[str, str], Requester], file: str) -> None:
    requester = worker_from_file(file, FILES[file]({"MAX_PART_COUNT": "2"}))
    assert len(requester.request("start", requests.start(part_count=2))["presigned_urls"]) == 2
    requester.exchange("start", requests.start(part_count=3)).expect_failure(400, "invalid_part_count")


@pytest.fixture
def worker_from_file(launch: Launch, connect: Connect, tmp_path: Path) -> Callable[[str, str], Requester]:
    def start(name: str, text: str) -> Requester:
        (tmp_path / name).write_text(text)
        return connect(launch("--config", str(tmp_path / name)))

    return start


def test_limits_that_were_set(launch: Launch, connect: Connect) -> None:
    requester = connect(
        launch(MAX_PART_COUNT="3", ALLOWED_CONTENT_TYPES="Text/Plain,image/png", MAX_MESSAGE_BYTES="200")
    )
    assert (
        requester.exchange("start", requests.start(part_count=3, content_type="TEXT/plain"))["content_type"]
        == "text/plain"
    )
    requester.exchange("start", requests.start(part_count=4)).expect_failure(400, "invalid_part_count")
    requester.exchange("start", requests.start(content_type="image/jpeg")).expect_failure(400, "invalid_content_type")
    body = json.dumps(requests.start())
    requester.exchange("start", body.ljust(200)).expect("upload.started")
    requester.exchange("start", body.ljust(201)).expect_failure(400, "malformed_message")


def test_a_key_template(launch: Launch, connect: Connect) -> None:
    requester = connect(launch(KEY_TEMPLATE="in box/{file_id}/of+{user_id}/é"))
    file = requests.new_file()
    key = requester.request("start", requests.start(file)).expect("upload.started")["key"]
    assert key == f"in box/{file['file_id']}/of+{file['user_id']}/é"


def test_several_broker_addresses(launch: Launch, connect: Connect, settings: Settings) -> None:
    working = settings()["AMQP_URL"]
    worker = launch(AMQP_URL=f"amqp://nobody:nothing@127.0.0.1:1,{working}")
    worker.environment["AMQP_URL"] = working  # for the requester
    connect(worker).request("start", requests.start()).expect("upload.started")
