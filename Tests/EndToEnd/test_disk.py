"""A disk that is full, read-only, or fails to sync: nothing is answered that is not stored."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import disk, requests
from harness.disk import Disk
from harness.messages import Result
from harness.metrics import value
from harness.persistence import Errands
from harness.requester import Requester
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

NOT_READY_WITHIN = 5  # seconds


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return disk.build(tmp_path_factory.mktemp("disk"))


@pytest.fixture
def faulty(library: Path, tmp_path: Path) -> Disk:
    return Disk(library, tmp_path)


@pytest.fixture
def worker(launch: Launch, faulty: Disk) -> Worker:
    return launch(**faulty.environment)


def send_starts(errands: Errands, requester: Requester, count: int) -> None:
    errands.send(requester, "start", [requests.start() for _ in range(count)])


def expect_all_stored(errands: Errands, requester: Requester, worker: Worker) -> list[Result]:
    results = errands.take_all(requester.inbox(requester.topology.results))
    worker.terminate()
    stored = disk.stored_uploads(worker.directory / "sessions.sqlite")
    assert {result.expect("upload.started")["upload_id"] for result in results} <= stored
    return results


def test_a_full_disk(worker: Worker, connect: Connect, faulty: Disk) -> None:
    requester = connect(worker)
    errands = Errands()
    send_starts(errands, requester, 5)
    errands.take(requester.inbox(requester.topology.results), 5)

    faulty.is_full()
    failing_since = time.monotonic()
    send_starts(errands, requester, 30)
    page = until(
        lambda: found if "session database" in (found := worker.status("/readyz")[1]) else None, "not ready"
    )
    assert time.monotonic() - failing_since < NOT_READY_WITHIN
    assert "the disk is full" in page
    assert "executing" not in page, "a statement of the worker's"
    assert "while executing" in worker.log
    assert worker.status("/readyz")[0] == 503
    assert not requester.inbox(requester.topology.results).waiting, "an answer that was not stored"
    send_starts(errands, requester, 100)

    pid = worker.pid
    faulty.is_mended()
    worker.wait_until_ready()
    expect_all_stored(errands, requester, worker)
    assert worker.pid == pid


def test_the_time_that_a_request_is_held_counts(worker: Worker, connect: Connect, faulty: Disk) -> None:
    requester = connect(worker)
    faulty.is_full()
    requester.send("start", requests.start(), correlation_id="held")
    until(lambda: "database" in worker.unmet, "not ready")
    since = time.monotonic()
    until(lambda: time.monotonic() > since + 1, "some time")
    faulty.is_mended()
    requester.replies.result(correlation_id="held").expect("upload.started")
    name = "upload_worker_request_duration_seconds"
    until(lambda: value(worker, f"{name}_count", request="start") == 1, "the settlement")
    assert value(worker, f"{name}_sum", request="start") >= 1


def test_a_full_disk_while_nobody_asks_for_anything(worker: Worker, faulty: Disk) -> None:
    faulty.is_full()
    until(lambda: worker.status("/readyz")[0] == 503, "not ready", NOT_READY_WITHIN)
    assert set(worker.unmet) == {"consuming", "database"}
    faulty.is_mended()
    worker.wait_until_ready()


@pytest.mark.parametrize(
    "fault",
    [Disk.is_read_only, *(lambda disk, at=at: disk.fails_to_sync(at) for at in (1, 2, 3, 7))],
    ids=["read-only", "sync-1", "sync-2", "sync-3", "sync-7"],
)
def test_a_disk_that_fails_for_good(
    worker: Worker, connect: Connect, faulty: Disk, fault: Callable[[Disk], None]
) -> None:
    requester = connect(worker)
    errands = Errands()
    fault(faulty)
    failing_since = time.monotonic()
    while worker.is_running:
        send_starts(errands, requester, 10)
        assert time.monotonic() - failing_since < 20, "the worker goes on without a database"
    assert worker.wait() not in (0, -11, -6, -4)
    assert "session database failed" in worker.log

    faulty.is_mended()
    worker.start().wait_until_ready()
    expect_all_stored(errands, requester, worker)


def test_a_disk_that_is_read_only_from_the_start(launch: Launch, faulty: Disk) -> None:
    faulty.is_read_only()
    worker = launch(is_awaited=False, **faulty.environment)
    assert worker.wait() == 78
    assert "SESSION_STORE" in worker.log
