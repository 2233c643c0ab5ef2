"""The status pages, and the end of the process."""

from __future__ import annotations

import pytest

from harness import requests
from harness.ports import is_free
from harness.requester import wait_until_consumed
from harness.types import Connect, Launch
from harness.worker import Worker


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_worker_that_is_well(worker: Worker, path: str) -> None:
    assert worker.status(path)[0] == 200


@pytest.mark.parametrize("path", ["/", "/health", "/readyz/", "/../etc/passwd", "/healthz%00"])
def test_other_paths(worker: Worker, path: str) -> None:
    assert worker.status(path)[0] == 404


def test_sigterm_ends_with_zero(launch: Launch, connect: Connect) -> None:
    worker = launch()
    connect(worker).request("start", requests.start()).expect("upload.started")
    port = int(worker.environment["HTTP_PORT"])
    assert not is_free(port)
    assert worker.terminate() == 0
    assert is_free(port)


def test_sessions_survive_a_restart(launch: Launch, connect: Connect) -> None:
    worker = launch()
    requester = connect(worker)
    body = requests.start(part_count=2, content_type="image/png")
    first = requester.request("start", body).expect("upload.started")
    assert worker.terminate() == 0
    worker.start().wait_until_ready()
    assert requester.request("start", body).expect("upload.started")["upload_id"] == first["upload_id"]


def test_no_status_page(launch: Launch, connect: Connect) -> None:
    worker = launch(HTTP_PORT="0", is_awaited=False)
    requester = connect(worker)
    wait_until_consumed(requester, worker)
    requester.request("start", requests.start()).expect("upload.started")
    assert worker.terminate() == 0
