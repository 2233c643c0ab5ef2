"""Lost connections, a broker that restarts or crashes, a worker that is killed: no request is lost.

A gate holds the worker's calls to the store, so that a fault strikes while requests are in hand.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import requests
from harness.gate import StoreGate
from harness.persistence import Errands
from harness.requester import Requester
from harness.servers import BrokerServer
from harness.store import Store
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

IN_HAND = 8  # requests waiting at the gate, at least, when the fault strikes


@pytest.fixture(scope="module")
def own_broker(short_directory: Path) -> Iterator[BrokerServer]:
    """A broker that may be restarted: nobody else uses it."""
    server = BrokerServer.started(short_directory / "own-broker")
    yield server
    server.stop()


@pytest.fixture
def worker(launch: Launch, own_broker: BrokerServer, gate: StoreGate) -> Worker:
    return launch(AMQP_URL=own_broker.url, AWS_ENDPOINT_URL_S3=gate.endpoint)


def starts(count: int) -> list[dict[str, object]]:
    return [requests.start(part_count=2) for _ in range(count)]


def expect_all_started(errands: Errands, requester: Requester) -> None:
    results = errands.take_all(requester.inbox(requester.topology.results))
    for result in results:
        result.expect("upload.started")
    assert len({result["upload_id"] for result in results}) == len(results)


def close_all_connections(broker: BrokerServer) -> None:
    broker.rabbitmqctl("close_all_connections", "a test")


def restart(broker: BrokerServer) -> None:
    broker.stop()
    broker.start_again()


def crash(broker: BrokerServer) -> None:
    broker.kill()
    broker.start_again()


@pytest.mark.parametrize("fault", [close_all_connections, restart, crash])
def test_the_broker_goes_away_during_200_requests(
    worker: Worker,
    connect: Connect,
    own_broker: BrokerServer,
    gate: StoreGate,
    fault: Callable[[BrokerServer], None],
) -> None:
    quorum_queues_are_safe = time.monotonic() + 2  # the broker's own limit: a crash sooner may lose them
    errands = Errands()
    gate.hold_requests()
    errands.send(connect(worker), "start", starts(200))
    gate.wait_for_held(IN_HAND)
    until(lambda: time.monotonic() > quorum_queues_are_safe, "the broker to have its queues on disk")
    fault(own_broker)
    gate.open()

    expect_all_started(errands, connect(worker))
    assert worker.is_running


def test_connections_are_closed_again_and_again(worker: Worker, connect: Connect, own_broker: BrokerServer) -> None:
    errands = Errands()
    for _ in range(3):
        errands.send(connect(worker), "start", starts(70))
        close_all_connections(own_broker)
    expect_all_started(errands, connect(worker))


def test_status_while_the_broker_is_away(worker: Worker, connect: Connect, own_broker: BrokerServer) -> None:
    own_broker.stop()
    _, reasons = until(lambda: found if (found := worker.status("/readyz"))[0] == 503 else None, "not ready")
    assert reasons.strip()
    until(lambda: set(worker.unmet) == {"consuming", "broker"}, "both conditions")
    assert 'upload_worker_broker_connection_up{connection="publisher"} 0' in worker.status("/metrics")[1]
    assert worker.status("/healthz")[0] == 200
    own_broker.start_again()
    worker.wait_until_ready()
    connect(worker).request("start", requests.start()).expect("upload.started")


def test_an_alarm_that_blocks_publishers(
    worker: Worker, connect: Connect, own_broker: BrokerServer, gate: StoreGate
) -> None:
    requester = connect(worker)
    errands = Errands()
    gate.hold_requests()
    errands.send(requester, "start", starts(50))
    gate.wait_for_held(IN_HAND)
    own_broker.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")
    gate.open()
    own_broker.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1GB")
    expect_all_started(errands, connect(worker))


BLOCKED_FOR_LONG = 40  # seconds: the worker waits 20 before it stops taking requests


@pytest.fixture
def blocked(
    launch: Launch, connect: Connect, own_broker: BrokerServer, gate: StoreGate
) -> Iterator[tuple[Worker, Requester, Errands]]:
    """A worker whose results the broker does not take, with requests in hand and more in their queue."""
    worker = launch(AMQP_URL=own_broker.url, AWS_ENDPOINT_URL_S3=gate.endpoint, PREFETCH=str(IN_HAND))
    requester = connect(worker)
    errands = Errands()
    gate.hold_requests()
    errands.send(requester, "start", starts(IN_HAND * 3))
    gate.wait_for_held(IN_HAND)
    own_broker.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")
    gate.open()
    until(lambda: "cannot publish" in worker.status("/readyz")[1], "the alarm to be noticed", timeout=30)
    yield worker, requester, errands
    end_alarm(own_broker)


def end_alarm(broker: BrokerServer) -> None:
    broker.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1GB")


@pytest.mark.timeout(180)
def test_nothing_is_taken_while_nothing_can_be_published(
    blocked: tuple[Worker, Requester, Errands], connect: Connect, own_broker: BrokerServer
) -> None:
    worker, requester, errands = blocked
    queue = requester.topology.request_queue("start")
    until(lambda: "consuming" in worker.unmet, "requests not to be taken any more", BLOCKED_FOR_LONG)
    assert "upload_worker_taking_requests 0" in worker.status("/metrics")[1]
    until(lambda: queue not in own_broker.rabbitmqctl("list_consumers", "queue_name"), "the end of consumption")
    assert requester.ready_count(queue) == IN_HAND * 2
    end_alarm(own_broker)
    worker.wait_until_ready()
    expect_all_started(errands, connect(worker))


@pytest.mark.timeout(180)
def test_sigterm_finishes_what_could_not_be_published(
    blocked: tuple[Worker, Requester, Errands], own_broker: BrokerServer
) -> None:
    worker, requester, errands = blocked
    until(lambda: "consuming" in worker.unmet, "requests not to be taken any more", BLOCKED_FOR_LONG)
    assert worker.process is not None
    worker.process.terminate()
    until(lambda: '"Stopping"' in worker.log, "the signal to be heard")
    end_alarm(own_broker)
    assert worker.wait() == 0
    errands.take(requester.inbox(requester.topology.results), IN_HAND)
    assert requester.ready_count(requester.topology.request_queue("start")) == IN_HAND * 2


def test_the_worker_is_killed_again_and_again(worker: Worker, connect: Connect, gate: StoreGate) -> None:
    chance = random.Random(2)
    requester = connect(worker)
    inbox = requester.inbox(requester.topology.results)
    errands = Errands()
    for _ in range(8):
        seen = gate.seen
        errands.send(requester, "start", starts(25))
        gate.wait_for_requests(seen + 1)
        errands.take(inbox, chance.randrange(20))
        worker.kill()
        worker.start()
    worker.wait_until_ready()
    results = errands.take_all(inbox)
    assert {result.type for result in results} == {"upload.started"}
    # Every answer still holds: the same start gives the same upload, and its URLs are taken.
    for result in results[::20]:
        file = {"file_id": result["file_id"], "user_id": result["user_id"]}
        again = requester.request("start", requests.start(file, part_count=2)).expect("upload.started")
        assert again["upload_id"] == result["upload_id"]


def test_the_worker_is_killed_before_it_hears_the_store(worker: Worker, connect: Connect, gate: StoreGate) -> None:
    requester = connect(worker)
    errands = Errands()
    gate.hold_answers()
    errands.send(requester, "start", starts(20))
    gate.wait_for_held(IN_HAND)
    worker.kill()
    gate.open()
    worker.start().wait_until_ready()
    expect_all_started(errands, requester)


@pytest.fixture
def completes(worker: Worker, connect: Connect, store: Store) -> list[dict[str, object]]:
    """Complete requests of sessions whose only part has been sent."""
    requester = connect(worker)
    bodies = []
    for _ in range(30):
        file = requests.new_file()
        session = requester.request("start", requests.start(file)).expect("upload.started")
        parts = store.put_parts(session["presigned_urls"], [file["file_id"].encode()])
        bodies.append(requests.complete(file, session["upload_id"], parts))
    return bodies


def expect_all_completed(errands: Errands, requester: Requester, store: Store) -> None:
    for result in errands.take_all(requester.inbox(requester.topology.results)):
        assert result.expect("upload.completed")["filesize"] == 36
        assert store.object_bytes(result["key"]) == result["file_id"].encode()


def test_the_worker_is_killed_before_it_hears_of_the_object(
    worker: Worker, connect: Connect, gate: StoreGate, store: Store, completes: list[dict[str, object]]
) -> None:
    requester = connect(worker)
    errands = Errands()
    gate.hold_answers()
    errands.send(requester, "complete", completes)
    gate.wait_for_held(IN_HAND)
    worker.kill()
    gate.open()
    worker.start().wait_until_ready()
    expect_all_completed(errands, requester, store)


def test_the_worker_is_killed_while_it_completes(
    worker: Worker, connect: Connect, store: Store, completes: list[dict[str, object]]
) -> None:
    requester = connect(worker)
    errands = Errands()
    errands.send(requester, "complete", completes)
    for count in (0, 5, 1):
        errands.take(requester.inbox(requester.topology.results), count)
        worker.kill()
        worker.start().wait_until_ready()
    expect_all_completed(errands, requester, store)


def test_sigterm_finishes_what_is_in_hand(
    worker: Worker, connect: Connect, own_broker: BrokerServer, gate: StoreGate
) -> None:
    requester = connect(worker)
    queue = requester.topology.request_queue("start")
    errands = Errands()
    gate.hold_requests()
    errands.send(requester, "start", starts(20))
    gate.wait_for_held(IN_HAND)
    assert worker.process is not None
    worker.process.terminate()
    # A quorum queue counts a cancelled consumer until it has acknowledged everything; the list of consumers does not.
    until(lambda: queue not in own_broker.rabbitmqctl("list_consumers", "queue_name"), "the end of consumption")
    errands.send(requester, "start", starts(1))
    gate.open()
    assert worker.wait() == 0
    errands.take(requester.inbox(requester.topology.results), 20)
    assert len(errands.missing) == 1
    assert requester.ready_count(queue) == 1


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(
    worker: Worker, connect: Connect, gate: StoreGate, second: signal.Signals
) -> None:
    requester = connect(worker)
    errands = Errands()
    gate.hold_requests()
    errands.send(requester, "start", starts(20))
    gate.wait_for_held(IN_HAND)
    assert worker.process is not None
    worker.process.terminate()
    until(lambda: '"Stopping"' in worker.log, "the first signal to be heard")
    worker.process.send_signal(second)
    assert worker.wait(timeout=5) == 1
    gate.hang_up()
    worker.start().wait_until_ready()
    expect_all_started(errands, requester)


def test_sigterm_waits_no_longer_than_its_grace(launch: Launch, connect: Connect, gate: StoreGate) -> None:
    worker = launch(AWS_ENDPOINT_URL_S3=gate.endpoint, SHUTDOWN_GRACE="1s")
    requester = connect(worker)
    errands = Errands()
    gate.hold_requests()
    errands.send(requester, "start", starts(20))
    gate.wait_for_held(IN_HAND)
    worker.terminate(timeout=10)
    until(lambda: requester.ready_count(requester.topology.request_queue("start")) == 20, "the requests to come back")
    gate.open()
    worker.start().wait_until_ready()
    expect_all_started(errands, requester)
