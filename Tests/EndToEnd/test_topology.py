"""What the worker declares, and when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

from harness import requests
from harness.requester import Requester, wait_until_consumed
from harness.servers import BrokerServer
from harness.topology import KINDS, Topology
from harness.types import Connect, Launch, Settings
from harness.worker import Worker, run

Rows = dict[str, dict[str, Any]]

WORKER_SETTINGS = {"RETRY_DELAYS": "500ms,2s,1m"}
AT_LEAST_ONCE = {"x-queue-type": "quorum", "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}


@pytest.fixture(scope="module")
def topology(worker: Worker) -> Topology:
    return worker.topology


@pytest.fixture(scope="module")
def queues(broker: BrokerServer, topology: Topology) -> Rows:
    return named(broker.table("list_queues", "name", "type", "durable", "auto_delete", "arguments"), topology)


@pytest.fixture(scope="module")
def exchanges(broker: BrokerServer, topology: Topology) -> Rows:
    return named(broker.table("list_exchanges", "name", "type", "durable", "auto_delete"), topology)


@pytest.fixture(scope="module")
def bindings(broker: BrokerServer, worker: Worker) -> set[tuple[str, str, str]]:
    assert worker.is_running
    rows = broker.table("list_bindings", "source_name", "destination_name", "routing_key")
    return {(row["source_name"], row["destination_name"], row["routing_key"]) for row in rows}


def named(rows: list[dict[str, Any]], topology: Topology) -> Rows:
    return {row["name"]: row for row in rows if row["name"].split(".")[0] == topology.prefix}


def arguments(row: dict[str, Any]) -> dict[str, Any]:
    """A queue's arguments: a list of [name, type, value], or, in later versions, an object."""
    given = row["arguments"]
    return dict(given) if isinstance(given, dict) else {name: value for name, _, value in given}


def test_every_queue_is_a_durable_quorum_queue(queues: Rows, topology: Topology) -> None:
    assert set(queues) == set(topology.queues)
    assert {(row["type"], row["durable"], row["auto_delete"]) for row in queues.values()} == {("quorum", True, False)}


def test_exchanges(exchanges: Rows, topology: Topology) -> None:
    kinds = {name: row["type"] for name, row in exchanges.items()}
    fanouts = [*topology.retries, topology.dead]
    assert kinds == {topology.exchange: "direct", topology.results: "topic", **dict.fromkeys(fanouts, "fanout")}
    assert all(row["durable"] and not row["auto_delete"] for row in exchanges.values())


def test_bindings(bindings: set[tuple[str, str, str]], topology: Topology) -> None:
    for kind in KINDS:
        assert (topology.exchange, topology.request_queue(kind), kind) in bindings
    assert (topology.results, topology.results, "#") in bindings
    for fanout in [*topology.retries, topology.dead]:
        assert any(source == fanout and destination == fanout for source, destination, _ in bindings)
    sources = [source for source, _, _ in bindings if source.split(".")[0] == topology.prefix]
    assert len(sources) == len(KINDS) + 1 + len(topology.retries) + 1


@pytest.mark.parametrize("kind", KINDS)
def test_request_queues_lead_to_the_dead(queues: Rows, topology: Topology, kind: str) -> None:
    given = arguments(queues[topology.request_queue(kind)])
    assert given.items() >= (AT_LEAST_ONCE | {"x-delivery-limit": 20, "x-dead-letter-exchange": topology.dead}).items()
    assert "x-message-ttl" not in given


def test_retry_queues_lead_back(queues: Rows, topology: Topology) -> None:
    for delay in topology.delays:
        given = arguments(queues[topology.retry(delay)])
        expected = AT_LEAST_ONCE | {"x-message-ttl": delay, "x-dead-letter-exchange": topology.exchange}
        assert given.items() >= expected.items()
        assert "x-dead-letter-routing-key" not in given


def test_the_dead_stay(queues: Rows, topology: Topology) -> None:
    given = arguments(queues[topology.dead])
    assert given.get("x-delivery-limit", -1) == -1
    assert not {"x-message-ttl", "x-expires", "x-max-length", "x-dead-letter-exchange"} & set(given)


def test_results_stay(queues: Rows, topology: Topology) -> None:
    assert not {"x-message-ttl", "x-expires", "x-max-length"} & set(arguments(queues[topology.results]))


def test_a_retry_comes_back_to_its_queue(requester: Requester, topology: Topology) -> None:
    body = requests.start()
    requester.publish(topology.retry(500), "start", body, reply_to=requester.replies.queue, correlation_id="c")
    requester.replies.result(correlation_id="c").expect("upload.started")


def test_the_worker_takes_from_every_request_queue_as_many_as_it_may(broker: BrokerServer, topology: Topology) -> None:
    rows = broker.table("list_consumers", "queue_name", "prefetch_count", "ack_required")
    consumers = {row["queue_name"]: row for row in rows if row["queue_name"].split(".")[0] == topology.prefix}
    assert set(consumers) == set(topology.request_queues)
    assert {(row["prefetch_count"], row["ack_required"]) for row in consumers.values()} == {(64, True)}


@pytest.fixture
def fresh(settings: Settings, broker: BrokerServer) -> Iterator[tuple[dict[str, str], Topology]]:
    """Settings of a prefix under which nothing is declared yet."""
    environment = settings()
    topology = Topology(environment["TOPOLOGY_PREFIX"])
    yield environment, topology
    broker.forget(topology, age=0)


def exists(broker: BrokerServer, queue: str) -> bool:
    with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        try:
            connection.channel().queue_declare(queue, passive=True)
        except ChannelClosedByBroker as closed:
            assert closed.reply_code == 404
            return False
        return True


def test_setup_declares_it_all_again_and_again(
    fresh: tuple[dict[str, str], Topology], broker: BrokerServer, tmp_path: Path
) -> None:
    environment, topology = fresh
    for _ in range(2):
        done = run(["setup"], environment, tmp_path)
        assert done.returncode == 0, done.stderr
    assert all(exists(broker, queue) for queue in topology.queues)
    declared = named(broker.table("list_queues", "name", "arguments"), topology)
    assert arguments(declared[topology.request_queue("start")])["x-dead-letter-exchange"] == topology.dead


def test_setup_needs_no_store(fresh: tuple[dict[str, str], Topology], broker: BrokerServer, tmp_path: Path) -> None:
    environment, topology = fresh
    done = run(["setup"], environment | {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}, tmp_path)
    assert done.returncode == 0, done.stderr
    assert exists(broker, topology.dead)


def test_setup_names_a_queue_that_is_otherwise(
    fresh: tuple[dict[str, str], Topology], broker: BrokerServer, tmp_path: Path
) -> None:
    environment, topology = fresh
    with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        connection.channel().queue_declare(topology.request_queue("abort"), durable=True)
    done = run(["setup"], environment, tmp_path)
    assert done.returncode != 0
    assert topology.request_queue("abort") in done.stderr


def test_without_declaring(
    launch: Launch, connect: Connect, fresh: tuple[dict[str, str], Topology], broker: BrokerServer, tmp_path: Path
) -> None:
    environment, topology = fresh
    assert run(["setup"], environment, tmp_path).returncode == 0
    with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        connection.channel().queue_delete(topology.retry(600_000))
    requester = connect(launch(TOPOLOGY_PREFIX=topology.prefix, DECLARE_TOPOLOGY="false"))
    requester.request("start", requests.start()).expect("upload.started")
    assert not exists(broker, topology.retry(600_000))


def test_a_queue_that_is_deleted_comes_back(launch: Launch, connect: Connect) -> None:
    worker = launch()
    requester = connect(worker)
    requester.channel.queue_delete(requester.topology.request_queue("start"))
    wait_until_consumed(requester, worker)
    requester.request("start", requests.start()).expect("upload.started")
