"""What chance brings too rarely, brought about one after the other: faults of the store, the broker and the process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pika

from harness.messages import Message
from harness.servers import BrokerServer
from harness.worker import Worker
from Torture import flows, scripted_flows, store_flows
from Torture.amqp_proxy import AMQPProxy
from Torture.bus import drain
from Torture.database import Rows, stray_checks
from Torture.driver import Driver
from Torture.record import Record
from Torture.s3_proxy import SECTION
from Torture.steps import Client, Flow
from Torture.store_faults import Fault, Operation, StoreFaults

CREATE, COMPLETE, ABORT = Operation.CREATE, Operation.COMPLETE, Operation.ABORT
LIST_PARTS, LIST_UPLOADS, HEAD = Operation.LIST_PARTS, Operation.LIST_UPLOADS, Operation.HEAD


NO_PARTS = [(LIST_PARTS, Fault.NO_SUCH_KEY)] * 20
"""More than the flow needs: the worker asks again."""


@dataclass
class Scripts:
    """A worker that nobody kills, one flow after the other, and the faults that each is to meet."""

    driver: Driver
    worker: Worker
    broker: BrokerServer
    amqp: AMQPProxy
    faults: StoreFaults
    database: Path
    record: Record
    letters: list[Message]
    """The dead letters that a script takes out of the way."""

    def run(self) -> None:
        self.retry_delays = self.worker.environment["RETRY_DELAYS"]
        self._start(S3_TIMEOUT="10s", SHUTDOWN_GRACE="0s")
        scripts = [
            self._store_answers, self._other_hands, self._outage, self._other_database_users, self._busy_database,
            self._messages, self._ends, self._sweeps,
        ]  # fmt: skip
        for script in scripts:
            began = time.monotonic()
            script()
            self.faults.scripted.clear()
            self.faults.always.clear()
            self.record.note(f"script {script.__name__}: {time.monotonic() - began:.1f} s")

    def _start(self, **settings: str) -> None:
        if self.worker.is_running:
            self.worker.kill()
        self.worker.environment |= settings
        self.worker.start().wait_until_ready(60)

    def _flow(self, make: Callable[[Client], Flow], *faults: tuple[Operation, Fault]) -> None:
        self._plan(*faults)
        self.driver.wait(self.driver.begin(make))

    def _store_answers(self) -> None:
        flow, plain = self._flow, flows.plain
        flow(plain, *[(CREATE, Fault.SLOW_DOWN)] * 4)
        flow(plain, *[(COMPLETE, Fault.SLOW_DOWN)] * 4)
        flow(plain, (CREATE, Fault.ACCESS_DENIED))
        flow(plain, (COMPLETE, Fault.ACCESS_DENIED))
        # On a connection used before: libcurl sends the request again by itself, and says nothing.
        flow(plain, (CREATE, Fault.LOST))
        flow(plain, (CREATE, Fault.ENDLESS_ID))
        flow(plain, (HEAD, Fault.NOTHING))
        flow(plain, (COMPLETE, Fault.EMPTY_ETAG), (HEAD, Fault.NO_ETAG))
        flow(flows.aborted, (ABORT, Fault.ABORT_NOT_DONE))
        flow(flows.aborted, *[(ABORT, Fault.ABORT_NOT_DONE)] * 5)
        flow(scripted_flows.parts_gone, *NO_PARTS)
        flow(scripted_flows.stray_taken_up, (CREATE, Fault.INTERNAL_ERROR_DONE))

    def _other_hands(self) -> None:
        """Somebody else completes or aborts in the store."""
        for kind in ("start", "resume", "abort"):
            # The store may list the parts for a moment after the completion.
            self._flow(scripted_flows.completed_behind[kind], *NO_PARTS)
        self._flow(store_flows.vanished_resume)
        self._flow(store_flows.vanished_resume, (HEAD, Fault.ACCESS_DENIED))
        self._flow(lambda client: scripted_flows.given_again(client, self.faults))
        self._flow(store_flows.vanished_complete)
        self._flow(scripted_flows.two_uploads)

    def _outage(self) -> None:
        """The one request there is waits in a retry queue, so that the worker asks for the bucket."""
        self._start(OUTAGE_AFTER="1", RETRY_DELAYS="10s")
        self.faults.always = dict.fromkeys(Operation, Fault.SLOW_DOWN)
        client = self.driver.begin(flows.plain)
        self.driver.pause(4)
        self.faults.always.clear()
        self.driver.wait(client)
        self._start(OUTAGE_AFTER="20", RETRY_DELAYS=self.retry_delays)

    def _other_database_users(self) -> None:
        """What another worker on the same database would do in the middle of a request."""
        rows = Rows(self.database)
        self._plan((CREATE, Fault.SLOW))
        client = self._begun_slowly(scripted_flows.overtaken)
        rows.open_another(client)
        self.driver.wait(client)
        self._flow(lambda client: scripted_flows.forgotten(client, rows), *NO_PARTS)
        self._plan((ABORT, Fault.SLOW))
        client = self._begun_slowly(scripted_flows.abort_overtaken)
        rows.complete(client)
        self.driver.wait(client)
        self._plan((LIST_PARTS, Fault.SLOW))
        client = self._begun_slowly(scripted_flows.extend_overtaken)
        rows.abort(client)
        self.driver.wait(client)

    def _busy_database(self) -> None:
        rows = Rows(self.database)
        with rows.locked():
            clients = [self.driver.begin(flows.plain) for _ in range(3)]
            self.driver.pause(22)
        for client in clients:
            self.driver.wait(client)
        with rows.without_sessions():
            client = self.driver.begin(flows.plain)
            self._expect_end(1)
        self._start()
        self.driver.wait(client)

    def _messages(self) -> None:
        self._flow(flows.misaddressed)
        self._flow(scripted_flows.crafted_reply)
        self._flow(scripted_flows.huge)
        with pika.BlockingConnection(pika.URLParameters(self.broker.url)) as connection:
            channel = connection.channel()
            name = self.worker.topology.dead
            self.letters += drain(self.broker.url, name)
            channel.queue_delete(name)
            channel.queue_declare(name, durable=True)  # not the worker's, and bound to nothing
            client = self.driver.begin(scripted_flows.malformed)
            self.driver.pause(1.5)
            channel.queue_delete(name)
            self.driver.wait(client)
        self.driver.pause(5)  # for what was put back

    def _ends(self) -> None:
        """Stops in the middle of a call, of a publication, and twice."""
        self.faults.slowness = 4
        self._plan((COMPLETE, Fault.SLOW))
        client = self._begun_slowly(flows.plain)
        self._expect_end(0, terminate=True)
        self._start()
        self.driver.wait(client)
        self.faults.slowness = 1
        self._plan((CREATE, Fault.SLOW))
        client = self._begun_slowly(scripted_flows.replied)
        self.amqp.hold(5)
        self.driver.pause(2)
        self._expect_end(0, terminate=True)
        self._start(SHUTDOWN_GRACE="25s")
        self.faults.slowness = 6
        self._plan((CREATE, Fault.SLOW))
        second = self._begun_slowly(flows.plain)
        assert self.worker.process is not None
        self.worker.process.terminate()
        self.driver.pause(0.5)
        self._expect_end(1, terminate=True)
        self._start()
        for each in (client, second):
            self.driver.wait(each)

    def _sweeps(self) -> None:
        self._start(URL_EXPIRY="2s", EXPIRY_GRACE="0s")
        self._wait_for_stray_checks()
        self._flow(scripted_flows.kept_open, (CREATE, Fault.INTERNAL_ERROR))
        self._wait_for_stray_checks()
        self.faults.always = {LIST_UPLOADS: Fault.ACCESS_DENIED}
        self._flow(flows.plain, (CREATE, Fault.INTERNAL_ERROR))
        self._wait_for_stray_checks()
        self.faults.always = {ABORT: Fault.SLOW_DOWN}
        self._flow(flows.abandoned)
        self.driver.pause(9)
        self.faults.always.clear()
        self._flow(scripted_flows.found_by_sweep)
        self.faults.slowness = 6.5
        self._flow(scripted_flows.prolonged, (LIST_PARTS, Fault.SLOW))

    def _wait_for_stray_checks(self) -> None:
        deadline = time.monotonic() + 60
        while stray_checks(self.database) and time.monotonic() < deadline:
            self.driver.pause(0.5)

    def _plan(self, *faults: tuple[Operation, Fault]) -> None:
        """For the clients to come: a sweep of the others' files meets none of them."""
        self.faults.older = {client.key for client in self.driver.clients}
        self.faults.scripted = list(faults)

    def _begun_slowly(self, make: Callable[[Client], Flow]) -> Client:
        """Returns while the flow's slow request is on its way."""
        before = self._slow
        client = self.driver.begin(make)
        while self._slow == before:
            self.driver.pause(0.1)
        return client

    @property
    def _slow(self) -> int:
        return self.record.section(SECTION)[Fault.SLOW.value]

    def _expect_end(self, status: int, *, terminate: bool = False) -> None:
        ended = self.worker.terminate() if terminate else self.worker.wait(30)
        if ended != status:
            self.record.wrong("wrong", f"the worker ended with {ended}, not {status}")
