"""Servers for the session, a worker for each module, a requester for each test."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from harness.database import GIVEN, Database
from harness.gate import StoreGate
from harness.operator import Operator
from harness.requester import Requester
from harness.schemas import Schemas
from harness.servers import BrokerServer, StoreServer
from harness.store import Store
from harness.types import Connect, Launch, Settings, Started
from harness.worker import Worker, run

pytest_plugins = ["harness.search"]


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Run in the background, a shell ignores it, and what the tests start would too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows the last lines of the log of every worker that the test could see."""
    report = yield
    if report.failed:
        for worker in list(Worker.running):
            report.sections.append((f"log of worker {worker.pid}", worker.log[-3_000:]))
    return report


@pytest.fixture(scope="session")
def short_directory() -> Iterator[Path]:
    """A short path, as sockets need it, in a folder that whoever runs the tests may sweep after a crash."""
    parent = Path(os.environ.get("TEST_STATE_DIR", "/tmp"))
    parent.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="e2e-", dir=parent))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def broker(short_directory: Path) -> Iterator[BrokerServer]:
    if given := BrokerServer.from_environment():
        yield given
        return
    server = BrokerServer.started(short_directory / "broker")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def store(short_directory: Path) -> Iterator[Store]:
    if given := StoreServer.from_environment():
        yield Store(given)
        return
    server = StoreServer.started(short_directory / "s3")
    yield Store(server)
    server.stop()


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    return Schemas()


@pytest.fixture(scope="session")
def settings(broker: BrokerServer, store: Store) -> Settings:
    """A whole set of settings under a prefix of its own; a value of None takes a name out."""

    def make(**changed: str | None) -> dict[str, str]:
        defaults = {
            "AMQP_URL": broker.url,
            "TOPOLOGY_PREFIX": f"t-{uuid.uuid4().hex[:12]}",
            "S3_BUCKET": store.bucket,
            "AWS_ENDPOINT_URL_S3": store.server.endpoint,
            "AWS_REGION": store.server.region,
            "AWS_ACCESS_KEY_ID": store.server.access_key,
            "AWS_SECRET_ACCESS_KEY": store.server.secret_key,
            "SESSION_STORE": "sqlite:sessions.sqlite",
            "LOG_FORMAT": "json",
            # The metadata of whatever machine runs the tests is nobody's business.
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if GIVEN and "SESSION_STORE" not in changed:
            defaults["SESSION_STORE"] = Database(GIVEN).place()
        return {name: value for name, value in (defaults | changed).items() if value is not None}

    return make


@pytest.fixture(scope="session")
def start_worker(settings: Settings) -> Callable[..., Worker]:
    """Starts a worker in a directory, and returns once it is ready, or at once where a test waits for less."""

    def start(directory: Path, *arguments: str, is_awaited: bool = True, **changed: str | None) -> Worker:
        worker = Worker(settings(**changed), directory, arguments).start()
        try:
            return worker.wait_until_ready() if is_awaited else worker
        except BaseException:
            worker.kill()
            raise

    return start


@pytest.fixture(scope="module")
def worker(
    request: pytest.FixtureRequest,
    start_worker: Callable[..., Worker],
    broker: BrokerServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    """The module's own worker, with the module's WORKER_SETTINGS."""
    changed = getattr(request.module, "WORKER_SETTINGS", {})
    with start_worker(tmp_path_factory.mktemp("worker"), **changed) as worker:
        yield worker
        worker.stop()
        broker.forget(worker.topology, worker.age)


@pytest.fixture
def requester(worker: Worker, connect: Connect) -> Requester:
    """A requester of the module's worker."""
    return connect(worker)


@pytest.fixture
def launch(start_worker: Callable[..., Worker], broker: BrokerServer, tmp_path: Path) -> Iterator[Launch]:
    """Starts further workers with settings of their own: `launch(URL_EXPIRY="1s")`."""
    with ExitStack() as workers:

        def start(*arguments: str, **options: Any) -> Worker:
            directory = Path(tempfile.mkdtemp(prefix="worker-", dir=tmp_path))
            worker = start_worker(directory, *arguments, **options)
            workers.callback(lambda: broker.forget(worker.topology, worker.age))
            return workers.enter_context(worker)

        yield start


@pytest.fixture
def connect(schemas: Schemas) -> Iterator[Connect]:
    """Requesters of any worker, closed at the end of the test."""
    with ExitStack() as requesters:
        yield lambda worker: requesters.enter_context(
            Requester(worker.environment["AMQP_URL"], worker.topology, schemas)
        )


@pytest.fixture
def started(requester: Requester) -> Started:
    """The result of a start request that must succeed."""
    return lambda body: requester.request("start", body).expect("upload.started")


@pytest.fixture
def gate(store: Store) -> Iterator[StoreGate]:
    """A way to the store that a test may close: `launch(AWS_ENDPOINT_URL_S3=gate.endpoint)`."""
    with StoreGate(store.server.endpoint) as gate:
        yield gate


@pytest.fixture
def operator(broker: BrokerServer, settings: Settings, schemas: Schemas, tmp_path: Path) -> Iterator[Operator]:
    operator = Operator(broker, settings(), tmp_path, schemas)
    done = run(["setup"], operator.environment, tmp_path)
    assert done.returncode == 0, done.stderr
    yield operator
    operator.connection.close()
    broker.forget(operator.topology, age=0)
