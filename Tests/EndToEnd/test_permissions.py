"""The broker permissions of deploy/production.md: enough for everything, and not one less."""

from __future__ import annotations

import re
import shlex
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

from harness import requests
from harness.checking import Checker
from harness.gate import StoreGate
from harness.requester import Requester
from harness.schemas import Schemas
from harness.servers import BrokerServer
from harness.store import Store
from harness.topology import KINDS, Topology
from harness.types import Launch, Settings
from harness.waiting import until
from harness.worker import REPOSITORY, Worker, run

GUIDE = Path(REPOSITORY, "deploy/production.md")
RETRY_DELAYS = "1ms,2ms"


@dataclass(frozen=True)
class Permissions:
    configure: str
    write: str
    read: str

    def without(self, kind: str, text: str) -> Permissions:
        """The same with a part of one expression taken out."""
        before = getattr(self, kind)
        assert text in before, f"{kind} {before} has no {text}"
        return Permissions(**(vars(self) | {kind: before.replace(text, "", 1)}))


def in_guide(prefix: str, replies: str) -> dict[str, Permissions]:
    """What the guide gives to each user, under another prefix."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    found = {}
    for line in "".join(blocks).replace("\\\n", " ").splitlines():
        program, command, option, _, user, *expressions = shlex.split(line)
        assert (program, command, option) == ("rabbitmqctl", "set_permissions", "-p")
        names = [each.replace("uploads", re.escape(prefix)).replace("replies", replies) for each in expressions]
        found[user] = Permissions(*names)
    return found


NARROWER = {
    "upload-worker-serving": [("read", "|abort"), ("write", "results|")],
    "upload-worker": [("configure", "|dead"), ("write", "|complete")],
}
"""What is taken from users of the guide for a user that is not to do everything."""


class Users:
    """Users of the broker, all made with one call: `rabbitmqctl` takes seconds for each."""

    def __init__(self, broker: BrokerServer, guide: dict[str, Permissions]) -> None:
        self._broker = broker
        self._tag = f"test-{uuid.uuid4().hex[:8]}"
        given = dict(guide)
        for user, parts in NARROWER.items():
            given |= {f"{user} without {kind} {part}": guide[user].without(kind, part) for kind, part in parts}
        self._names = {user: f"{self._tag}-{number}" for number, user in enumerate(given)}
        rows = [(self._names[user], each.configure, each.write, each.read) for user, each in given.items()]
        self._eval(
            "lists:foreach(fun({User, Configure, Write, Read}) -> "
            'rabbit_auth_backend_internal:add_user(User, <<"sesame">>, <<"test">>), '
            'rabbit_auth_backend_internal:set_permissions(User, <<"/">>, Configure, Write, Read, <<"test">>) '
            f"end, [{', '.join(map(erlang, rows))}])."
        )

    def delete(self) -> None:
        names = ", ".join(binary(name) for name in self._names.values())
        self._eval(
            f'lists:foreach(fun(User) -> rabbit_auth_backend_internal:delete_user(User, <<"test">>) end, [{names}]).'
        )

    def url(self, user: str) -> str:
        """For a user of the guide, or for `USER without KIND PART`."""
        url = urlsplit(self._broker.url)
        return f"amqp://{self._names[user]}:sesame@{url.hostname}:{url.port}{url.path}"

    def _eval(self, expression: str) -> None:
        assert self._broker.rabbitmqctl("eval", expression).strip() == "ok"


def binary(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'<<"{escaped}">>'


def erlang(row: tuple[str, ...]) -> str:
    return "{" + ", ".join(binary(text) for text in row) + "}"


@pytest.fixture(scope="module")
def prefix() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def replies(prefix: str) -> str:
    return f"{prefix}-replies"


@pytest.fixture(scope="module")
def guide(prefix: str, replies: str) -> dict[str, Permissions]:
    return in_guide(prefix, replies)


@pytest.fixture(scope="module")
def users(broker: BrokerServer, guide: dict[str, Permissions]) -> Iterator[Users]:
    users = Users(broker, guide)
    yield users
    users.delete()


@pytest.fixture
def set_up(settings: Settings, users: Users, prefix: str, tmp_path: Path) -> None:
    """Everything declared, with the rights of the one who sets up."""
    environment = settings(AMQP_URL=users.url("upload-setup"), TOPOLOGY_PREFIX=prefix, RETRY_DELAYS=RETRY_DELAYS)
    done = run(["setup"], environment, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def exchange(broker: BrokerServer, replies: str) -> Iterator[str]:
    """The exchange for replies, made by the broker's administrator."""
    with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        channel = connection.channel()
        channel.exchange_declare(replies, "direct", durable=True)
        yield replies
        channel.exchange_delete(replies)


@pytest.fixture
def backend(users: Users, prefix: str, schemas: Schemas) -> Iterator[Callable[[], Requester]]:
    """A backend service with its own rights."""
    made: list[Requester] = []

    def make() -> Requester:
        topology = Topology(prefix, (1, 2))
        made.append(Requester(users.url("backend"), topology, schemas, replies="backend.replies"))
        return made[-1]

    yield make
    for requester in made:
        requester.close()


def serve_everything(requester: Requester, store: Store, gate: StoreGate, takes_direct: bool = True) -> None:
    """Every kind of request, by every road that is allowed; retries; dead letters."""
    file = requests.new_file()
    session = requester.request("start", requests.start(file)).expect("upload.started")
    requester.request("resume", requests.resume(file, session["upload_id"])).expect("upload.resumed")
    parts = store.put_parts(session["presigned_urls"], [b"x"])
    requester.request("complete", requests.complete(file, session["upload_id"], parts)).expect("upload.completed")
    other = requests.new_file()
    session = requester.request("start", requests.start(other)).expect("upload.started")
    requester.request("abort", requests.abort(other, session["upload_id"])).expect("upload.aborted")
    if takes_direct:
        requester.direct_request("start", requests.start()).expect("upload.started")
    requester.exchange("start", "{").expect_failure(400, "malformed_message")
    gate.fail(500, "InternalError")
    requester.request("start", requests.start()).expect_failure(503, "storage_unavailable")
    gate.open()


def bound_queue(broker: BrokerServer, exchange: str) -> str:
    """A queue for a service, declared and bound by the broker's administrator, gone with its consumer."""
    queue = f"backend.bound-{uuid.uuid4()}"
    with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True, auto_delete=True)
        channel.queue_bind(queue, exchange, queue)
    return queue


@pytest.mark.parametrize("user", ["upload-worker", "upload-worker-serving"])
def test_a_worker_with_the_rights_of_the_guide(
    request: pytest.FixtureRequest,
    launch: Launch,
    users: Users,
    backend: Callable[[], Requester],
    store: Store,
    prefix: str,
    user: str,
) -> None:
    declares = user == "upload-worker"
    if not declares:
        request.getfixturevalue("set_up")
    with StoreGate(store.server.endpoint) as gate:
        worker = launch(
            AMQP_URL=users.url(user),
            TOPOLOGY_PREFIX=prefix,
            DECLARE_TOPOLOGY=str(declares).lower(),
            RETRY_DELAYS=RETRY_DELAYS,
            AWS_ENDPOINT_URL_S3=gate.endpoint,
        )
        serve_everything(backend(), store, gate)
        expect_no_trouble(worker)


@pytest.mark.parametrize("user", ["upload-worker", "upload-worker-serving"])
def test_a_check_with_the_rights_of_the_guide(
    request: pytest.FixtureRequest, settings: Settings, users: Users, prefix: str, schemas: Schemas, tmp_path: Path, user: str
) -> None:
    declares = user == "upload-worker"
    if not declares:
        request.getfixturevalue("set_up")
    environment = settings(
        AMQP_URL=users.url(user),
        TOPOLOGY_PREFIX=prefix,
        DECLARE_TOPOLOGY=str(declares).lower(),
        RETRY_DELAYS=RETRY_DELAYS,
    )
    Checker(tmp_path, schemas)(environment).expect_all_ok("broker")


def expect_no_trouble(worker: Worker) -> None:
    counts = [
        f'upload_worker_dead_letters_total{{code="{code}"}} 1' for code in ("malformed_message", "storage_unavailable")
    ]
    until(lambda: all(count in worker.status("/metrics")[1] for count in counts), "both dead letters to be counted")
    _, page = worker.status("/metrics")
    for name in ("consumer", "publisher", "direct_replies"):
        assert f'upload_worker_broker_reconnects_total{{connection="{name}"}} 0' in page
    assert "ACCESS_REFUSED" not in worker.log


@pytest.mark.usefixtures("set_up")
def test_an_operator_with_the_rights_of_the_guide(
    settings: Settings,
    users: Users,
    broker: BrokerServer,
    prefix: str,
    schemas: Schemas,
    tmp_path: Path,
) -> None:
    topology = Topology(prefix, (1, 2))
    with Requester(broker.url, topology, schemas) as requester:
        for number in range(2):
            headers = {
                "upload-error-code": "storage_unavailable",
                "upload-origin-queue": topology.request_queue("start"),
            }
            requester.publish("", topology.dead, "{}", message_id=f"m-{number}", headers=headers)
        environment = settings(AMQP_URL=users.url("upload-operator"), TOPOLOGY_PREFIX=prefix)
        for arguments in (
            ["list", "--format", "json"],
            ["show", "1"],
            ["replay", "--message-id", "m-0"],
            ["drop", "--yes"],
        ):
            done = run(["dead", *arguments], environment, tmp_path)
            assert done.returncode == 0, f"{arguments}: {done.stderr}"
        until(lambda: requester.ready_count(topology.dead) == 0, "an empty queue")
        assert requester.ready_count(topology.request_queue("start")) == 1
    broker.forget(topology)


@pytest.mark.usefixtures("set_up")
def test_replies_by_an_exchange_and_nothing_by_the_default_one(
    launch: Launch,
    users: Users,
    backend: Callable[[], Requester],
    store: Store,
    broker: BrokerServer,
    prefix: str,
    exchange: str,
) -> None:
    with StoreGate(store.server.endpoint) as gate:
        worker = launch(
            AMQP_URL=users.url("upload-worker-narrow"),
            TOPOLOGY_PREFIX=prefix,
            DECLARE_TOPOLOGY="false",
            RETRY_DELAYS=RETRY_DELAYS,
            REPLY_EXCHANGE=exchange,
            REPLY_TO_PATTERN=r"backend\..+",
            AWS_ENDPOINT_URL_S3=gate.endpoint,
        )
        requester = backend()
        # Until it is bound, results for the queue go where all others go.
        with Requester(broker.url, requester.topology, requester.schemas) as administrator:
            requester.send("start", requests.start(), correlation_id="unbound")
            result = administrator.inbox(requester.topology.results).result(correlation_id="unbound")
            assert result.message.exchange == requester.topology.results
        with pytest.raises(ChannelClosedByBroker, match="refused"):
            requester.connection.channel().queue_bind(requester.replies.queue, exchange, "another service's queue")
        requester.replies = requester.inbox(bound_queue(broker, exchange))
        serve_everything(requester, store, gate, takes_direct=False)
        assert requester.request("start", requests.start()).message.exchange == exchange
        expect_no_trouble(worker)


@pytest.mark.parametrize(
    ("missing", "kind", "entity"),
    [
        ("upload-worker without configure |dead", "configure", "exchange '{}.dead'"),
        ("upload-worker without write |complete", "write", "queue '{}.complete'"),
    ],
)
def test_a_worker_that_may_not_declare(
    settings: Settings,
    users: Users,
    prefix: str,
    tmp_path: Path,
    missing: str,
    kind: str,
    entity: str,
) -> None:
    environment = settings(
        AMQP_URL=users.url(missing),
        TOPOLOGY_PREFIX=prefix,
        RETRY_DELAYS=RETRY_DELAYS,
        HTTP_PORT="0",
        LOG_LEVEL="critical",
    )
    done = run(["run"], environment, tmp_path)
    assert done.returncode == 78, done.stderr
    assert f"the {kind} permission is missing" in done.stderr
    assert entity.format(prefix) in done.stderr


@pytest.mark.usefixtures("set_up")
def test_a_worker_that_may_not_consume(launch: Launch, users: Users, prefix: str) -> None:
    worker = launch(
        AMQP_URL=users.url("upload-worker-serving without read |abort"),
        TOPOLOGY_PREFIX=prefix,
        DECLARE_TOPOLOGY="false",
        RETRY_DELAYS=RETRY_DELAYS,
        is_awaited=False,
    )
    until(lambda: "the read permission is missing" in worker.log, "the reason in the log", 30)
    assert f"queue '{prefix}.abort'" in worker.log
    until(lambda: "the read permission is missing" in worker.status("/readyz")[1], "the reason in /readyz", 30)


@pytest.mark.usefixtures("set_up")
def test_a_worker_that_may_not_publish(
    launch: Launch, users: Users, backend: Callable[[], Requester], prefix: str
) -> None:
    worker = launch(
        AMQP_URL=users.url("upload-worker-serving without write results|"),
        TOPOLOGY_PREFIX=prefix,
        DECLARE_TOPOLOGY="false",
        RETRY_DELAYS=RETRY_DELAYS,
    )
    requester = backend()
    requester.send("start", requests.start(), reply_to=None)
    until(lambda: "Request put back" in worker.log, "the failure in the log", 30)
    assert "the write permission is missing" in worker.log
    assert f"exchange '{prefix}.results'" in worker.log
    requester.request("start", requests.start()).expect("upload.started")


def test_the_guide_gives_no_more_than_the_topology(guide: dict[str, Permissions], prefix: str) -> None:
    """No expression matches a stranger's names, nor a part of a name."""
    own = Topology(prefix)
    strangers = [f"{prefix}x", f"x{prefix}", f"{prefix}.other", f"{prefix}.start.x", f"{prefix}.retry.x", "amq.gen-x"]
    for user, permissions in guide.items():
        for expression in (permissions.configure, permissions.write, permissions.read):
            assert not [name for name in strangers if re.search(expression, name)], user
    assert all(re.search(guide["upload-worker"].read, name) for name in own.queues)
    assert not [kind for kind in KINDS if re.search(guide["backend"].read, own.request_queue(kind))]
