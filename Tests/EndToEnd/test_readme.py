"""The README as a newcomer reads it: its walks end as it says, and so does every exit status."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import documents
from harness.output import EVERYTHING
from harness.servers import StoreServer
from harness.store import Store
from harness.terminal import OF_A_DEVELOPER, Terminal
from harness.worker import REPOSITORY, complete, run

README = Path(REPOSITORY, "README.md").read_text()
BREAKING = documents.section(README, "Breaking it on purpose")
BY_HAND = documents.section(README, "A first request by hand")
NO_BROKER = {"AMQP_URL": "amqp://somebody@127.0.0.1:1"}

STATUSES: dict[int, tuple[list[str], dict[str, str]]] = {
    0: (["--version"], {}),
    1: (["setup"], NO_BROKER),
    2: (["check", "--timeout", "1s"], NO_BROKER),
    64: (["fly"], {}),
    78: (["run"], {}),
}
HELD_ELSEWHERE = {75, 130}
"""Below, and in test_dead_letter_replay.py."""


@pytest.mark.parametrize("status", STATUSES)
def test_an_exit_status(status: int, tmp_path: Path) -> None:
    arguments, environment = STATUSES[status]
    assert run(arguments, environment, tmp_path).returncode == status


def test_every_exit_status_is_held() -> None:
    listed = re.findall(r"^\| (\d+) \|", documents.section(README, "Running it"), re.MULTILINE)
    assert {int(status) for status in listed} == set(STATUSES) | HELD_ELSEWHERE


def test_the_callers_own_settings_are_forgotten(tmp_path: Path) -> None:
    """In all that `make` starts on throw-away servers: run, test, torture and fuzz open a session first."""
    given = OF_A_DEVELOPER | {"RETRY_DELAYS": "1s", "S3_PORT": "12345", "NO_PROXY": "example.com"}
    opened = subprocess.run(
        ["bash", "-euc", ". deploy/local/session.sh; open_session; env"],
        env=complete(given, tmp_path),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    left = dict(line.partition("=")[::2] for line in opened.stdout.splitlines())
    assert not set(OF_A_DEVELOPER) & set(left) - {"http_proxy", "https_proxy"}
    assert (left["RETRY_DELAYS"], left["S3_PORT"]) == ("1s", "12345")
    assert left["no_proxy"] == left["NO_PROXY"] == "127.0.0.1,localhost,example.com"
    for name in ("run", "test", "torture", "fuzz"):
        assert "\nopen_session\n" in Path(REPOSITORY, "deploy/local", name).read_text()


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path_factory.mktemp("clone"))
    terminal.start(next(block.text for block in documents.blocks(BREAKING) if not block.language))
    yield terminal
    state = Path(terminal.setting("STORE_STATE"))
    terminal.stop()
    assert not state.parent.exists()


def test_a_first_request_by_hand(terminal: Terminal) -> None:
    uploading = next(block.text for block in documents.blocks(BY_HAND) if not block.language)
    seen = 'uploaded  holiday.mp4 (12582912 bytes)\n  "type": "upload.completed",\n{…"status":"ready"}'
    assert documents.missing(seen, said := terminal.run(uploading)) is None, said
    asking, answer = (block.text for block in documents.blocks(BY_HAND) if block.language in ("python", "json"))
    said = terminal.run(f"/usr/bin/python3 - <<'PYTHON'\n{asking}PYTHON\n")
    shown, told = json.loads(said), json.loads(answer)
    assert list(shown) == list(told), said
    ours = ("upload_id", "presigned_urls", "expires_at")
    assert {name: value for name, value in shown.items() if name not in ours} == {
        name: value for name, value in told.items() if name not in ours
    }
    assert len(shown["presigned_urls"]) == len(told["presigned_urls"])


def test_breaking_it_on_purpose(terminal: Terminal) -> None:
    """All that a step prints is what its next block says; a step that is no longer there was not run."""
    upload = "printf kept > kept.gif && upload-worker upload kept.gif --user-id 42 --format json 2> errors"
    before = json.loads(terminal.run(upload))
    steps = documents.steps(BREAKING)
    assert len(steps) == BREAKING.count("\n**")
    for commands, said in steps:
        output = terminal.run(commands)
        EVERYTHING.keep("a step of the README", output)
        assert (line := documents.missing(said, output)) is None, f"{commands}\ndoes not print\n{line}\nbut\n{output}"
    walked = "".join(commands for commands, _ in steps)
    for word in ("stop-s3", "/readyz", "/metrics", "WORKER_LOG", "dead list", "start-s3", "replay", "sessions show"):
        assert word in walked
    assert "status 75" in steps[0][1]
    assert store(terminal).object_bytes(before["key"]) == b"kept"


def store(terminal: Terminal) -> Store:
    """The store that was broken and mended: it must have what it had."""
    given = ("AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "S3_BUCKET", "AWS_REGION")
    endpoint, access_key, secret_key, bucket, region = map(terminal.setting, given)
    return Store(StoreServer(endpoint, access_key, secret_key, bucket, region))
