"""`upload-worker check` and the store: credentials, region, bucket, permissions, clock, CORS and lifecycle rules."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from moto.server import ThreadedMotoServer

from harness.checking import Checker
from harness.ports import free_port
from harness.schemas import Schemas
from harness.servers import SCRIPTS
from harness.store import Store
from harness.store_proxy import StoreProxy
from harness.tls import TLSFront
from harness.types import Settings

PROBES = "users/upload-worker-check/"


@pytest.fixture
def check(tmp_path: Path, schemas: Schemas) -> Checker:
    return Checker(tmp_path, schemas)


@pytest.fixture
def proxy(store: Store) -> Iterator[StoreProxy]:
    with StoreProxy(store.server.endpoint) as proxy:
        yield proxy


def probes(store: Store) -> list[str]:
    """Uploads that checks have left open."""
    pages = store.client.get_paginator("list_multipart_uploads").paginate(Bucket=store.bucket, Prefix=PROBES)
    return [upload["Key"] for page in pages for upload in page.get("Uploads", [])]


def test_a_store_that_works(settings: Settings, check: Checker, store: Store) -> None:
    report = check(settings())
    report.expect("store.credentials", "ok", "environment")
    report.expect("store.endpoint", "ok", store.server.endpoint)
    report.expect("store.region", "ok", store.server.region)
    report.expect("store.bucket", "ok", store.bucket)
    report.expect("store.multipart", "ok", PROBES)
    report.expect("store.urls", "ok", "1d")
    report.expect("store.part", "ok", store.server.endpoint)
    report.expect_all_ok("store.objects", "store.clock")
    report.expect("store.cors", "warning", "cannot tell")
    report.expect("store.lifecycle", "warning", "cannot tell")
    assert report.status == 0
    assert not probes(store)


def test_credentials_of_a_profile(settings: Settings, check: Checker, store: Store, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        f"[media]\naws_access_key_id = {store.server.access_key}\naws_secret_access_key = {store.server.secret_key}\n"
    )
    environment = settings(
        AWS_ACCESS_KEY_ID=None,
        AWS_SECRET_ACCESS_KEY=None,
        AWS_PROFILE="media",
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"),
    )
    report = check(environment)
    report.expect("store.credentials", "ok", "profile 'media'")
    report.expect("store.multipart", "ok")


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_wrong_keys(settings: Settings, check: Checker, name: str) -> None:
    report = check(settings(**{name: "not-the-right-one"}))
    report.expect("store.credentials", "failure", "environment", "SignatureDoesNotMatch")
    report.expect("store.endpoint", "ok")
    report.expect_all_ok("broker.connection", "database")


def test_no_credentials(settings: Settings, check: Checker) -> None:
    report = check(settings(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None))
    report.expect("store.credentials", "failure", "AWS_ACCESS_KEY_ID", "AWS_PROFILE")
    report.expect_all_ok("broker.connection", "database")


def test_a_wrong_bucket(settings: Settings, check: Checker) -> None:
    report = check(settings(S3_BUCKET="no-such-bucket"))
    report.expect("store.bucket", "failure", "no-such-bucket", "S3_BUCKET")
    report.expect_all_ok("store.credentials", "store.endpoint", "store.region", "store.clock", "broker.connection")


def test_a_wrong_region(settings: Settings, check: Checker, store: Store) -> None:
    report = check(settings(AWS_REGION="eu-north-9"))
    report.expect("store.region", "failure", "eu-north-9", f"AWS_REGION={store.server.region}")
    report.expect_all_ok("store.credentials", "store.endpoint", "broker.connection")


def test_nothing_listens(settings: Settings, check: Checker) -> None:
    report = check(settings(AWS_ENDPOINT_URL_S3="http://127.0.0.1:1"))
    report.expect("store.endpoint", "failure", "127.0.0.1:1", "AWS_ENDPOINT_URL_S3")
    report.expect_all_ok("broker.connection", "database")


def test_a_store_that_says_nothing(settings: Settings, check: Checker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        report = check(settings(AWS_ENDPOINT_URL_S3=endpoint), "--timeout", "1s", timeout=20)
    assert time.monotonic() - began < 10
    report.expect("store.endpoint", "failure", "no answer")
    report.expect_all_ok("broker.connection", "database")


@pytest.mark.parametrize(
    ("ahead", "status", "words"),
    [
        (timedelta(), "ok", []),
        (timedelta(minutes=5), "warning", ["behind", "NTP"]),
        (-timedelta(minutes=5), "warning", ["ahead"]),
        (timedelta(minutes=20), "failure", ["behind"]),
    ],
    ids=["right", "5m ahead", "5m behind", "20m ahead"],
)
def test_another_clock(
    settings: Settings, check: Checker, proxy: StoreProxy, ahead: timedelta, status: str, words: list[str]
) -> None:
    proxy.ahead = ahead
    report = check(settings(AWS_ENDPOINT_URL_S3=proxy.endpoint))
    report.expect("store.clock", status, *words)
    report.expect("store.multipart", "ok")


@pytest.mark.parametrize(
    ("method", "name", "status", "action"),
    [
        ("POST", "store.multipart", "failure", "s3:PutObject"),
        ("DELETE", "store.multipart", "failure", "s3:AbortMultipartUpload"),
        ("HEAD", "store.objects", "warning", "s3:ListBucket"),
    ],
)
def test_what_is_not_allowed(
    settings: Settings, check: Checker, proxy: StoreProxy, store: Store, method: str, name: str, status: str, action: str
) -> None:
    proxy.refused = {method: (403, "AccessDenied")}
    report = check(settings(AWS_ENDPOINT_URL_S3=proxy.endpoint))
    report.expect(name, status, action)
    report.expect("store.bucket", "ok")
    left = probes(store)
    assert bool(left) == (method == "DELETE")
    for key in left:
        assert key in report.one(name)["detail"]
        for upload_id in store.open_uploads(key):
            store.abort(key, upload_id)


def test_another_endpoint_for_clients(settings: Settings, check: Checker, proxy: StoreProxy, store: Store) -> None:
    environment = settings(S3_PUBLIC_ENDPOINT=proxy.endpoint)
    check(environment).expect("store.part", "ok", proxy.endpoint)
    assert proxy.methods == ["PUT"]
    proxy.refused = {"PUT": (403, "SignatureDoesNotMatch")}
    check(environment).expect("store.part", "failure", "403 SignatureDoesNotMatch", "S3_PUBLIC_ENDPOINT", "Host")
    report = check(environment | {"S3_PUBLIC_ENDPOINT": "http://127.0.0.1:1"})
    report.expect("store.part", "warning", "http://127.0.0.1:1/", "from here", "S3_PUBLIC_ENDPOINT")
    report.expect_all_ok("store.endpoint", "store.multipart")
    assert not probes(store)


def test_a_store_of_an_authority_of_ones_own(
    settings: Settings, check: Checker, store: Store, tmp_path: Path
) -> None:
    """Parts are put with the trust that the worker's own calls have."""
    subprocess.run([SCRIPTS / "make-certificates", tmp_path], check=True, timeout=60)
    address = urlsplit(store.server.endpoint)
    with TLSFront((address.hostname or "", address.port or 0), tmp_path) as front:
        endpoint = f"https://localhost:{front.port}"
        report = check(settings(AWS_ENDPOINT_URL_S3=endpoint, AWS_CA_BUNDLE=str(tmp_path / "ca.pem")))
    report.expect("store.part", "ok", endpoint)
    report.expect_all_ok("store.endpoint", "store.multipart")


def test_a_set_up_that_is_all_right(settings: Settings, check: Checker, proxy: StoreProxy) -> None:
    """Nothing is declared and no table is made yet: the first worker does both."""
    proxy.answers = {
        "cors": "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>"
        "<ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>",
        "lifecycle": "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix>users/</Prefix></Filter>"
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation>"
        "</AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>",
    }
    report = check(settings(AWS_ENDPOINT_URL_S3=proxy.endpoint), "--strict")
    assert not [row for row in report.rows if row["status"] != "ok"]
    assert report.status == 0


def test_uploads_that_may_not_be_listed(settings: Settings, check: Checker, proxy: StoreProxy) -> None:
    proxy.refused = {"GET": (403, "AccessDenied")}
    report = check(settings(AWS_ENDPOINT_URL_S3=proxy.endpoint))
    report.expect("store.bucket", "warning", "s3:ListBucketMultipartUploads")
    report.expect("store.multipart", "failure", "s3:ListMultipartUploadParts")
    report.expect("store.cors", "warning", "s3:GetBucketCORS")
    report.expect("store.lifecycle", "warning", "s3:GetLifecycleConfiguration")


@pytest.mark.parametrize(
    ("minutes", "status", "words"),
    [
        (60 * 48, "ok", ["1d"]),
        (60, "warning", ["58m", "URL_EXPIRY"]),
        (10, "warning", ["MIN_URL_LIFE"]),
    ],
)
def test_credentials_that_end(
    settings: Settings, check: Checker, minutes: int, status: str, words: list[str]
) -> None:
    end = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = check(settings(AWS_CREDENTIAL_EXPIRATION=end))
    report.expect("store.urls", status, *words)


def test_credentials_that_have_ended(settings: Settings, check: Checker) -> None:
    report = check(settings(AWS_CREDENTIAL_EXPIRATION="2020-01-01T00:00:00Z"))
    report.expect("store.credentials", "failure", "ended already")


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The endpoint of a store that has CORS and lifecycle rules."""
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def ruled(moto: str, settings: Settings) -> Iterator[tuple[Any, dict[str, str]]]:
    """A client of a new bucket there, and the settings of a worker that uses it."""
    client = boto3.client(
        "s3", endpoint_url=moto, region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key="s3cret"
    )
    client.create_bucket(Bucket="ruled")
    yield (
        client,
        settings(
            S3_BUCKET="ruled",
            AWS_ENDPOINT_URL_S3=moto,
            AWS_REGION="us-east-1",
            AWS_ACCESS_KEY_ID="id",
            AWS_SECRET_ACCESS_KEY="s3cret",
        ),
    )
    client.delete_bucket(Bucket="ruled")


def cors(**changed: Any) -> dict[str, Any]:
    rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://app.example"], "ExposeHeaders": ["ETag"]}
    return {"CORSRules": [{**rule, **changed}]}


@pytest.mark.parametrize(
    ("rules", "status", "words"),
    [
        (None, "warning", ["no CORS rules"]),
        (cors(), "ok", ["https://app.example"]),
        (cors(ExposeHeaders=["etag", "x-amz-version-id"]), "ok", []),
        (cors(ExposeHeaders=[]), "warning", ["ETag"]),
        (cors(AllowedMethods=["GET"]), "warning", ["PUT"]),
    ],
    ids=["none", "right", "lower case", "hidden", "only GET"],
)
def test_cors(
    ruled: tuple[Any, dict[str, str]], check: Checker, rules: dict[str, Any] | None, status: str, words: list[str]
) -> None:
    client, environment = ruled
    if rules:
        client.put_bucket_cors(Bucket="ruled", CORSConfiguration=rules)
    check(environment).expect("store.cors", status, *words)


def lifecycle(days: int, **changed: Any) -> dict[str, Any]:
    rule = {
        "ID": "abort",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days},
    }
    return {"Rules": [{**rule, **changed}]}


@pytest.mark.parametrize(
    ("rules", "status", "words"),
    [
        (None, "warning", ["no rule", "AbortIncompleteMultipartUpload"]),
        (lifecycle(3), "ok", ["3 d"]),
        (lifecycle(2, Filter={"Prefix": "users/"}), "ok", ["2 d"]),
        (lifecycle(1), "warning", ["1 d", "25h", "DaysAfterInitiation"]),
        (lifecycle(3, Status="Disabled"), "warning", ["no rule"]),
        (lifecycle(3, Filter={"Prefix": "other/"}), "warning", ["no rule"]),
        (lifecycle(3, Filter={"Prefix": "users/42/"}), "warning", ["no rule"]),
    ],
    ids=["none", "all keys", "the prefix", "too short", "off", "other keys", "some keys"],
)
def test_lifecycle(
    ruled: tuple[Any, dict[str, str]], check: Checker, rules: dict[str, Any] | None, status: str, words: list[str]
) -> None:
    client, environment = ruled
    if rules:
        client.put_bucket_lifecycle_configuration(Bucket="ruled", LifecycleConfiguration=rules)
    check(environment).expect("store.lifecycle", status, *words)


def test_a_rule_for_less_than_the_keys(ruled: tuple[Any, dict[str, str]], check: Checker) -> None:
    client, environment = ruled
    client.put_bucket_lifecycle_configuration(
        Bucket="ruled", LifecycleConfiguration=lifecycle(3, Filter={"Prefix": "users/"})
    )
    check(environment | {"KEY_TEMPLATE": "{user_id}/{file_id}"}).expect("store.lifecycle", "warning", "no rule")


def test_a_key_template_without_a_prefix(settings: Settings, check: Checker) -> None:
    report = check(settings(KEY_TEMPLATE="{user_id}/{file_id}"))
    report.expect("store.multipart", "ok", " upload-worker-check/probe-")
