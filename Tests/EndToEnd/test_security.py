"""What strangers, networks and neighbours on the machine must not get from the worker.

Where each promise is held, here and elsewhere (E: Tests/EndToEnd, U: the unit tests of Tests/…Tests):

| threat                                    | held by                                                                  |
|-------------------------------------------|--------------------------------------------------------------------------|
| keys that escape their prefix             | U IdentifierTests, KeyTemplateTests; E test_keys_stay_under_their_prefix |
| another user's upload                     | E test_another_users_upload, test_resume_abort, test_complete            |
| reply_to into foreign queues              | U ReplyAddressTests; E test_results (own queues, amq.*, pattern)         |
| crafted direct reply-to                   | E test_results: test_a_reply_address_that_leads_nowhere                  |
| forged x-death, x-delivery-count, CC, BCC | U PublicationsTests; E test_hostile, test_results, test_poison,          |
|                                           | test_copies_that_a_requester_asks_for                                    |
| header and log injection (CR LF)          | U InjectionTests, S3ConfigurationTests, CredentialsChainTests;           |
|                                           | E test_line_ends_in_names                                                |
| JSON bombs                                | U JSONParserTests; E test_hostile                                        |
| XML bombs, XML entities                   | U XMLReaderTests; E test_a_store_that_sends_a_bomb                       |
| redirects of the store                    | U ScriptedAnswersTests; E test_a_store_that_sends_elsewhere              |
| huge and endless answers                  | U ScriptedAnswersTests; E test_a_store_that_never_ends                   |
| TLS downgrade, wrong host, wrong authority| U OpeningTests; E test_tls, and here                                     |
| world-readable files                      | U SessionStoreTests, SettingsTests; E test_settings, and here            |
| core dumps, process lists                 | E here                                                                   |
| broker permissions as narrow as can be    | E test_permissions                                                       |
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harness import requests
from harness.gate import StoreGate
from harness.output import EVERYTHING
from harness.requester import Requester, taking_requests
from harness.servers import SCRIPTS, BrokerServer
from harness.store import Store
from harness.tls import TLSFront, lax_openssl, speak_old_tls
from harness.topology import KINDS
from harness.types import Connect, Launch, Settings
from harness.waiting import until
from harness.worker import BINARY, Worker, complete, run

INJECTION = "x\r\nx-amz-acl: public-read\r\n\r\nDELETE / HTTP/1.1\r\n"


# Requests


@pytest.mark.parametrize("field", ["file_id", "user_id"])
@pytest.mark.parametrize(
    "text", ["..", ".", "../7/a", "a/../../b", "a/b", "a\\b", "%2e%2e", "%2F", "a\0b", "ａ", INJECTION]
)
def test_keys_stay_under_their_prefix(requester: Requester, field: str, text: str) -> None:
    body = requests.start() | {field: text}
    requester.exchange("start", body).expect_failure(400, f"invalid_{field}", field)


@pytest.mark.parametrize("kind", ["complete", "resume", "abort"])
def test_another_users_upload(requester: Requester, store: Store, kind: str) -> None:
    """Neither with the owner's session here, nor where the worker has to ask the store."""
    file = requests.new_file("owner")
    session = requester.request("start", requests.start(file)).expect("upload.started")
    stranger = file | {"user_id": "stranger"}
    body = requests.OF_KIND[kind](stranger, session["upload_id"])
    requester.request(kind, body).expect_failure(404, "upload_not_found")
    assert store.open_uploads(session["key"]) == [session["upload_id"]]


def test_copies_that_a_requester_asks_for(launch: Launch, connect: Connect, store: Store) -> None:
    """The broker makes those of the request; the worker's copies make none. (BCC it takes off before the delivery.)"""
    with StoreGate(store.server.endpoint) as gate:
        requester = connect(launch(AWS_ENDPOINT_URL_S3=gate.endpoint, RETRY_DELAYS="1ms,1ms"))
        target = requester.declare_inbox(f"target-{uuid.uuid4()}")
        gate.fail(500, "InternalError")
        requester.channel.queue_bind(target.queue, requester.topology.dead)
        body = requests.start()
        requester.exchange("start", body, headers={"CC": [target.queue]}).expect_failure(503, "storage_unavailable")
        letter = target.message(where=lambda message: message.exchange == requester.topology.dead)
        assert "CC" not in letter.headers
        assert not target.waiting, "a copy that the worker has sent there"


def test_line_ends_in_names(launch: Launch, connect: Connect, store: Store) -> None:
    worker = launch(LOG_LEVEL="debug")
    requester = connect(worker)
    for kind in ("resume", "abort", "complete"):
        body = requests.OF_KIND[kind](upload_id=INJECTION)
        result = requester.request(kind, body, correlation_id=INJECTION, message_id=f"{INJECTION}{kind}")
        result.expect_failure(404, "upload_not_found")
        assert result.correlation_id == INJECTION
    requester.exchange("start", requests.start(content_type=f"image/png{INJECTION}")).expect_failure(
        400, "invalid_content_type"
    )
    for name in ("traceparent", "tracestate", "note"):
        requester.request("start", requests.start(), headers={name: INJECTION}).expect("upload.started")
    for line in worker.log.splitlines():
        json.loads(line)


# The store


Script = Callable[[socket.socket], None]


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], str]]:
    """Starts a store that answers every connection as told; gives its endpoint."""
    listeners: list[socket.socket] = []

    def start(script: Script) -> str:
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        listeners.append(listener)

        def accept() -> None:
            with suppress(OSError):  # the listener is closed
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        def serve(client: socket.socket) -> None:
            with client, suppress(OSError):  # the worker hangs up when it has had enough
                client.recv(65_536)
                script(client)

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


def answer(client: socket.socket, status: int, body: str, *fields: str) -> None:
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *fields]
    client.sendall("\r\n".join([*head, "", body]).encode())


def expect_unavailable(launch: Launch, connect: Connect, endpoint: str) -> Worker:
    """A worker that gives up on that store, and is well."""
    worker = launch(AWS_ENDPOINT_URL_S3=endpoint, RETRY_DELAYS="1ms", OUTAGE_AFTER="0", is_awaited=False)
    requester = taking_requests(connect, worker)
    requester.request("start", requests.start(), timeout=60).expect_failure(503, "storage_unavailable")
    assert worker.is_running
    return worker


def test_a_store_that_sends_a_bomb(launch: Launch, connect: Connect, scripted: Callable[[Script], str]) -> None:
    entities = "".join(f"<!ENTITY e{n + 1} '{f'&e{n};' * 10}'>" for n in range(12))
    bomb = f"<!DOCTYPE r [<!ENTITY e0 '{'x' * 100}'>{entities}]><InitiateMultipartUploadResult><UploadId>&e12;"
    body = f"{bomb}</UploadId></InitiateMultipartUploadResult>"
    worker = expect_unavailable(launch, connect, scripted(lambda client: answer(client, 200, body)))
    assert peak_memory(worker) < 200 << 20


def test_a_store_that_reads_files(
    launch: Launch, connect: Connect, scripted: Callable[[Script], str], tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("sesame")
    body = (
        f"<!DOCTYPE r [<!ENTITY f SYSTEM 'file://{tmp_path}/secret'>]>"
        "<InitiateMultipartUploadResult><UploadId>&f;</UploadId></InitiateMultipartUploadResult>"
    )
    worker = expect_unavailable(launch, connect, scripted(lambda client: answer(client, 200, body)))
    assert "sesame" not in worker.log


def test_a_store_that_never_ends(launch: Launch, connect: Connect, scripted: Callable[[Script], str]) -> None:
    def endless(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            client.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")

    worker = expect_unavailable(launch, connect, scripted(endless))
    assert peak_memory(worker) < 200 << 20


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_store_that_sends_elsewhere(
    launch: Launch, connect: Connect, scripted: Callable[[Script], str], status: int
) -> None:
    visits: list[bytes] = []

    def elsewhere(client: socket.socket) -> None:
        visits.append(b"visited")
        answer(client, 200, "")

    other = scripted(elsewhere)
    endpoint = scripted(lambda client: answer(client, status, "", f"Location: {other}/elsewhere"))
    requester = taking_requests(connect, launch(AWS_ENDPOINT_URL_S3=endpoint, is_awaited=False))
    requester.request("start", requests.start()).expect_failure(502, "storage_rejected")
    assert not visits


def peak_memory(worker: Worker) -> int:
    status = Path(f"/proc/{worker.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) << 10


# TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("certificates")
    subprocess.run([SCRIPTS / "make-certificates", directory], check=True, timeout=60)
    return directory


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def https(front: TLSFront, host: str, certificates: Path) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL_S3": f"https://{host}:{front.port}", "AWS_CA_BUNDLE": str(certificates / "ca.pem")}


def amqps(front: TLSFront, host: str, broker: BrokerServer, certificates: Path) -> dict[str, str]:
    url = urlsplit(broker.url)
    return {
        "AMQP_URL": f"amqps://{url.username}:{url.password}@{host}:{front.port}{url.path}",
        "AMQP_CA_FILE": str(certificates / "ca.pem"),
    }


def test_a_verified_store(launch: Launch, connect: Connect, store: Store, certificates: Path) -> None:
    with TLSFront(address(store.server.endpoint), certificates) as front:
        requester = connect(launch(**https(front, "localhost", certificates)))
        requester.request("start", requests.start()).expect("upload.started")
        assert front.plain_bytes > 0


@pytest.mark.parametrize("case", ["wrong host", "unknown authority", "old TLS"])
def test_a_store_that_is_not_to_be_trusted(
    launch: Launch, connect: Connect, store: Store, certificates: Path, tmp_path: Path, case: str
) -> None:
    host = "127.0.0.2" if case == "wrong host" else "127.0.0.1"
    with TLSFront(address(store.server.endpoint), certificates, host, is_old=case == "old TLS") as front:
        settings = https(front, host, certificates)
        if case == "unknown authority":
            del settings["AWS_CA_BUNDLE"]
        lax = str(lax_openssl(tmp_path))
        worker = launch(OPENSSL_CONF=lax, RETRY_DELAYS="1ms", OUTAGE_AFTER="0", is_awaited=False, **settings)
        result = taking_requests(connect, worker).request("start", requests.start(), timeout=60)
        result.expect_failure(503, "storage_unavailable")
        assert front.attempts > 0
        assert front.plain_bytes == 0, "a request for somebody else"


@pytest.mark.parametrize("case", ["trusted", "wrong host", "old TLS"])
def test_a_broker_by_tls(launch: Launch, broker: BrokerServer, certificates: Path, tmp_path: Path, case: str) -> None:
    host = {"trusted": "localhost", "wrong host": "127.0.0.2", "old TLS": "localhost"}[case]
    listening = "127.0.0.2" if case == "wrong host" else "127.0.0.1"
    with TLSFront(address(broker.url), certificates, listening, is_old=case == "old TLS") as front:
        settings = amqps(front, host, broker, certificates) | {"OPENSSL_CONF": str(lax_openssl(tmp_path))}
        if case == "trusted":
            launch(**settings)
            assert front.plain_bytes > 0
            return
        worker = launch(is_awaited=False, **settings)
        until(lambda: front.attempts >= 3, "attempts to connect")
        until(lambda: "TLS" in worker.log or "certificate" in worker.log, "the reason in the log")
        assert front.plain_bytes == 0, "a login for somebody else"
        worker.kill()


@pytest.mark.parametrize("is_lax", [True, False])
def test_a_front_that_speaks_old_tls(store: Store, certificates: Path, is_lax: bool) -> None:
    """The tests above prove nothing where no client at all could get through."""
    context = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    if is_lax:
        speak_old_tls(context)
    with TLSFront(address(store.server.endpoint), certificates, is_old=True) as front:
        with socket.create_connection(("127.0.0.1", front.port)) as raw:
            if is_lax:
                assert context.wrap_socket(raw, server_hostname="localhost").version() == "TLSv1.1"
            else:
                with pytest.raises(OSError):
                    context.wrap_socket(raw, server_hostname="localhost")


# The machine


@pytest.mark.parametrize(("mode", "is_told"), [(0o644, True), (0o604, True), (0o640, False), (0o600, False)])
def test_a_settings_file_that_everyone_can_read(launch: Launch, tmp_path: Path, mode: int, is_told: bool) -> None:
    file = tmp_path / "worker.env"
    file.write_text("AWS_SECRET_ACCESS_KEY=from-the-file\n")
    file.chmod(mode)
    worker = launch("--config", str(file))
    told = [json.loads(line) for line in worker.log.splitlines() if "Everyone" in line]
    assert [line["settings.file"] for line in told] == ([str(file)] if is_told else [])
    assert "from-the-file" not in worker.log


def test_every_file_that_the_worker_makes(launch: Launch, connect: Connect) -> None:
    old = os.umask(0)
    try:
        worker = launch()
    finally:
        os.umask(old)
    connect(worker).request("start", requests.start()).expect("upload.started")
    made = {path.name: path.stat().st_mode & 0o777 for path in worker.directory.iterdir() if path.name != "worker.log"}
    assert set(made) == {f"sessions.sqlite{suffix}" for suffix in ("", "-wal", "-shm", ".lock")}
    assert set(made.values()) == {0o600}


def test_a_process_list_shows_no_secret(worker: Worker, settings: Settings) -> None:
    command = Path(f"/proc/{worker.pid}/cmdline").read_bytes().decode()
    assert "run" in command
    environment = settings()
    for secret in (environment["AWS_SECRET_ACCESS_KEY"], urlsplit(environment["AMQP_URL"]).password):
        assert secret and secret not in command


def test_no_command_takes_a_secret(tmp_path: Path) -> None:
    """What is an argument is in every process list."""
    described = json.loads(run(["--experimental-dump-help"], {}, tmp_path).stdout)
    options = dict(options_of(described["command"]))
    assert {"run", "check", "sessions abort", "dead replay", "upload"} <= set(options)
    assert all("config" in names for names in options.values())
    for command, names in options.items():
        assert not [name for name in names if any(word in name for word in SECRET_WORDS)], command


SECRET_WORDS = ("url", "secret", "pass", "key", "token", "credential")


def options_of(command: dict[str, Any], *above: str) -> Iterator[tuple[str, set[str]]]:
    """Every command that does something, with the long names of its options."""
    for each in command.get("subcommands", []):
        if each["commandName"] == "help" or not each["shouldDisplay"]:
            continue
        yield from options_of(each, *above, each["commandName"])
    if above and not command.get("subcommands"):
        arguments = [*command.get("arguments", [])]
        yield " ".join(above), {name["name"] for each in arguments for name in each.get("names", [])}


@contextmanager
def unconnected(settings: Settings, directory: Path, is_allowed: bool, *prefix: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that looks for its broker, in a folder of its own, with or without CORE_DUMPS."""
    directory.mkdir()
    environment = settings(HTTP_PORT="0", AMQP_URL="amqp://127.0.0.1:1", CORE_DUMPS=str(is_allowed).lower())
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [*prefix, BINARY, "run"],
            env=complete(environment, directory),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2),
        )
    EVERYTHING.keep_file(directory / "log")
    try:
        until(lambda: "Cannot connect" in (directory / "log").read_text(), "the worker's first words")
        yield process
    finally:
        process.kill()
        process.wait()


def dumps_core(process: subprocess.Popen[bytes]) -> bool:
    """What the kernel says of a process that dies of a signal that nobody catches."""
    process.send_signal(signal.SIGSYS)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -os.WTERMSIG(status)
    return os.WCOREDUMP(status)


def test_core_dumps(settings: Settings, tmp_path: Path) -> None:
    with unconnected(settings, tmp_path / "allowed", True) as process:
        if not dumps_core(process):
            pytest.skip("this machine makes no core dumps")
    with unconnected(settings, tmp_path / "refused", False) as process:
        assert not dumps_core(process)


def test_its_own_user_cannot_look_into_it(settings: Settings, tmp_path: Path) -> None:
    """The environment, as the memory, is for who may debug the process. Root may always, so here it is not allowed to."""
    prefix = ["setpriv", "--bounding-set", "-sys_ptrace,-perfmon,-sys_admin"] if os.geteuid() == 0 else []
    secret = settings()["AWS_SECRET_ACCESS_KEY"].encode()
    for is_allowed in (True, False):
        with unconnected(settings, tmp_path / str(is_allowed), is_allowed, *prefix) as process:
            reader = [*prefix, "cat", f"/proc/{process.pid}/environ"]
            done = subprocess.run(reader, capture_output=True, timeout=30, check=False)
            assert (secret in done.stdout, done.returncode == 0) == (is_allowed, is_allowed)


def test_a_worker_that_may_not_be_read_still_shows_its_figures(worker: Worker) -> None:
    _, page = worker.status("/metrics")
    for name in ("process_open_fds", "process_resident_memory_bytes", "process_cpu_seconds_total"):
        assert float(next(line for line in page.splitlines() if line.startswith(f"{name} ")).split()[1]) > 0


def test_all_kinds_are_still_served(requester: Requester) -> None:
    """After all of the above."""
    for kind in KINDS:
        requester.request(kind, requests.OF_KIND[kind]())
