"""The search for secrets in all that the run has printed: it finds each kind, and fails the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.output import Output

ENVIRONMENT = {
    "AMQP_URL": "amqp://guest:guest@one,amqps://worker:pass%2Fword@two:5671/vhost",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token",
    "SESSION_STORE": "postgres://worker:database-password@db/uploads",
    "OTEL_EXPORTER_OTLP_HEADERS": "x-api-key=collector-key,x-tenant=Bearer%20abc",
}
FILES = {
    "AWS_WEB_IDENTITY_TOKEN_FILE": "web.identity.token\n",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "pod-identity-token",
    "AWS_SHARED_CREDENTIALS_FILE": "[media]\naws_access_key_id = AKIDMEDIA\naws_secret_access_key = shared-secret\n",
    "AWS_CONFIG_FILE": "[profile media]\naws_session_token=shared-token\n",
}
SECRETS = [
    "pass/word",
    *list(ENVIRONMENT.values())[1:4],
    "database-password",
    "collector-key",
    "Bearer abc",
    "web.identity.token",
    "pod-identity-token",
    "shared-secret",
    "shared-token",
]
SIGNED = (
    "http://s3/uploads/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F2026&X-Amz-Security-Token=token"
    "&X-Amz-Signature=0123456789abcdef"
)


PLANTED = [
    (SIGNED, "a signature"),
    (SIGNED, "a presigned URL's credential"),
    (SIGNED, "a session token"),
    ("x-amz-signature=0123", "a signature"),
    ("x-amz-security-token: abc", "a session token"),
    ('{"header":"Authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=0123"}', "a signature"),
    ("authorization: Bearer something", "a header that lets in"),
    ("connecting to amqp://user:anything@host:5672", "a password in a URL"),
    ("using https://:anything@host/", "a password in a URL"),
    ("give amqp://user:password@other or amqp://guest:other@localhost", "a password in a URL"),
    (f"key {ENVIRONMENT['AWS_SECRET_ACCESS_KEY']}", "AWS_SECRET_ACCESS_KEY"),
    ("key=wJalrXUtnFEMI%2FK7MDENG%2BbPxRfiCYEXAMPLEKEY", "AWS_SECRET_ACCESS_KEY"),
    (f"token={ENVIRONMENT['AWS_SESSION_TOKEN']}", "AWS_SESSION_TOKEN"),
    ("login worker/pass/word failed", "the password of AMQP_URL"),
    ("login worker pass%2Fword failed", "the password of AMQP_URL"),
    ("header collector-key", "OTEL_EXPORTER_OTLP_HEADERS"),
    ("header Bearer abc", "OTEL_EXPORTER_OTLP_HEADERS"),
    ("with container-token", "AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    ("psql database-password", "the password of SESSION_STORE"),
    ("read web.identity.token", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    ("read pod-identity-token", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    ("key shared-secret", "AWS_SHARED_CREDENTIALS_FILE"),
    ("token shared-token", "AWS_CONFIG_FILE"),
    ("token session-token-7", "a session token that was handed out"),
]


@pytest.fixture
def output(tmp_path: Path) -> Output:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    output = Output()
    output.learn(ENVIRONMENT | {name: str(tmp_path / name) for name in FILES})
    output.learn_secret("a session token that was handed out", "session-token-7")
    return output


@pytest.mark.parametrize(("line", "what"), PLANTED, ids=range(len(PLANTED)))
def test_a_planted_secret_is_found(output: Output, line: str, what: str) -> None:
    output.keep("a command", f"before\nsome words, then {line}\nafter")
    leaks = output.leaks()
    assert what in [leak.what for leak in leaks]
    shown = "\n".join(map(str, leaks))
    assert "some words" in shown and "test_a_planted_secret_is_found" in shown
    for secret in [*SECRETS, "0123", "AKIA", "something", "anything", "%2FK7", "pass%2F"]:
        assert secret not in shown


@pytest.mark.parametrize(
    "line",
    [
        '{"level":"info","message":"Request settled","upload.file_id":"guest","upload.outcome":"upload.started"}',
        "GET http://127.0.0.1:8080/healthz 2026-11-25T18:37:29Z user@host",
        "connected to amqp://worker@host:5672 (virtual host /)",
        "AMQP_URL is wrong: give amqp://user:password@host:5672/vhost; amqp://guest:guest@localhost:5672 is usual",
        "the file https://s3/uploads/users/42/holiday?partNumber=1&uploadId=abc",
    ],
)
def test_what_is_no_secret(output: Output, line: str) -> None:
    output.keep("a command", line)
    assert output.leaks() == []


def test_a_log_is_read_at_the_end(output: Output, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    output.keep_file(log)
    assert output.leaks() == []
    log.write_bytes(b"\xff\n" + SIGNED.encode())
    assert {leak.source for leak in output.leaks()} == {"worker.log"}


@pytest.mark.parametrize(
    ("line", "status", "parts"),
    [("X-Amz-Signature=0123", 1, []), ("X-Amz-Signature=0123", 1, ["-n", "1"]), ("X-Request-Id=0123", 0, [])],
    ids=["as one", "in parts", "no secret"],
)
def test_a_find_fails_the_run(tmp_path: Path, line: str, status: int, parts: list[str]) -> None:
    test = f"from harness.output import EVERYTHING\n\ndef test_it():\n    EVERYTHING.keep('a worker', '{line}')\n"
    (tmp_path / "test_leaking.py").write_text(test)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "harness.search",
            "-p",
            "no:cacheprovider",
            *parts,
            "test_leaking.py",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == status, done.stdout
    assert "1 passed" in done.stdout
    assert ("SECRET PRINTED test_leaking.py::test_it: a worker shows a signature" in done.stdout) is bool(status)
    assert "0123" not in done.stdout


def test_every_process_is_searched(pytestconfig: pytest.Config) -> None:
    """Whoever starts the program tells the search."""
    folder = Path(pytestconfig.rootpath)
    starters = {path for path in folder.rglob("*.py") if "[BINARY, " in path.read_text() or "prefix, BINARY" in path.read_text()}
    starters.discard(Path(__file__))
    assert {path.name for path in starters} >= {"worker.py", "operator.py", "test_security.py"}
    telling = ("EVERYTHING.keep", "Watched(")
    assert not [path for path in starters if not any(word in path.read_text() for word in telling)]
