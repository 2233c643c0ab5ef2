"""The commands that a person types."""

from __future__ import annotations

import json
import os
import re
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.gate import StoreGate
from harness.operator import Operator
from harness.requester import taking_requests
from harness.schemas import Schemas
from harness.store import PART, Store
from harness.store_proxy import StoreProxy
from harness.types import Connect, Launch
from harness.worker import Worker, run

EX_USAGE = 64
EX_TEMPFAIL = 75
SIZE = 12 * 1024 * 1024

ABORT = ["sessions", "abort", "--user-id", "1", "--file-id", "a", "--upload-id", "u"]

Upload = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "holiday.mp4"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def upload(worker: Worker, tmp_path: Path) -> Upload:
    """Runs `upload-worker upload`, which is a client: it has the broker's address, and nothing of the store's."""
    names = ("AMQP_URL", "TOPOLOGY_PREFIX")
    environment = {name: worker.environment[name] for name in names}
    return lambda *arguments: run(["upload", *map(str, arguments)], environment, tmp_path)


def completed(done: subprocess.CompletedProcess[str], schemas: Schemas) -> dict[str, object]:
    """The one result on standard output."""
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip().splitlines()) == 1
    result = json.loads(done.stdout)
    schemas.check_result(result)
    assert result["type"] == "upload.completed"
    return result


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["run"],
        ["setup"],
        ["upload"],
        ["dead"],
        ["dead", "list"],
        ["dead", "show"],
        ["dead", "replay"],
        ["dead", "drop"],
        ["check"],
        ["sessions"],
        ["sessions", "list"],
        ["sessions", "show"],
        ["sessions", "abort"],
    ],
    ids=" ".join,
)
def test_help(tmp_path: Path, command: list[str]) -> None:
    done = run([*command, "--help"], {}, tmp_path)
    assert done.returncode == 0
    assert "USAGE: upload-worker" in done.stdout
    assert len(done.stdout.splitlines()) > 5


@pytest.mark.parametrize("option", ["--user-id", "--file-id", "--content-type", "--parts", "--parallel", "--format"])
def test_help_of_upload_names_its_options(tmp_path: Path, option: str) -> None:
    assert option in run(["upload", "--help"], {}, tmp_path).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["run", "--fast"],
        ["upload"],
        ["upload", "file"],
        ["upload", "file", "--user-id", "1", "--parts", "none"],
        ["upload", "file", "--user-id", "1", "--format", "xml"],
        ["dead", "list", "--limit", "0"],
        ["dead", "list", "--format", "xml"],
        ["dead", "show"],
        ["dead", "drop"],
        ["dead", "replay", "--rate", "0"],
        ["dead", "replay", "--rate", "nan"],
        ["sessions", "list", "--limit", "0"],
        ["sessions", "list", "--state", "paused"],
        ["sessions", "list", "--older-than", "2"],
        ["sessions", "list", "--user-id", "a/b"],
        ["sessions", "list", "--file-id", ".."],
        ["sessions", "show"],
        ["sessions", "abort", "--user-id", "1"],
        ["sessions", "abort", "--user-id", "1", "--file-id", "a", "--timeout", "soon"],
    ],
    ids=" ".join,
)
def test_what_is_no_command(tmp_path: Path, arguments: list[str]) -> None:
    done = run(arguments, {}, tmp_path)
    assert done.returncode == EX_USAGE
    assert done.stdout == ""
    assert done.stderr


def test_a_file_from_end_to_end(upload: Upload, video: Path, store: Store, schemas: Schemas) -> None:
    done = upload(video, "--user-id", 42, "--format", "json")
    result = completed(done, schemas)
    assert (result["user_id"], result["filesize"], result["content_type"]) == ("42", SIZE, "video/mp4")
    assert uuid.UUID(str(result["file_id"]))
    assert store.object_bytes(str(result["key"])) == video.read_bytes()
    assert "X-Amz-Signature" not in done.stdout + done.stderr


def test_off_a_terminal_it_prints_plain_lines(upload: Upload, video: Path) -> None:
    done = upload(video, "--user-id", 42, "--file-id", "plain")
    assert done.returncode == 0, done.stderr
    assert "users/42/plain" in done.stdout
    assert not {"\r", "\x1b"} & set(done.stdout + done.stderr)
    assert "X-Amz-Signature" not in done.stdout + done.stderr


@pytest.mark.parametrize(("parts", "expected"), [(1, 1), (2, 2)])
def test_as_many_parts_as_asked_for(
    upload: Upload, video: Path, store: Store, schemas: Schemas, parts: int, expected: int
) -> None:
    done = upload(video, "--user-id", 42, "--parts", parts, "--parallel", 1, "--format", "json")
    result = completed(done, schemas)
    assert str(result["etag"]).endswith(f"-{expected}")
    assert store.object_bytes(str(result["key"])) == video.read_bytes()


def test_more_parts_than_the_size_allows(upload: Upload, video: Path) -> None:
    done = upload(video, "--user-id", 42, "--parts", 3)  # of 4 MiB each
    assert done.returncode != 0
    assert "part" in done.stderr


@pytest.mark.parametrize(
    ("size", "parts"), [(1, 1), (PART - 1, 1), (PART, 1), (2 * PART - 1, 1), (2 * PART, 2), (2 * PART + 1, 2)]
)
def test_the_size_sets_no_part_below_the_least(
    upload: Upload, tmp_path: Path, schemas: Schemas, size: int, parts: int
) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(b"x" * size)
    result = completed(upload(file, "--user-id", 42, "--format", "json"), schemas)
    assert result["filesize"] == size
    assert int(str(result["etag"]).rpartition("-")[2]) <= parts


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.jpg", "image/jpeg"),
        ("a.jpeg", "image/jpeg"),
        ("a.JPG", "image/jpeg"),
        ("a.png", "image/png"),
        ("a.mp4", "video/mp4"),
        ("a.heif", "image/heif"),
        ("a.heic", "image/heic"),
        ("a.mov", "video/quicktime"),
        ("a.webp", "image/webp"),
        ("a.3gp", "video/3gpp"),
        ("a.webm", "video/webm"),
        ("a.gif", "image/gif"),
        ("a.m4v", "video/x-m4v"),
        ("a.bmp", "image/bmp"),
        ("a.txt", "application/octet-stream"),
        ("a", "application/octet-stream"),
        (".png", "application/octet-stream"),
    ],
)
def test_content_type_by_ending(upload: Upload, tmp_path: Path, schemas: Schemas, name: str, content_type: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    done = upload(tmp_path / name, "--user-id", 42, "--format", "json")
    assert completed(done, schemas)["content_type"] == content_type


def test_content_type_as_given(upload: Upload, tmp_path: Path, schemas: Schemas) -> None:
    (tmp_path / "a.bin").write_bytes(b"x")
    done = upload(tmp_path / "a.bin", "--user-id", 42, "--content-type", "image/gif", "--format", "json")
    assert completed(done, schemas)["content_type"] == "image/gif"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--user-id", "a/b"], "invalid_user_id"),
        (["--user-id", "1", "--file-id", ".."], "invalid_file_id"),
        (["--user-id", "1", "--content-type", "text/plain"], "invalid_content_type"),
    ],
)
def test_a_request_that_is_refused(upload: Upload, video: Path, arguments: list[str], code: str) -> None:
    done = upload(video, *arguments)
    assert done.returncode not in (0, EX_USAGE)
    assert code in done.stdout + done.stderr


def test_a_store_that_cannot_be_reached(launch: Launch, connect: Connect, video: Path, tmp_path: Path) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3="http://127.0.0.1:9", RETRY_DELAYS="1ms", is_awaited=False)
    taking_requests(connect, worker)
    environment = {name: worker.environment[name] for name in ("AMQP_URL", "TOPOLOGY_PREFIX")}
    done = run(["upload", str(video), "--user-id", "42", "--file-id", "away-1"], environment, tmp_path)
    assert done.returncode == EX_TEMPFAIL
    assert "storage_unavailable (503)" in done.stderr
    assert "--file-id away-1" in done.stderr


def test_the_same_file_id_twice(upload: Upload, tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(b"x")
    arguments = (tmp_path / "a.gif", "--user-id", 42, "--file-id", f"twice-{uuid.uuid4()}")
    assert upload(*arguments).returncode == 0
    again = upload(*arguments)
    assert again.returncode != 0
    assert "already_completed" in again.stdout + again.stderr


def test_a_file_that_is_not_there(upload: Upload, tmp_path: Path) -> None:
    done = upload(tmp_path / "missing.mp4", "--user-id", 42)
    assert done.returncode != 0
    assert "missing.mp4" in done.stderr


def test_nobody_to_ask(video: Path, worker: Worker, tmp_path: Path) -> None:
    environment = {"AMQP_URL": worker.environment["AMQP_URL"], "TOPOLOGY_PREFIX": f"nobody-{uuid.uuid4().hex}"}
    done = run(["upload", str(video), "--user-id", "42"], environment, tmp_path)
    assert done.returncode == EX_TEMPFAIL
    assert environment["TOPOLOGY_PREFIX"] in done.stderr


def test_nobody_answers(video: Path, operator: Operator) -> None:
    arguments = ["upload", str(video), "--user-id", "42", "--timeout", "1s"]
    done = run(arguments, operator.environment, operator.directory)
    assert done.returncode == EX_TEMPFAIL
    assert "the start request got no answer" in done.stderr
    assert re.search(r"--file-id [0-9a-f-]{36}\b", done.stderr), done.stderr


def test_a_complete_that_is_not_answered(launch: Launch, store: Store, video: Path) -> None:
    with StoreGate(store.server.endpoint) as gate:
        worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint, S3_PUBLIC_ENDPOINT=store.server.endpoint)
        gate.hold_requests("?uploadId=")
        arguments = ["upload", str(video), "--user-id", "42", "--file-id", "slow-1", "--timeout", "5s"]
        done = run(arguments, worker.environment, worker.directory)
        assert done.returncode == EX_TEMPFAIL
        assert "the complete request got no answer" in done.stderr
        assert "upload-worker sessions show slow-1" in done.stderr
        shown = run(["sessions", "show", "slow-1", "--format", "json"], worker.environment, worker.directory)
        assert json.loads(shown.stdout)["state"] == "started"


def test_a_part_that_is_refused(launch: Launch, store: Store, video: Path) -> None:
    with StoreProxy(store.server.endpoint) as proxy:
        worker = launch(S3_PUBLIC_ENDPOINT=proxy.endpoint)
        arguments = ["upload", str(video), "--user-id", "42", "--file-id", "refused-1"]
        proxy.refused["PUT"] = (403, "AccessDenied")
        done = run(arguments, worker.environment, worker.directory)
        assert done.returncode == EX_TEMPFAIL
        assert "a part could not be put" in done.stderr and "--file-id refused-1" in done.stderr
        assert "X-Amz" not in done.stderr
        del proxy.refused["PUT"]
        assert run(arguments, worker.environment, worker.directory).returncode == 0
        assert store.object_bytes("users/42/refused-1") == video.read_bytes()


@pytest.mark.parametrize("command", [["setup"], ["upload", "a.gif", "--user-id", "1"], ["dead", "list"], ["dead", "replay"], ABORT], ids=" ".join)
def test_a_broker_that_is_not_there(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "a.gif").write_bytes(b"x")
    done = run(command, {"AMQP_URL": "amqp://someone:sesame@127.0.0.1:1"}, tmp_path)
    assert done.returncode != 0
    assert "127.0.0.1:1" in done.stderr
    assert "sesame" not in done.stderr
