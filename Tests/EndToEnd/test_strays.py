"""Uploads that a lost answer or a killed worker left in the store, and that no session names."""

from __future__ import annotations

import time

from harness import requests
from harness.gate import StoreGate
from harness.store import Store
from harness.types import Connect, Launch
from harness.waiting import until

LIFE = {"URL_EXPIRY": "1s", "EXPIRY_GRACE": "0s", "MIN_URL_LIFE": "0s"}


def key_of(file: dict[str, str]) -> str:
    return f"users/{file['user_id']}/{file['file_id']}"


def test_a_worker_killed_before_it_saves_the_session(
    launch: Launch, connect: Connect, store: Store, gate: StoreGate
) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint)
    requester = connect(worker)
    file = requests.new_file()
    gate.hold_answers()
    requester.send("start", requests.start(file), correlation_id="held")
    gate.wait_for_held(1)
    worker.kill()
    gate.open()
    worker.start().wait_until_ready()
    session = requester.replies.result(correlation_id="held").expect("upload.started")
    strays = set(store.open_uploads(key_of(file))) - {session["upload_id"]}
    assert len(strays) == 1, "the upload of the worker that was killed"

    worker.terminate()
    worker.environment |= LIFE
    worker.start()
    until(lambda: store.open_uploads(key_of(file)) == [session["upload_id"]], "the sweep", timeout=60)


def test_an_answer_that_is_lost(launch: Launch, connect: Connect, store: Store, gate: StoreGate) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint, **LIFE | {"URL_EXPIRY": "5s"})
    requester = connect(worker)
    file = requests.new_file()
    gate.lose_answers()
    requester.send("start", requests.start(file), correlation_id="lost")
    gate.wait_for_lost(1)
    gate.open()
    began = time.monotonic()
    session = requester.replies.result(correlation_id="lost").expect("upload.started")
    assert len(store.open_uploads(key_of(file))) >= 2, "one whose answer was lost, and the session's"
    # It could be the session of a worker with another database: its URLs may live.
    assert session["upload_id"] in store.open_uploads(key_of(file))
    until(lambda: not store.open_uploads(key_of(file)), "the sweep", timeout=60)
    assert time.monotonic() - began >= 5


def test_a_stray_that_somebody_completes(launch: Launch, connect: Connect, store: Store, gate: StoreGate) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint)
    requester = connect(worker)
    file = requests.new_file()
    gate.lose_answers()
    requester.send("start", requests.start(file), correlation_id="lost")
    gate.wait_for_lost(1)
    gate.open()
    session = requester.replies.result(correlation_id="lost").expect("upload.started")
    stray = next(each for each in store.open_uploads(key_of(file)) if each != session["upload_id"])
    requester.request("abort", requests.abort(file, session["upload_id"])).expect("upload.aborted")
    resumed = requester.request("resume", requests.resume(file, stray)).expect("upload.resumed")
    parts = store.put_parts(resumed["presigned_urls"][:1], [b"whole"])
    requester.request("complete", requests.complete(file, stray, parts)).expect("upload.completed")

    worker.terminate()
    worker.environment |= LIFE
    worker.start().wait_until_ready()
    until(lambda: not store.open_uploads(key_of(file)), "the sweep", timeout=60)
    assert store.object_bytes(key_of(file)) == b"whole"


def test_an_upload_that_a_worker_with_another_database_keeps_alive(
    launch: Launch, connect: Connect, store: Store, gate: StoreGate
) -> None:
    worker, other = launch(AWS_ENDPOINT_URL_S3=gate.endpoint), launch()
    requester = connect(worker)
    kept, left = requests.new_file(), requests.new_file()
    strays = {}
    for file in (kept, left):
        lost = gate.lost
        gate.lose_answers()
        requester.send("start", requests.start(file), correlation_id=file["file_id"])
        gate.wait_for_lost(lost + 1)
        gate.open()
        session = requester.replies.result(correlation_id=file["file_id"]).expect("upload.started")
        requester.request("abort", requests.abort(file, session["upload_id"])).expect("upload.aborted")
        strays[file["file_id"]] = store.open_uploads(key_of(file))[0]
    stray = strays[kept["file_id"]]
    resumed = connect(other).request("resume", requests.resume(kept, stray)).expect("upload.resumed")
    worker.terminate()
    # The store tells whole seconds.
    worker.environment |= LIFE | {"URL_EXPIRY": "3s"}
    worker.start()

    def sweep_came_by() -> bool:
        store.put_part(resumed["presigned_urls"][0], b"x")
        return not store.open_uploads(key_of(left))

    until(sweep_came_by, "the sweep", timeout=60)
    assert stray in store.open_uploads(key_of(kept))
    until(lambda: not store.open_uploads(key_of(kept)), "the end, since no more parts come", timeout=60)
