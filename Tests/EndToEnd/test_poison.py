"""Requests that may be what kills the worker: they run alone, and take no neighbour with them."""

from __future__ import annotations


import pytest

from harness import requests
from harness.gate import StoreGate
from harness.persistence import Errands
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

NEIGHBOURS = 30
OF_START = "?uploads"  # what only a start request asks of the store


@pytest.fixture
def worker(launch: Launch, gate: StoreGate) -> Worker:
    return launch(AWS_ENDPOINT_URL_S3=gate.endpoint)


def test_requests_delivered_again_and_again_run_alone(worker: Worker, connect: Connect, gate: StoreGate) -> None:
    requester = connect(worker)
    errands = Errands()
    gate.hold_requests(OF_START)
    errands.send(requester, "start", [requests.start() for _ in range(NEIGHBOURS)])
    for _ in range(2):
        gate.wait_for_held(NEIGHBOURS)
        worker.kill()
        gate.hang_up()
        gate.hold_requests(OF_START)
        worker.start()
    gate.wait_for_held(1)
    until(lambda: "one at a time" in worker.status("/readyz")[1], "the reason why nothing else is taken")
    until(lambda: "store" not in worker.unmet, "the worker's own look at the store")
    gate.count_at_once()
    gate.open()
    for result in errands.take_all(requester.inbox(requester.topology.results)):
        result.expect("upload.started")
    assert gate.most_at_once == 1
    worker.wait_until_ready()


def test_one_that_hangs_is_not_waited_for_in_vain(worker: Worker, connect: Connect, gate: StoreGate) -> None:
    requester = connect(worker)
    worker.terminate()
    requester.send("start", requests.start(), correlation_id="often delivered")
    channel = requester.connection.channel()
    for _ in range(3):
        taken, _, _ = channel.basic_get(requester.topology.request_queue("start"))
        channel.basic_nack(taken.delivery_tag)
    taken, _, _ = channel.basic_get(requester.topology.request_queue("start"))
    worker.start().wait_until_ready()

    hanging = requests.start()
    gate.hold_requests(naming=hanging["file_id"])
    requester.send("start", hanging)
    gate.wait_for_held(1)
    channel.basic_nack(taken.delivery_tag)
    requester.replies.result(correlation_id="often delivered").expect("upload.started")
    requester.request("start", requests.start()).expect("upload.started")


@pytest.mark.timeout(240)
def test_a_request_that_kills_its_worker_is_dead_lettered_alone(
    worker: Worker, connect: Connect, gate: StoreGate
) -> None:
    requester = connect(worker)
    errands = Errands()
    poison = requests.start()
    gate.hold_requests(naming=poison["file_id"])
    errands.send(requester, "start", [requests.start() for _ in range(NEIGHBOURS // 2)])
    requester.send("start", poison, reply_to=None, correlation_id="poison")
    errands.send(requester, "start", [requests.start() for _ in range(NEIGHBOURS // 2)])
    for _ in range(21):  # the delivery limit of 20, and the first
        gate.wait_for_held(1)
        worker.kill()
        gate.hang_up()
        gate.hold_requests(naming=poison["file_id"])
        worker.start()

    letter = requester.inbox(requester.topology.dead).message(timeout=30)
    assert letter.properties.correlation_id == "poison"
    assert letter.headers["x-first-death-reason"] == "delivery_limit"
    for result in errands.take_all(requester.inbox(requester.topology.results)):
        result.expect("upload.started")
    worker.wait_until_ready()
    assert requester.ready_count(requester.topology.dead) == 0
