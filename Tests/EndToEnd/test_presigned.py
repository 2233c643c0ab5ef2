"""The parts' URLs: accepted by a server that verifies signatures, refused when altered, and right to the byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest

from harness import requests
from harness.messages import Result
from harness.signatures import botocore_url, is_same_url, query, signature, signed_at
from harness.store import Store
from harness.types import Connect, Launch, Started
from harness.waiting import until

AWKWARD = "sp ace+plus%25/{user_id}/tilde~é☃=&?#;:@!$'()*,[]/{file_id}"


def seconds_until_expiry(session: Result) -> float:
    return (datetime.fromisoformat(session["expires_at"]) - signed_at(session["presigned_urls"][0])).total_seconds()


def expect_botocores(store: Store, session: Result) -> None:
    for number, url in enumerate(session["presigned_urls"], start=1):
        fields = query(url)
        expected = botocore_url(
            store, session["key"], session["upload_id"], number, int(fields["X-Amz-Expires"]), signed_at(url)
        )
        assert is_same_url(url, expected), f"\n{url}\n{expected}"
        assert signature(url, store.server.secret_key) == fields["X-Amz-Signature"]


def test_what_a_url_says(started: Started, store: Store) -> None:
    session = started(requests.start(part_count=20))
    for number, url in enumerate(session["presigned_urls"], start=1):
        fields = query(url)
        assert fields["partNumber"] == str(number)
        assert fields["uploadId"] == session["upload_id"]
        assert fields["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
        assert fields["X-Amz-SignedHeaders"] == "host"
        assert fields["X-Amz-Expires"] == "86400"
        assert fields["X-Amz-Credential"].startswith(f"{store.server.access_key}/")
        assert abs(datetime.now(UTC) - signed_at(url)) < timedelta(minutes=1)
    assert seconds_until_expiry(session) == 86_400


def test_urls_are_those_of_botocore(started: Started, store: Store) -> None:
    expect_botocores(store, started(requests.start(part_count=20)))


def test_a_part_arrives(started: Started, store: Store) -> None:
    file = requests.new_file()
    session = started(requests.start(file, part_count=1))
    parts = store.put_parts(session["presigned_urls"], [b"x" * 100])
    listed = store.client.list_parts(Bucket=store.bucket, Key=session["key"], UploadId=session["upload_id"])["Parts"]
    assert [(part["PartNumber"], part["ETag"], part["Size"]) for part in listed] == [(1, parts[0]["etag"], 100)]


def altered(url: str, name: str, change: Callable[[str], str]) -> str:
    """The URL with one field of its query changed."""
    value = query(url)[name]
    old = f"{name}={quote(value, safe='-_.~')}"
    assert old in url
    return url.replace(old, f"{name}={quote(change(value), safe='-_.~')}")


ALTERATIONS: dict[str, Callable[[str], str]] = {
    "part number": lambda url: altered(url, "partNumber", lambda _: "2"),
    "signature": lambda url: altered(
        url, "X-Amz-Signature", lambda value: value[:-1] + ("0" if value[-1] != "0" else "1")
    ),
    "expiry": lambda url: altered(url, "X-Amz-Expires", lambda _: "86401"),
    "upload id": lambda url: altered(url, "uploadId", lambda value: value[:-1] + ("x" if value[-1] != "x" else "y")),
    "date": lambda url: altered(url, "X-Amz-Date", lambda value: value[:-2] + ("1Z" if value[-2] != "1" else "2Z")),
    "key": lambda url: url.replace("?", "x?", 1),
    "a field more": lambda url: f"{url}&x-id=UploadPart",
    "no signature": lambda url: "&".join(field for field in url.split("&") if not field.startswith("X-Amz-Signature=")),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_altered_url_is_refused(started: Started, store: Store, name: str) -> None:
    url = started(requests.start(part_count=2))["presigned_urls"][0]
    changed = ALTERATIONS[name](url)
    assert changed != url
    assert store.put(changed, b"x").status in (400, 403)
    store.put_part(url, b"x")


def test_another_method_is_refused(started: Started, store: Store) -> None:
    url = started(requests.start())["presigned_urls"][0]
    assert store.send("DELETE", url).status in (403, 405)
    assert store.send("GET", url).status in (403, 405)


def test_an_expired_url_is_refused(launch: Launch, connect: Connect, store: Store) -> None:
    requester = connect(launch(URL_EXPIRY="1s", MIN_URL_LIFE="1s"))
    session = requester.request("start", requests.start()).expect("upload.started")
    assert seconds_until_expiry(session) == 1
    end = datetime.fromisoformat(session["expires_at"]) + timedelta(seconds=1)
    until(lambda: datetime.now(UTC) > end, "the URL's end")
    assert store.put(session["presigned_urls"][0], b"x").status == 403


@pytest.mark.parametrize(("expiry", "seconds"), [("7d", 604_800), ("90s", 90), ("2000ms", 2)])
def test_urls_live_as_long_as_set(launch: Launch, connect: Connect, expiry: str, seconds: int) -> None:
    session = connect(launch(URL_EXPIRY=expiry)).request("start", requests.start()).expect("upload.started")
    assert query(session["presigned_urls"][0])["X-Amz-Expires"] == str(seconds)
    assert seconds_until_expiry(session) == seconds


def test_awkward_keys(launch: Launch, connect: Connect, store: Store) -> None:
    requester = connect(launch(KEY_TEMPLATE=AWKWARD))
    file = requests.new_file(user_id="~._-")
    session = requester.request("start", requests.start(file, part_count=2)).expect("upload.started")
    assert session["key"] == AWKWARD.format(**file)
    expect_botocores(store, session)

    parts = store.put_parts(session["presigned_urls"], [b"x" * 5 * 1024 * 1024, b"y"])
    requester.request("complete", requests.complete(file, session["upload_id"], parts)).expect("upload.completed")
    head = store.head(session["key"])
    assert head is not None and head["ContentLength"] == 5 * 1024 * 1024 + 1


def test_a_public_endpoint(launch: Launch, connect: Connect, store: Store) -> None:
    requester = connect(launch(S3_PUBLIC_ENDPOINT="https://files.example.org:8443"))
    session = requester.request("start", requests.start()).expect("upload.started")
    url = urlsplit(session["presigned_urls"][0])
    assert (url.scheme, url.netloc) == ("https", "files.example.org:8443")
    assert url.path == f"/{store.bucket}/{session['key']}"
    assert store.open_uploads(session["key"]) == [session["upload_id"]]
    assert (
        signature(session["presigned_urls"][0], store.server.secret_key)
        == query(session["presigned_urls"][0])["X-Amz-Signature"]
    )


def test_a_session_token_is_in_the_url(launch: Launch, connect: Connect, store: Store) -> None:
    token = "token/with+odd=characters"
    requester = connect(launch(AWS_SESSION_TOKEN=token))
    url = requester.request("start", requests.start()).expect("upload.started")["presigned_urls"][0]
    assert query(url)["X-Amz-Security-Token"] == token
    assert signature(url, store.server.secret_key) == query(url)["X-Amz-Signature"]
