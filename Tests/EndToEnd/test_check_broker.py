"""`upload-worker check` and the broker: reachable, permitted, as declared; and nothing changed by looking."""

from __future__ import annotations

import re
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from harness.checking import Checker
from harness.operator import Operator
from harness.schemas import Schemas
from harness.servers import BrokerServer, script
from harness.topology import Topology
from harness.types import Settings
from harness.waiting import until
from harness.worker import run

Restrict = Callable[..., str]

RIGHTS = ("configure", "write", "read")
AT_LEAST_ONCE = {"x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}


@pytest.fixture
def check(tmp_path: Path, schemas: Schemas) -> Checker:
    return Checker(tmp_path, schemas)


@pytest.fixture
def restricted(broker: BrokerServer) -> Iterator[Restrict]:
    """The broker's URL for a new user of whom each right is a pattern: all by default."""
    users: list[str] = []

    def make(**patterns: str) -> str:
        users.append(f"user-{uuid.uuid4().hex[:8]}")
        broker.rabbitmqctl("add_user", users[-1], "sesame")
        broker.rabbitmqctl("set_permissions", users[-1], *(patterns.get(right, ".*") for right in RIGHTS))
        return with_login(broker.url, users[-1], "sesame")

    yield make
    for user in users:
        broker.rabbitmqctl("delete_user", user)


def with_login(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}"))


def contents(broker: BrokerServer, prefix: str) -> set[tuple[str, ...]]:
    """Everything of the broker that begins with the prefix, and how many messages are there."""
    queues = broker.table("list_queues", "name", "messages", "arguments", "durable", "consumers")
    exchanges = broker.table("list_exchanges", "name", "type", "arguments")
    bindings = broker.table("list_bindings", "source_name", "destination_name", "routing_key")
    rows = [tuple(str(value) for value in row.values()) for row in [*queues, *exchanges, *bindings]]
    return {row for row in rows if any(prefix in value for value in row)}


def test_everything_as_declared(operator: Operator, check: Checker, broker: BrokerServer) -> None:
    for queue in operator.topology.queues:
        operator.put(queue)
    queues = operator.topology.queues
    counts = lambda: {row["name"]: row["messages"] for row in broker.table("list_queues", "name", "messages")}
    until(lambda: all(counts()[queue] == 1 for queue in queues), "the broker to count the messages", 30)
    before = contents(broker, operator.topology.prefix)
    report = check(operator.environment)
    report.expect_all_ok("broker", "database", "settings")
    report.expect("broker.version", "ok", "RabbitMQ")
    report.expect("broker.tls", "ok", "no TLS")
    report.expect("broker.topology", "ok", "17")
    assert contents(broker, operator.topology.prefix) == before


def test_nothing_is_declared_by_looking(settings: Settings, check: Checker, broker: BrokerServer) -> None:
    environment = settings()
    report = check(environment)
    report.expect("broker.topology", "ok", environment["TOPOLOGY_PREFIX"], "14 more", "upload-worker run")
    report.expect_all_ok("broker.configure", "broker.read", "broker.write")
    assert report.status == 0
    strict = check(environment | {"DECLARE_TOPOLOGY": "false"})
    strict.expect("broker.topology", "failure", "upload-worker setup")
    assert not contents(broker, environment["TOPOLOGY_PREFIX"])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (lambda url: "amqp://someone:sesame@127.0.0.1:1", ["unreachable", "127.0.0.1:1"]),
        (lambda url: with_login(url, urlsplit(url).username or "", "sesame"), ["login refused", "user and password"]),
        (lambda url: urlunsplit(urlsplit(url)._replace(path="/elsewhere")), ["virtual host refused"]),
        (lambda url: "amqp://someone:sesame@no-such-host.invalid", ["host not found"]),
    ],
    ids=["down", "password", "vhost", "host"],
)
def test_a_broker_that_cannot_be_used(
    settings: Settings, check: Checker, broker: BrokerServer, changed: Callable[[str], str], words: list[str]
) -> None:
    report = check(settings(AMQP_URL=changed(broker.url)))
    report.expect("broker.connection", "failure", *words)
    assert [row["name"] for row in report.all("broker")] == ["broker.connection"]
    report.expect_all_ok("store.multipart", "database")


def test_one_broker_of_two(settings: Settings, check: Checker, broker: BrokerServer) -> None:
    report = check(settings(AMQP_URL=f"amqp://someone:sesame@127.0.0.1:1,{broker.url}"))
    assert [row["status"] for row in report.all("broker.connection")] == ["warning", "ok"]
    report.expect_all_ok("broker.configure", "broker.read", "broker.write")


def test_a_broker_that_says_nothing(settings: Settings, check: Checker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"amqp://someone:sesame@127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        report = check(settings(AMQP_URL=url), "--timeout", "1s", timeout=20)
    assert time.monotonic() - began < 10
    report.expect("broker.connection", "failure", "timed out")
    report.expect_all_ok("store.multipart", "database")


@pytest.mark.parametrize("right", RIGHTS)
def test_a_right_that_is_missing(operator: Operator, check: Checker, restricted: Restrict, right: str) -> None:
    url = restricted(**{right: "^$"})
    report = check(operator.environment | {"AMQP_URL": url})
    row = report.expect(f"broker.{right}", "failure", operator.topology.prefix, "set_permissions")
    assert urlsplit(url).username in row["detail"]
    for other in set(RIGHTS) - {right}:
        report.expect(f"broker.{other}", "ok")
    report.expect("broker.topology", "ok")


def test_a_right_that_is_missing_for_one_thing(operator: Operator, check: Checker, restricted: Restrict) -> None:
    prefix = operator.topology.prefix
    url = restricted(read=rf"^{prefix}\.(start|complete|resume)$", write=rf"^{prefix}\..*$")
    report = check(operator.environment | {"AMQP_URL": url, "DECLARE_TOPOLOGY": "false"})
    report.expect("broker.read", "failure", f"queue {prefix}.abort")
    assert f"{prefix}.start" not in report.one("broker.read")["detail"]
    report.expect("broker.write", "failure", "exchange amq.default")


@pytest.mark.parametrize("is_there", [False, True], ids=["nothing there yet", "all there"])
@pytest.mark.parametrize(
    ("right", "name", "resource", "is_for_declaring_alone"),
    [
        ("configure", "{}", "exchange {}", False),
        ("configure", "{}.dead", "exchange {}.dead", False),
        ("configure", "{}.retry.1000", "exchange {}.retry.1000", False),
        ("write", "{}.start", "queue {}.start", False),
        ("write", "{}.abort", "queue {}.abort", False),
        ("write", "{}", "exchange {}", True),
        ("read", "{}", "exchange {}", False),
        ("read", "{}.results", "exchange {}.results", False),
        ("read", "{}.dead", "exchange {}.dead", False),
        ("read", "{}.retry.1000", "{}.retry.1000", False),
    ],
)
def test_a_right_that_declaring_needs(
    settings: Settings,
    check: Checker,
    restricted: Restrict,
    broker: BrokerServer,
    tmp_path: Path,
    right: str,
    name: str,
    resource: str,
    is_for_declaring_alone: bool,
    is_there: bool,
) -> None:
    """Whatever keeps `run` from starting is what `check` says, and nothing else is."""
    environment = settings(HTTP_PORT="0", LOG_LEVEL="critical")
    prefix = environment["TOPOLOGY_PREFIX"]
    if is_there:
        assert run(["setup"], environment, tmp_path).returncode == 0
    denied = re.escape(name.format(prefix))
    environment["AMQP_URL"] = restricted(**{right: f"^(?!{denied}$).*$"})
    report = check(environment)
    is_needed = not (is_there and is_for_declaring_alone)
    report.expect(f"broker.{right}", "failure" if is_needed else "ok", *([resource.format(prefix)] * is_needed))
    for other in set(RIGHTS) - {right}:
        report.expect(f"broker.{other}", "ok")
    if is_needed:
        done = run(["run"], environment, tmp_path)
        assert done.returncode == 78
        assert f"'{name.format(prefix)}'" in done.stderr
    broker.forget(Topology(prefix))


def test_a_worker_that_need_not_configure(operator: Operator, check: Checker, restricted: Restrict) -> None:
    environment = operator.environment | {"AMQP_URL": restricted(configure="^$"), "DECLARE_TOPOLOGY": "false"}
    report = check(environment)
    report.expect_all_ok("broker")
    operator.channel.queue_delete(operator.topology.request_queue("abort"))
    check(environment).expect("broker.topology", "failure", operator.topology.request_queue("abort"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"x-queue-type": "classic"}, ["x-dead-letter-exchange", "current is none"]),
        (AT_LEAST_ONCE | {"x-queue-type": "quorum", "x-delivery-limit": 5}, ["x-delivery-limit", "'20'", "'5'"]),
    ],
    ids=["classic", "limit"],
)
def test_a_queue_that_is_otherwise(
    operator: Operator, check: Checker, arguments: dict[str, Any], words: list[str]
) -> None:
    queue = operator.topology.request_queue("abort")
    operator.channel.queue_delete(queue)
    if "x-overflow" in arguments:
        arguments = arguments | {"x-dead-letter-exchange": operator.topology.dead}
    operator.channel.queue_declare(queue, durable=True, arguments=arguments)
    operator.put(queue)
    report = check(operator.environment)
    report.expect("broker.topology", "failure", f"queue {queue}", *words)
    same = operator.channel.queue_declare(queue, durable=True, arguments=arguments)
    assert same.method.message_count == 1


def test_two_things_that_are_otherwise(operator: Operator, check: Checker) -> None:
    topology = operator.topology
    operator.channel.exchange_delete(topology.results)
    operator.channel.exchange_declare(topology.results, "direct", durable=True)
    operator.channel.queue_delete(topology.retry(1_000))
    operator.channel.queue_declare(topology.retry(1_000), durable=True)
    rows = check(operator.environment).all("broker.topology")
    assert {row["status"] for row in rows} == {"failure"}
    details = " ".join(row["detail"] for row in rows)
    assert f"exchange {topology.results}" in details and "'topic'" in details
    assert f"queue {topology.retry(1_000)}" in details


@pytest.fixture(scope="module")
def own(short_directory: Path) -> Iterator[dict[str, str]]:
    """A broker of this module alone, with a TLS listener."""
    directory = short_directory / "check-broker"
    said = script("start-broker", directory, "--tls")
    yield said
    BrokerServer(said["AMQP_URL"], said["AMQP_CTL"], directory).stop()


def test_tls(settings: Settings, check: Checker, own: dict[str, str]) -> None:
    report = check(settings(AMQP_URL=own["AMQPS_URL"], AMQP_CA_FILE=own["AMQP_CA_FILE"]))
    report.expect("broker.connection", "ok", "amqps://")
    report.expect("broker.tls", "ok", "verified")
    report = check(settings(AMQP_URL=own["AMQPS_URL"]))
    report.expect("broker.connection", "failure", "certificate", "AMQP_CA_FILE")


def test_a_broker_under_alarm(settings: Settings, check: Checker, own: dict[str, str]) -> None:
    environment = settings(AMQP_URL=own["AMQP_URL"])

    def ctl(*arguments: str) -> None:
        subprocess.run([own["AMQP_CTL"], *arguments], check=True, capture_output=True, timeout=60)

    ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        report = check(environment)
    finally:
        ctl("set_vm_memory_high_watermark", "0.4")
    report.expect("broker.connection", "failure", "takes no messages", "rabbitmqctl status")
    report.expect_all_ok("broker.configure", "broker.read", "store.multipart")


def test_a_message_that_waits_is_not_touched(operator: Operator, check: Checker) -> None:
    """Reading is asked for without a consumer that could be given anything: the delivery count stays."""
    queue = operator.topology.request_queue("start")
    operator.put(queue, b"waiting")
    check(operator.environment).expect("broker.read", "ok")
    method, properties, body = operator.channel.basic_get(queue, auto_ack=True)
    assert (body, method.redelivered) == (b"waiting", False)
    assert properties.headers.get("x-delivery-count", 0) == 0


def test_no_connection_stays(operator: Operator, check: Checker, broker: BrokerServer) -> None:
    check(operator.environment)
    assert "upload-worker check" not in str(broker.table("list_connections", "client_properties"))
