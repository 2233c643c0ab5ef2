"""Metrics of what seldom happens: each is caused, and its value read."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from harness import requests
from harness.gate import StoreGate
from harness.metrics import samples, shown, value
from harness.requester import Requester
from harness.servers import BrokerServer
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

PUBLICATIONS = "upload_worker_publications_total"
CONFIRMS = "upload_worker_publish_confirm_duration_seconds"
WAITING = "upload_worker_dead_letters_waiting"


@pytest.fixture
def broker_gate(broker: BrokerServer) -> Iterator[StoreGate]:
    with StoreGate(broker.url) as gate:
        yield gate


@pytest.fixture
def behind(launch: Launch, broker: BrokerServer, broker_gate: StoreGate, gate: StoreGate) -> Worker:
    """A worker with a gate before its broker, and one before its store."""
    url = urlsplit(broker.url)
    login = url.netloc.rpartition("@")[0]
    own = url._replace(netloc=f"{login}@{urlsplit(broker_gate.endpoint).netloc}")
    return launch(AMQP_URL=own.geturl(), AWS_ENDPOINT_URL_S3=gate.endpoint)


@pytest.fixture
def asking(behind: Worker, broker: BrokerServer, connect: Connect) -> Requester:
    """A requester on a road of its own."""
    behind.environment["AMQP_URL"], own = broker.url, behind.environment["AMQP_URL"]
    requester = connect(behind)
    behind.environment["AMQP_URL"] = own
    return requester


def test_a_worker_that_was_killed(behind: Worker, asking: Requester, gate: StoreGate) -> None:
    gate.hold_requests()
    asking.send("start", requests.start(), correlation_id="again")
    gate.wait_for_held(1)
    behind.kill()
    gate.hang_up()
    behind.start().wait_until_ready()
    asking.replies.result(correlation_id="again").expect("upload.started")
    name = "upload_worker_redeliveries_total"
    until(lambda: value(behind, name, request="start") == 1, "the redelivery")
    assert {s.labels["request"]: s.value for s in samples(behind) if s.name == name} == {
        "start": 1, "complete": 0, "resume": 0, "abort": 0
    }  # fmt: skip
    asking.request("start", requests.start()).expect("upload.started")
    total = "upload_worker_requests_total"
    until(lambda: value(behind, total, request="start", outcome="upload.started") == 2, "the second")
    assert value(behind, name, request="start") == 1


def test_a_result_that_goes_elsewhere(behind: Worker, asking: Requester) -> None:
    asking.send("start", requests.start(), reply_to=f"nobody-{uuid.uuid4()}")
    asking.inbox(asking.topology.results).result().expect("upload.started")
    until(lambda: value(behind, PUBLICATIONS, outcome="confirmed") == 1, "the confirm at the second address")
    assert value(behind, PUBLICATIONS, outcome="returned") == 1
    assert value(behind, "upload_worker_requests_put_back_total") == 0


def test_a_result_that_no_queue_takes(behind: Worker, asking: Requester) -> None:
    asking.channel.queue_delete(asking.topology.results)
    asking.send("start", requests.start(), reply_to=None)
    until(lambda: asking.exists(asking.topology.results), "the queue")
    asking.inbox(asking.topology.results).result().expect("upload.started")
    until(lambda: value(behind, PUBLICATIONS, outcome="confirmed") == 1, "the confirm")
    assert value(behind, PUBLICATIONS, outcome="returned") == 1
    assert value(behind, "upload_worker_requests_put_back_total") == 1
    until(lambda: value(behind, "upload_worker_redeliveries_total", request="start") == 1, "the redelivery")


def test_a_confirm_that_takes_long(behind: Worker, asking: Requester, gate: StoreGate, broker_gate: StoreGate) -> None:
    gate.hold_requests()
    asking.send("start", requests.start(), correlation_id="slow")
    gate.wait_for_held(1)
    broker_gate.hold_further_answers()
    gate.open()
    asking.replies.result(correlation_id="slow").expect("upload.started")
    since = time.monotonic()
    until(lambda: time.monotonic() > since + 0.6, "some time without the confirm")
    assert value(behind, f"{CONFIRMS}_count") == 0
    broker_gate.open()
    until(lambda: value(behind, f"{CONFIRMS}_count") == 1, "the confirm")
    assert 0.6 <= value(behind, f"{CONFIRMS}_sum") < time.monotonic() - since + 1
    assert value(behind, f"{CONFIRMS}_bucket", le="0.5") == 0
    assert value(behind, f"{CONFIRMS}_bucket", le="60") == 1
    duration = "upload_worker_request_duration_seconds_sum"
    until(lambda: value(behind, duration, request="start") >= 0.6, "the request, which waits for it")


def test_connections_that_are_lost(behind: Worker, asking: Requester, broker_gate: StoreGate) -> None:
    def reconnects() -> dict[str, float]:
        name = "upload_worker_broker_reconnects_total"
        return {s.labels["connection"]: s.value for s in samples(behind) if s.name == name}

    assert reconnects() == {"consumer": 0, "publisher": 0, "direct_replies": 0}
    broker_gate.hang_up()
    until(lambda: reconnects() == {"consumer": 1, "publisher": 1, "direct_replies": 1}, "each of them again")
    asking.request("start", requests.start()).expect("upload.started")


def test_dead_letters_that_wait(behind: Worker, asking: Requester, broker_gate: StoreGate) -> None:
    until(lambda: shown(behind, WAITING) == 0, "the empty queue", 30)
    for _ in range(2):
        asking.exchange("abort", "{").expect_failure(400, "malformed_message")
    until(lambda: shown(behind, WAITING) == 2, "two dead letters", 30)
    asking.channel.queue_purge(asking.topology.dead)
    until(lambda: shown(behind, WAITING) == 0, "none", 30)
    broker_gate.close()
    until(lambda: shown(behind, WAITING) is None, "no sample without a broker")
    assert 'upload_worker_broker_connection_up{connection="publisher"} 0' in behind.status("/metrics")[1]
