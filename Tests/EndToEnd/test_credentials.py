"""Credentials from every source that the AWS SDKs know: each makes the worker serve, in their order."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import BotoCoreError

from harness import requests
from harness.credentials import METADATA_TOKEN, CredentialsServer, moto
from harness.messages import Result
from harness.servers import StoreServer
from harness.signatures import query, signature
from harness.store import Store
from harness.types import Connect, Launch, Settings
from harness.waiting import until
from harness.worker import run

NO_KEYS: dict[str, str | None] = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
ROLE = "arn:aws:iam::123456789012:role/uploads"
EX_CONFIG = 78


@pytest.fixture
def issuer(store: Store) -> Iterator[CredentialsServer]:
    with CredentialsServer(store.server) as server:
        yield server


def start(connect: Connect, launch: Launch, **changed: str | None) -> Result:
    """The first result of a worker with these settings and no keys in its environment."""
    return connect(launch(**(NO_KEYS | changed))).request("start", requests.start()).expect("upload.started")


def expect_issued(session: Result, issuer: CredentialsServer, store: Store) -> None:
    """The URL is signed by the one set of credentials that was handed out last."""
    url = session["presigned_urls"][0]
    assert query(url)["X-Amz-Security-Token"] == issuer.issued[-1].token
    assert signature(url, store.server.secret_key) == query(url)["X-Amz-Signature"]
    store.put_part(url, b"x")


def token_file(directory: Path, text: str = "web.identity+token") -> str:
    path = directory / "token"
    path.write_text(f"{text}\n")
    return str(path)


def test_web_identity(launch: Launch, connect: Connect, store: Store, issuer: CredentialsServer, tmp_path: Path) -> None:
    session = start(
        connect,
        launch,
        AWS_WEB_IDENTITY_TOKEN_FILE=token_file(tmp_path),
        AWS_ROLE_ARN=ROLE,
        AWS_ROLE_SESSION_NAME="worker-1",
        AWS_ENDPOINT_URL_STS=issuer.endpoint,
    )
    expect_issued(session, issuer, store)
    assert issuer.asked[0].form == {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": ROLE,
        "RoleSessionName": "worker-1",
        "WebIdentityToken": "web.identity+token",
    }
    assert "authorization" not in issuer.asked[0].headers


def test_the_token_service_of_moto(launch: Launch, connect: Connect, store: Store, tmp_path: Path) -> None:
    """Its S3 takes the keys that its own token service gave."""
    with moto() as endpoint:
        until(lambda: make_bucket(endpoint, store.server), "moto", timeout=60)
        session = start(
            connect,
            launch,
            AWS_ENDPOINT_URL_S3=None,
            AWS_ENDPOINT_URL=endpoint,
            AWS_WEB_IDENTITY_TOKEN_FILE=token_file(tmp_path),
            AWS_ROLE_ARN=ROLE,
        )
        fields = query(session["presigned_urls"][0])
        assert fields["X-Amz-Credential"].startswith("ASIA")
        assert fields["X-Amz-Security-Token"]
        assert int(fields["X-Amz-Expires"]) <= 3_540
        store.put_part(session["presigned_urls"][0], b"x")


def make_bucket(endpoint: str, server: StoreServer) -> bool:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=server.region,
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )
    try:
        client.create_bucket(Bucket=server.bucket)
    except BotoCoreError:  # not up yet
        return False
    return True


def test_a_profile_with_a_role(
    launch: Launch, connect: Connect, store: Store, issuer: CredentialsServer, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = base-secret\n"
    )
    (tmp_path / "config").write_text(
        f"[profile uploads]\nrole_arn = {ROLE}\nsource_profile = base\nexternal_id = partner\nregion = us-east-1\n"
    )
    session = start(
        connect,
        launch,
        AWS_PROFILE="uploads",
        AWS_CONFIG_FILE=str(tmp_path / "config"),
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"),
        AWS_ENDPOINT_URL_STS=issuer.endpoint,
    )
    expect_issued(session, issuer, store)
    asked = issuer.asked[0]
    assert (asked.form["Action"], asked.form["ExternalId"]) == ("AssumeRole", "partner")
    assert "Credential=AKIDBASE/" in asked.headers["authorization"]
    assert "/us-east-1/sts/aws4_request" in asked.headers["authorization"]


def test_a_profile_with_keys(launch: Launch, connect: Connect, store: Store, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        f"[default]\naws_access_key_id={store.server.access_key}\naws_secret_access_key={store.server.secret_key}\n"
    )
    session = start(connect, launch, AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"))
    store.put_part(session["presigned_urls"][0], b"x")


def test_a_profile_with_a_program(
    launch: Launch, connect: Connect, store: Store, tmp_path: Path
) -> None:
    keys = f'"AccessKeyId":"{store.server.access_key}","SecretAccessKey":"{store.server.secret_key}"'
    (tmp_path / "keys.json").write_text('{"Version":1,' + keys + "}")
    (tmp_path / "config").write_text(f"[default]\ncredential_process = cat {tmp_path}/keys.json\n")
    session = start(connect, launch, AWS_CONFIG_FILE=str(tmp_path / "config"))
    store.put_part(session["presigned_urls"][0], b"x")


def test_a_container(
    launch: Launch, connect: Connect, store: Store, issuer: CredentialsServer, tmp_path: Path
) -> None:
    session = start(
        connect,
        launch,
        AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{issuer.endpoint}/v1/credentials?pod=1",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token_file(tmp_path, "pod-token"),
    )
    expect_issued(session, issuer, store)
    assert issuer.asked[0].path == "/v1/credentials?pod=1"
    assert issuer.asked[0].headers["authorization"] == "pod-token"


def test_instance_metadata(launch: Launch, connect: Connect, store: Store, issuer: CredentialsServer) -> None:
    session = start(
        connect,
        launch,
        AWS_EC2_METADATA_DISABLED=None,
        AWS_EC2_METADATA_SERVICE_ENDPOINT=issuer.endpoint,
    )
    expect_issued(session, issuer, store)
    assert [asked.method for asked in issuer.asked] == ["PUT", "GET", "GET"]
    assert all(asked.headers["x-aws-ec2-metadata-token"] == METADATA_TOKEN for asked in issuer.asked[1:])


def test_instance_metadata_go_past_a_proxy(
    launch: Launch, connect: Connect, store: Store, issuer: CredentialsServer
) -> None:
    """A proxy for everything: the store is asked through it, as the settings say, the metadata service is not."""
    worker = launch(
        is_awaited=False,
        **NO_KEYS,
        AWS_EC2_METADATA_DISABLED=None,
        AWS_EC2_METADATA_SERVICE_ENDPOINT=issuer.endpoint,
        http_proxy="http://127.0.0.1:1",
    )
    until(lambda: issuer.issued, "credentials past the proxy")
    assert worker.is_running


@pytest.mark.parametrize("source", ["environment", "web identity", "profile", "container"])
def test_the_order(
    launch: Launch, connect: Connect, store: Store, issuer: CredentialsServer, tmp_path: Path, source: str
) -> None:
    """All sources are set up, but for those that come before this one; those behind it are not asked."""
    changed: dict[str, str | None] = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": token_file(tmp_path),
        "AWS_ROLE_ARN": ROLE,
        "AWS_ENDPOINT_URL_STS": f"{issuer.endpoint}/sts",
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{issuer.endpoint}/container",
        "AWS_EC2_METADATA_DISABLED": None,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": issuer.endpoint,
    }
    order = ["environment", "web identity", "profile", "container"]
    if source != "environment":
        changed |= NO_KEYS
    if order.index(source) > 1:
        changed["AWS_WEB_IDENTITY_TOKEN_FILE"] = None
    if order.index(source) < 3:
        keys = f"aws_access_key_id={store.server.access_key}\naws_secret_access_key={store.server.secret_key}\n"
        (tmp_path / "credentials").write_text(f"[default]\n{keys}aws_session_token=of-the-profile\n")
    session = connect(launch(**changed)).request("start", requests.start()).expect("upload.started")
    token = query(session["presigned_urls"][0]).get("X-Amz-Security-Token")
    expected = {"environment": (None, []), "profile": ("of-the-profile", [])}
    asked = {"web identity": "/sts/", "container": "/container"}
    if source in expected:
        assert (token, issuer.asked) == expected[source]
    else:
        assert token == "session-token-1"
        assert [each.path for each in issuer.asked] == [asked[source]]


REFUSED: dict[str, tuple[dict[str, str | None], list[str]]] = {
    "no such profile": ({"AWS_PROFILE": "absent"}, ["no profile absent", "AWS_PROFILE"]),
    "nothing at all": ({}, ["AWS_ACCESS_KEY_ID", "no profile default", "AWS_EC2_METADATA_DISABLED"]),
    "half a key": ({"AWS_ACCESS_KEY_ID": "half"}, ["AWS_SECRET_ACCESS_KEY"]),
    "a token without a role": ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}, ["AWS_ROLE_ARN"]),
    "a token file that is not there": (
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere/token", "AWS_ROLE_ARN": ROLE},
        ["AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token", "mount or correct"],
    ),
    "a container's token file that is not there": (
        {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nowhere/token",
        },
        ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nowhere/token"],
    ),
    "another machine": (
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/credentials"},
        ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "192.0.2.1", "https"],
    ),
    "nobody at the last resort": (
        {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"},
        ["no profile default", "instance metadata", "AWS_ACCESS_KEY_ID"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_fault_of_the_settings_ends_the_start(settings: Settings, tmp_path: Path, name: str) -> None:
    changed, named = REFUSED[name]
    done = run(["run"], settings(**(NO_KEYS | changed), HTTP_PORT="0"), tmp_path, timeout=30)
    assert done.returncode == EX_CONFIG, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for text in named:
        assert text in done.stderr


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_ends_the_start(
    settings: Settings, issuer: CredentialsServer, tmp_path: Path, status: int
) -> None:
    issuer.failing = status
    environment = settings(
        **NO_KEYS, HTTP_PORT="0", AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{issuer.endpoint}/credentials"
    )
    done = run(["run"], environment, tmp_path, timeout=30)
    assert done.returncode == EX_CONFIG
    assert f"container endpoint {issuer.endpoint.removeprefix('http://')} answers with {status}" in done.stderr
    assert len(issuer.asked) == 1


def test_an_endpoint_that_comes_up_late(
    launch: Launch, connect: Connect, store: Store, issuer: CredentialsServer
) -> None:
    issuer.failing = 503
    worker = launch(
        is_awaited=False, **NO_KEYS, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{issuer.endpoint}/credentials"
    )
    until(lambda: len(issuer.asked) >= 2, "a second try")
    issuer.failing = None
    worker.wait_until_ready()
    session = connect(worker).request("start", requests.start()).expect("upload.started")
    expect_issued(session, issuer, store)


def test_an_endpoint_that_stays_down(
    launch: Launch, connect: Connect, store: Store, issuer: CredentialsServer
) -> None:
    """The worker starts without credentials, says so, and takes them up when they come."""
    issuer.failing = 503
    worker = launch(
        is_awaited=False, **NO_KEYS, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{issuer.endpoint}/credentials"
    )
    until(lambda: worker.status("/readyz")[0] == 503, "the status page")
    assert "cannot sign: the container endpoint" in worker.status("/readyz")[1]
    issuer.failing = None
    worker.wait_until_ready()
    session = connect(worker).request("start", requests.start()).expect("upload.started")
    expect_issued(session, issuer, store)


def test_secrets_stay_out_of_the_log(
    launch: Launch, connect: Connect, store: Store, issuer: CredentialsServer, tmp_path: Path
) -> None:
    worker = launch(
        **NO_KEYS,
        LOG_LEVEL="trace",
        AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{issuer.endpoint}/credentials",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token_file(tmp_path, "pod-token"),
    )
    connect(worker).request("start", requests.start()).expect("upload.started")
    worker.terminate()
    for secret in [store.server.secret_key, "session-token", "pod-token", "X-Amz-Signature"]:
        assert secret not in worker.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_stopped_while_it_looks_for_credentials(launch: Launch, number: signal.Signals) -> None:
    """Nothing was taken yet: it ends at once and in good order."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}/keys"
        worker = launch(**(NO_KEYS | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint}), is_awaited=False)
        asked, _ = silent.accept()
        with asked:
            os.kill(worker.pid, number)
            assert worker.wait(5) == 0
