"""The client examples: each uploads a file, shows a refusal, and stands lost connections and results of others."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pika
import pytest

from harness import examples
from harness.examples import Example, PartStore, finished, part_store
from harness.gate import StoreGate
from harness.operator import Operator
from harness.schemas import Schemas
from harness.servers import BrokerServer
from harness.store import Store
from harness.waiting import until
from harness.worker import Worker

SIZE = 12 * 1024 * 1024
FAILED, USAGE, TRY_AGAIN = 1, 64, 75


@pytest.fixture(scope="module", params=["python", "shell", "go"])
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Example:
    if request.param == "go":
        return examples.go(tmp_path_factory.mktemp("go"))
    return examples.shell() if request.param == "shell" else examples.python()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "holiday film.mp4"
    path.write_bytes(bytes(range(256)) * (SIZE // 256))
    return path


@pytest.fixture
def client(worker: Worker) -> dict[str, str]:
    """A client has the broker's address, and nothing of the store's."""
    return {name: worker.environment[name] for name in ("AMQP_URL", "TOPOLOGY_PREFIX")}


@pytest.fixture
def parts() -> Iterator[PartStore]:
    with part_store() as store:
        yield store


@pytest.fixture
def road(broker: BrokerServer) -> Iterator[StoreGate]:
    """A gate on the road to the broker: to it, AMQP's bytes are as good as S3's."""
    address = urlsplit(broker.url)
    with StoreGate(f"http://{address.hostname}:{address.port}") as gate:
        yield gate


def through(road: StoreGate, url: str) -> str:
    address = urlsplit(url)
    return address._replace(netloc=f"{address.username}:{address.password}@{urlsplit(road.endpoint).netloc}").geturl()


def refused(done: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize(("size", "content_type"), [(SIZE, "video/mp4"), (1, None), (0, None)])
def test_uploads_a_file(
    example: Example,
    client: dict[str, str],
    video: Path,
    store: Store,
    schemas: Schemas,
    tmp_path: Path,
    size: int,
    content_type: str | None,
) -> None:
    file = tmp_path / "a file"
    file.write_bytes(video.read_bytes()[:size])
    file_id = str(uuid.uuid4())
    done = example.run(client, tmp_path, file, 42, file_id, *([content_type] if content_type else []))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    schemas.check_result(result)
    assert (result["type"], result["id"], result["filesize"]) == ("upload.completed", file_id, size)
    assert result["content_type"] == (content_type or "application/octet-stream")
    assert store.object_bytes(result["key"]) == file.read_bytes()
    assert "X-Amz-Signature" not in done.stdout + done.stderr


def test_chooses_a_file_id(example: Example, client: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "one.bin"
    file.write_bytes(b"1")
    done = example.run(client, tmp_path, file, "somebody")
    assert done.returncode == 0, done.stderr
    assert uuid.UUID(json.loads(done.stdout)["id"])


def test_says_why_a_request_is_refused(example: Example, client: dict[str, str], video: Path, tmp_path: Path) -> None:
    done = example.run(client, tmp_path, video, 42, str(uuid.uuid4()), "text/plain")
    refused(done, FAILED, "invalid_content_type", "400", "text/plain")


def test_a_completed_file_is_refused(example: Example, client: dict[str, str], tmp_path: Path) -> None:
    file, file_id = tmp_path / "one.bin", str(uuid.uuid4())
    file.write_bytes(b"1")
    assert example.run(client, tmp_path, file, 42, file_id).returncode == 0
    refused(example.run(client, tmp_path, file, 42, file_id), FAILED, "already_completed", "409")


def test_wrong_arguments(example: Example, client: dict[str, str], tmp_path: Path) -> None:
    refused(example.run(client, tmp_path, "file"), USAGE, "FILE USER_ID")
    refused(example.run({}, tmp_path, "file", 42), USAGE, "AMQP_URL")


def test_a_file_that_is_not_there(example: Example, client: dict[str, str], tmp_path: Path) -> None:
    refused(example.run(client, tmp_path, tmp_path / "nothing", 42), FAILED, "nothing")


def test_without_an_answer_it_says_so(example: Example, operator: Operator, video: Path, tmp_path: Path) -> None:
    """There are queues, and no worker."""
    environment = operator.environment | {"ANSWER_TIMEOUT": "2"}
    done = example.run(environment, tmp_path, video, 42, "waits-in-vain")
    refused(done, TRY_AGAIN, "no result", "does a worker run?", "waits-in-vain")
    assert operator.count(operator.topology.request_queue("start")) > 0


def test_without_a_topology_it_says_so(example: Example, client: dict[str, str], video: Path, tmp_path: Path) -> None:
    environment = client | {"ANSWER_TIMEOUT": "2", "TOPOLOGY_PREFIX": "nobody-declared"}
    done = example.run(environment, tmp_path, video, 42)
    refused(done, TRY_AGAIN, "no result", "NOT_FOUND")
    assert (urlsplit(client["AMQP_URL"]).password or "?") not in done.stderr


class ScriptedWorker:
    """Takes the example's requests, and answers what the test tells it to."""

    def __init__(self, operator: Operator, schemas: Schemas) -> None:
        self._operator = operator
        self._schemas = schemas

    def take(self, kind: str) -> tuple[pika.BasicProperties, dict[str, Any]]:
        """The next request of that kind, which must be a good one."""

        def arrived() -> tuple[Any, pika.BasicProperties, bytes] | None:
            method, properties, body = self._operator.channel.basic_get(queue, auto_ack=True)
            return (method, properties, body) if method else None

        queue = self._operator.topology.request_queue(kind)
        _, properties, body = until(arrived, f"a {kind} request", 30)
        assert properties.delivery_mode == 2
        assert properties.reply_to and not properties.reply_to.startswith("amq.")
        request = json.loads(body)
        assert not self._schemas.request_problems(kind, request)
        return properties, request

    def answer(self, properties: pika.BasicProperties, result: dict[str, Any], **changed: str) -> None:
        self._schemas.check_result(result)
        given = {"correlation_id": properties.correlation_id, "content_type": "application/json"} | changed
        message = pika.BasicProperties(delivery_mode=2, **given)
        self._operator.channel.basic_publish("", properties.reply_to, json.dumps(result).encode(), message, True)


def started(file_id: str, urls: list[str]) -> dict[str, Any]:
    return {
        "version": 1,
        "type": "upload.started",
        "id": file_id,
        "file_id": file_id,
        "user_id": "42",
        "upload_id": f"upload of {file_id}",
        "key": f"users/42/{file_id}",
        "part_count": len(urls),
        "content_type": "video/mp4",
        "presigned_urls": urls,
        "expires_at": "2030-01-01T00:00:00Z",
    }


def completed(file_id: str) -> dict[str, Any]:
    names = ("version", "id", "file_id", "user_id", "upload_id", "key", "content_type")
    result = {name: value for name, value in started(file_id, ["http://there/?it"]).items() if name in names}
    return result | {"type": "upload.completed", "location": "http://there/it", "etag": "e-2", "filesize": SIZE}


def test_stands_lost_connections_and_results_that_are_not_its_own(
    example: Example,
    operator: Operator,
    schemas: Schemas,
    parts: PartStore,
    road: StoreGate,
    video: Path,
    tmp_path: Path,
) -> None:
    worker = ScriptedWorker(operator, schemas)
    environment = operator.environment | {"AMQP_URL": through(road, operator.environment["AMQP_URL"])}
    with example.start(environment, tmp_path, video, 42, "mine", "video/mp4") as process:
        try:
            first, asked = worker.take("start")
            road.hang_up()
            again, asked_again = worker.take("start")
            assert (
                asked_again
                == asked
                == {"file_id": "mine", "user_id": "42", "part_count": 2, "content_type": "video/mp4"}
            )
            if example.has_correlation_ids:
                assert first.message_id and first.correlation_id
                assert (again.message_id, again.correlation_id) == (first.message_id, first.correlation_id)

            worker.answer(again, started("another", ["http://127.0.0.1:1/?not=mine"]), correlation_id="another's")
            result = started("mine", [parts.url(1), parts.url(2)])
            worker.answer(again, result)
            worker.answer(again, result)
            completing, request = worker.take("complete")
            assert request["upload_id"] == "upload of mine"
            assert request["parts"] == [{"part_number": n, "etag": f'"etag-{n}"'} for n in (1, 2)]
            assert parts.tries == {"1": 2, "2": 2}
            assert parts.sizes == {"1": 8 << 20, "2": 4 << 20}

            worker.answer(again, result)
            worker.answer(completing, completed("another"), correlation_id="another's")
            worker.answer(completing, completed("mine"))
            done = finished(process)
        finally:
            process.kill()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == completed("mine")
    assert "5ec7e7" not in done.stdout + done.stderr


def test_a_failure_that_passes(
    example: Example, operator: Operator, schemas: Schemas, video: Path, tmp_path: Path
) -> None:
    worker = ScriptedWorker(operator, schemas)
    error = {"status": 503, "code": "storage_unavailable", "message": "the store is down", "retryable": True}
    with example.start(operator.environment, tmp_path, video, 42, "mine") as process:
        try:
            asked, _ = worker.take("start")
            result = {"version": 1, "type": "upload.failed", "request": "start", "error": error}
            worker.answer(asked, result | {"id": "mine", "file_id": "mine", "user_id": "42"})
            done = finished(process)
        finally:
            process.kill()
    refused(done, TRY_AGAIN, "storage_unavailable", "503", "the store is down", "run it again", "mine")
