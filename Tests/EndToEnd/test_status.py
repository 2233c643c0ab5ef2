"""The status pages, and the end of the process."""

from __future__ import annotations

import pytest

from harness import requests
from harness.gate import StoreGate
from harness.ports import is_free
from harness.requester import wait_until_consumed
from harness.store import Store
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

CONDITIONS = {"consuming", "broker", "store", "database"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_worker_that_is_well(worker: Worker, path: str) -> None:
    assert worker.status(path)[0] == 200


@pytest.mark.parametrize("path", ["/", "/health", "/readyz/", "/../etc/passwd", "/healthz%00"])
def test_other_paths(worker: Worker, path: str) -> None:
    assert worker.status(path)[0] == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/readyz?verbose", "/metrics"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_methods_and_types(worker: Worker, path: str, method: str) -> None:
    response = worker.fetch(path, method)
    assert response.status == 200
    kind = "text/plain" if path == "/metrics" else "application/json"
    assert response.headers["Content-Type"].split(";")[0] == kind
    assert bool(response.data) is (method == "GET")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods(worker: Worker, method: str) -> None:
    assert worker.fetch("/healthz", method).status in (404, 405)


def test_what_a_ready_worker_says(worker: Worker) -> None:
    page = worker.fetch("/readyz").json()
    assert (page["status"], page["reasons"]) == ("ready", [])
    assert page["checks"] == {name: {"ok": True} for name in CONDITIONS}


def test_a_store_that_is_away_while_nobody_asks_for_anything(launch: Launch, store: Store) -> None:
    with StoreGate(store.server.endpoint) as gate:
        worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint)
        gate.fail(503, "ServiceUnavailable")
        until(lambda: worker.status("/readyz")[0] == 503, "not ready", timeout=60)
        assert set(worker.unmet) == {"store"}
        assert "ServiceUnavailable" in worker.unmet["store"]
        assert worker.status("/healthz")[0] == 200
        gate.open()
        worker.wait_until_ready()


def test_queues_that_are_missing(launch: Launch) -> None:
    worker = launch(DECLARE_TOPOLOGY="false", is_awaited=False)
    until(lambda: worker.status("/readyz")[0] == 503 and "missing queues" in worker.status("/readyz")[1], "not ready")
    assert set(worker.unmet) == {"consuming"}
    assert worker.topology.request_queue("abort") in worker.unmet["consuming"]


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
