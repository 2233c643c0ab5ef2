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
        rights = ", ".join(binary(patterns.get(right, ".*")) for right in RIGHTS)
        evaluate(
            f'rabbit_auth_backend_internal:add_user({binary(users[-1])}, <<"sesame">>, <<"test">>), '
            f'rabbit_auth_backend_internal:set_permissions({binary(users[-1])}, <<"/">>, {rights}, <<"test">>).'
        )
        return with_login(broker.url, users[-1], "sesame")

    def evaluate(expression: str) -> None:
        """One call for everything: each takes more than a second."""
        assert broker.rabbitmqctl("eval", expression).strip() == "ok"

    yield make
    names = ", ".join(map(binary, users))
    evaluate(f'lists:foreach(fun(User) -> rabbit_auth_backend_internal:delete_user(User, <<"test">>) end, [{names}]).')


def binary(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'<<"{escaped}">>'


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


@pytest.fixture(scope="module")
def declared(broker: BrokerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    """A topology that stays for the module: a broker that makes and deletes many in no time loses the process that serves
    their dead-letter exchanges."""
    topology = Topology(f"t-{uuid.uuid4().hex[:12]}")
    directory = tmp_path_factory.mktemp("declared")
    done = run(["setup"], {"AMQP_URL": broker.url, "TOPOLOGY_PREFIX": topology.prefix}, directory)
    assert done.returncode == 0, done.stderr
    yield topology
    broker.forget(topology)


NEEDED_TO_DECLARE = [
    ("configure", "{}", "exchange {}"),
    ("configure", "{}.dead", "exchange {}.dead"),
    ("configure", "{}.retry.1000", "exchange {}.retry.1000"),
    ("write", "{}.start", "queue {}.start"),
    ("write", "{}.abort", "queue {}.abort"),
    ("write", "{}", "exchange {}"),
    ("read", "{}", "exchange {}"),
    ("read", "{}.results", "exchange {}.results"),
    ("read", "{}.dead", "exchange {}.dead"),
    ("read", "{}.retry.1000", "{}.retry.1000"),
]
NEEDED_AT_FIRST_ALONE = ("write", "{}")
"""For queues that name the exchange as their dead-letter exchange, when they are made."""


@pytest.mark.parametrize(("right", "name", "resource"), NEEDED_TO_DECLARE)
def test_a_right_that_declaring_needs(
    settings: Settings, check: Checker, restricted: Restrict, declared: Topology, right: str, name: str, resource: str
) -> None:
    """Whether all is there or nothing yet, that right is told of, and no other."""
    for prefix in (declared.prefix, f"{declared.prefix}-other"):
        url = restricted(**{right: f"^(?!{re.escape(name.format(prefix))}$).*$"})
        report = check(settings(AMQP_URL=url, TOPOLOGY_PREFIX=prefix))
        if prefix == declared.prefix and (right, name) == NEEDED_AT_FIRST_ALONE:
            report.expect_all_ok("broker")
            continue
        report.expect(f"broker.{right}", "failure", resource.format(prefix))
        for other in set(RIGHTS) - {right}:
            report.expect(f"broker.{other}", "ok")


@pytest.mark.parametrize(("right", "name"), [("configure", "{}.dead"), ("write", "{}.start"), ("read", "{}.results")])
def test_a_worker_does_not_start_without(
    settings: Settings, restricted: Restrict, declared: Topology, tmp_path: Path, right: str, name: str
) -> None:
    denied = name.format(declared.prefix)
    url = restricted(**{right: f"^(?!{re.escape(denied)}$).*$"})
    environment = settings(AMQP_URL=url, TOPOLOGY_PREFIX=declared.prefix, HTTP_PORT="0", LOG_LEVEL="critical")
    done = run(["run"], environment, tmp_path)
    assert done.returncode == 78
    assert f"'{denied}'" in done.stderr


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
