"""One run: servers up, everything at once for some minutes, quiet, the audit."""

from __future__ import annotations

import random
import time
from pathlib import Path

from harness.output import EVERYTHING
from harness.servers import BrokerServer, StoreServer
from harness.store import Store
from harness.worker import Worker
from Torture.amqp_proxy import AMQPProxy
from Torture.audit import Audit
from Torture.broker_faults import BrokerFaults
from Torture.bus import Publisher, Reader, declare_queue
from Torture.driver import Driver
from Torture.keeper import Keeper
from Torture.loop import ProxyLoop
from Torture.points import Points
from Torture.record import Record
from Torture.s3_proxy import S3Proxy
from Torture.scripts import Scripts
from Torture.steps import REPLIES
from Torture.store_faults import StoreFaults
from Torture.table import VERDICT, print_table

RETRY_DELAYS = "200ms,500ms,1s,2s,5s,10s"
S3_TIMEOUT, SILENCE = "2s", 3.5
URL_LIFE = 60  # seconds: sessions that are given up end within the run
STORE_FAULT_RATE, LIKENESS = 0.03, 0.7
CONNECTION_FAULT_EVERY, BROKER_FAULT_EVERY = 3.0, 22.0  # seconds
LONG = 10  # minutes from which on every crash point must have been reached


class Run:
    def __init__(self, directory: Path, minutes: float, seed: int, rate: float, has_scripts: bool) -> None:
        self._directory, self._minutes, self._seed, self._rate = directory, minutes, seed, rate
        self._has_scripts = has_scripts
        self._record = Record(directory)

    def run(self) -> int:
        broker = BrokerServer.started(self._directory / "broker")
        try:
            server = StoreServer.started(self._directory / "s3")
            try:
                return self._torture(broker, Store(server))
            finally:
                server.stop()
        finally:
            broker.stop()

    def _torture(self, broker: BrokerServer, store: Store) -> int:
        loop = ProxyLoop()
        amqp = AMQPProxy(broker.url, loop, self._record, self._chance("connections"))
        faults = StoreFaults(self._chance("store"))
        s3 = S3Proxy(store.server.endpoint, faults, SILENCE, loop, self._record)
        points = Points(self._directory / "points", self._chance("kills"))
        worker = Worker(self._settings(amqp, s3, store, points), self._directory)
        try:
            return self._with_worker(worker, broker, store, amqp, faults, points)
        finally:
            if worker.is_running:
                worker.kill()

    def _with_worker(
        self, worker: Worker, broker: BrokerServer, store: Store, amqp: AMQPProxy, faults: StoreFaults, points: Points
    ) -> int:
        worker.start().wait_until_ready()
        declare_queue(broker.url, REPLIES)
        publisher = Publisher(broker.url, self._record)
        driver = Driver(worker.topology, store, publisher, self._record, self._seed, self._rate)
        Reader(broker.url, [REPLIES, worker.topology.results], driver.take)
        time.sleep(2.5)  # a broker killed just after a declaration loses the queue
        worker.kill()
        self._everything_at_once(driver, worker, broker, amqp, faults, points)
        driver.finish(120)
        audit = Audit(driver, worker.topology, store, broker, self._record)
        if self._has_scripts:
            database = self._directory / "sessions.sqlite"
            Scripts(driver, worker, broker, amqp, faults, database, self._record, audit.letters).run()
        self._audit(audit, driver, worker)
        return self._verdict(points)

    def _everything_at_once(
        self, driver: Driver, worker: Worker, broker: BrokerServer, amqp: AMQPProxy, faults: StoreFaults, points: Points
    ) -> None:
        keeper = Keeper(worker, points, self._record, self._chance("lives"))
        trouble = BrokerFaults(broker, self._record, self._chance("broker"), BROKER_FAULT_EVERY)
        strikes = self._chance("strikes")
        faults.rate, faults.likeness, amqp.faulty = STORE_FAULT_RATE, LIKENESS, True
        keeper.start()
        trouble.start()
        end = time.monotonic() + self._minutes * 60
        while (now := time.monotonic()) < end:
            driver.run(min(end, now + strikes.uniform(0.3, 1.7) * CONNECTION_FAULT_EVERY))
            amqp.strike()
        print("quiet", flush=True)
        trouble.stop()
        faults.rate, faults.likeness, amqp.faulty = 0, 0, False
        keeper.stop()

    def _audit(self, audit: Audit, driver: Driver, worker: Worker) -> None:
        driver.finish(60)
        audit.check_queues(90)
        audit.check_answers()
        database = self._directory / "sessions.sqlite"
        if status := worker.terminate():
            self._record.wrong("wrong", f"SIGTERM: the worker ended with {status}")
        worker.environment |= {"URL_EXPIRY": "1s", "EXPIRY_GRACE": "0s"}
        worker.start()
        audit.wait_for_sweep(database, URL_LIFE + 60)
        worker.stop()
        audit.check_uploads()
        audit.check_database(database)
        audit.check_dead_letters()
        audit.check_objects()
        for leak in EVERYTHING.leaks():
            self._record.wrong("wrong", f"a secret in the output: {leak}")

    def _verdict(self, points: Points) -> int:
        title = f"{self._minutes:g} minutes, SEED={self._seed}, logs in {self._directory}"
        print_table(self._record, points, title)
        is_bad = any(self._record.total(section) for section in VERDICT)
        return int(is_bad or (self._minutes >= LONG and bool(points.unreached)))

    def _settings(self, amqp: AMQPProxy, s3: S3Proxy, store: Store, points: Points) -> dict[str, str]:
        return {
            "AMQP_URL": amqp.url,
            "TOPOLOGY_PREFIX": "uploads",
            "RETRY_DELAYS": RETRY_DELAYS,
            "S3_BUCKET": store.bucket,
            "S3_TIMEOUT": S3_TIMEOUT,
            "AWS_ENDPOINT_URL_S3": s3.endpoint,
            "S3_PUBLIC_ENDPOINT": store.server.endpoint,
            "AWS_REGION": store.server.region,
            "AWS_ACCESS_KEY_ID": store.server.access_key,
            "AWS_SECRET_ACCESS_KEY": store.server.secret_key,
            "SESSION_STORE": "sqlite:sessions.sqlite",
            "URL_EXPIRY": f"{URL_LIFE}s",
            "MIN_URL_LIFE": "1s",
            "EXPIRY_GRACE": "5s",
            "LOG_FORMAT": "json",
            "UPLOAD_WORKER_POINTS_LOG": str(points.log),
        }

    def _chance(self, name: str) -> random.Random:
        return random.Random(f"{name} {self._seed}")
