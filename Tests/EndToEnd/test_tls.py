"""amqps: the broker's certificate and name are verified, and the worker shows its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import requests
from harness.requester import Requester
from harness.schemas import Schemas
from harness.servers import BrokerServer, script
from harness.types import Launch
from harness.worker import Worker

Ask = Callable[[Worker], None]


@pytest.fixture(scope="module")
def addresses(short_directory: Path) -> Iterator[dict[str, str]]:
    """What start-broker says of a broker with a TLS listener."""
    directory = short_directory / "tls-broker"
    said = script("start-broker", directory, "--tls")
    yield said
    BrokerServer(said["AMQP_URL"], said["AMQP_CTL"], directory).stop()


@pytest.fixture
def ask(addresses: dict[str, str], schemas: Schemas) -> Ask:
    """Asks a worker something over the plain listener of the same broker."""

    def start(worker: Worker) -> None:
        with Requester(addresses["AMQP_URL"], worker.topology, schemas) as requester:
            requester.request("start", requests.start()).expect("upload.started")

    return start


def tls(addresses: dict[str, str], *names: str) -> dict[str, str]:
    return {"AMQP_URL": addresses["AMQPS_URL"]} | {name: addresses[name] for name in names}


@pytest.mark.parametrize("names", [["AMQP_CA_FILE"], ["AMQP_CA_FILE", "AMQP_CERT_FILE", "AMQP_KEY_FILE"]], ids=len)
def test_a_verified_broker(launch: Launch, addresses: dict[str, str], ask: Ask, names: list[str]) -> None:
    ask(launch(**tls(addresses, *names)))


def test_a_broker_of_an_unknown_authority(launch: Launch, addresses: dict[str, str]) -> None:
    worker = launch(**tls(addresses), is_awaited=False)
    assert worker.wait() != 0
    assert "certificate" in worker.log
