"""Many requests at once, and one file at once."""

from __future__ import annotations

from typing import Any

from harness import requests
from harness.requester import Requester
from harness.signatures import query, signature
from harness.store import Store
from harness.topology import KINDS


def test_a_thousand_starts_of_twenty_parts(requester: Requester, store: Store) -> None:
    bodies = {f"c-{number}": requests.start(part_count=20, content_type="video/mp4") for number in range(1_000)}
    for correlation_id, body in bodies.items():
        requester.send("start", body, correlation_id=correlation_id, message_id=correlation_id)
    results = {result.correlation_id: result.expect("upload.started") for result in requester.replies.results(1_000, 110)}

    assert set(results) == set(bodies)
    assert len({result["upload_id"] for result in results.values()}) == 1_000
    urls = [url for result in results.values() for url in result["presigned_urls"]]
    assert len(set(urls)) == 20_000
    for correlation_id, result in results.items():
        assert result["file_id"] == bodies[correlation_id]["file_id"]
        for number, url in enumerate(result["presigned_urls"], start=1):
            fields = query(url)
            assert url.startswith(f"{store.server.endpoint}/{store.bucket}/{result['key']}?")
            assert (fields["partNumber"], fields["uploadId"]) == (str(number), result["upload_id"])
            assert fields["X-Amz-Signature"] == signature(url, store.server.secret_key)


def test_one_file_at_the_same_time(requester: Requester, store: Store) -> None:
    body = requests.start(part_count=2)
    for number in range(100):
        requester.send("start", body, correlation_id=f"c-{number}", message_id=f"m-{number}")
    results = [result.expect("upload.started") for result in requester.replies.results(100)]
    assert len({result["upload_id"] for result in results}) == 1
    assert store.open_uploads(results[0]["key"]) == [results[0]["upload_id"]]


def test_two_wishes_for_one_file_at_the_same_time(requester: Requester) -> None:
    file = requests.new_file()
    for number in range(60):
        requester.send("start", requests.start(file, part_count=1 + number % 2), correlation_id=f"c-{number}")
    results = requester.replies.results(60)
    started = {(result["upload_id"], result["part_count"]) for result in results if result.type == "upload.started"}
    assert len(started) == 1
    refused = [result.expect_failure(409, "file_conflict") for result in results if result.type == "upload.failed"]
    assert len(refused) == 30


def test_complete_at_the_same_time(requester: Requester, store: Store) -> None:
    file = requests.new_file()
    session = requester.request("start", requests.start(file)).expect("upload.started")
    body = requests.complete(file, session["upload_id"], store.put_parts(session["presigned_urls"], [b"x"]))
    for number in range(50):
        requester.send("complete", body, correlation_id=f"c-{number}")
    results = [result.expect("upload.completed") for result in requester.replies.results(50)]
    assert all(result.body == results[0].body for result in results)


def test_every_kind_for_one_file_at_the_same_time(requester: Requester, store: Store) -> None:
    """Whatever the order: each is answered, and complete and abort never both win."""
    for _ in range(10):
        file = requests.new_file()
        session = requester.request("start", requests.start(file)).expect("upload.started")
        parts = store.put_parts(session["presigned_urls"], [b"x"])
        bodies: dict[str, dict[str, Any]] = {
            "start": requests.start(file),
            "complete": requests.complete(file, session["upload_id"], parts),
            "resume": requests.resume(file, session["upload_id"]),
            "abort": requests.abort(file, session["upload_id"]),
        }
        for kind in KINDS:
            requester.send(kind, bodies[kind], correlation_id=kind)
        types = {result.correlation_id: result.type for result in requester.replies.results(4)}
        assert set(types) == set(KINDS)
        assert (types["complete"] == "upload.completed") != (types["abort"] == "upload.aborted")
        assert (store.head(session["key"]) is not None) == (types["complete"] == "upload.completed")
