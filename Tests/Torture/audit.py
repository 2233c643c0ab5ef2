"""What must be true when all is quiet: of the broker, the store and the database."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from botocore.exceptions import ClientError

from harness.messages import Message
from harness.servers import BrokerServer
from harness.store import Store
from harness.topology import Topology
from Torture.bus import drain
from Torture.database import unfinished
from Torture.driver import Driver
from Torture.ledger import LETTERED
from Torture.record import Record
from Torture.steps import Client


class Audit:
    def __init__(self, driver: Driver, topology: Topology, store: Store, broker: BrokerServer, record: Record) -> None:
        self._driver, self._topology, self._store = driver, topology, store
        self._broker, self._record = broker, record
        self.letters: list[Message] = []
        """Dead letters that were taken out of the queue before."""

    def check_answers(self) -> None:
        for identity in self._driver.ledger.unanswered:
            self._record.wrong("lost", f"no answer to {identity}")
        for running in self._driver.active.values():
            self._record.note(f"never ended: {running.name} {running.client.key}")

    def check_queues(self, timeout: float) -> None:
        """Nothing is left in a request or a retry queue, ready or not."""
        queues = [*self._topology.request_queues, *self._topology.retries]
        deadline = time.monotonic() + timeout
        while True:
            counts = {row["name"]: row["messages"] for row in self._broker.table("list_queues", "name", "messages")}
            left = {name: counts[name] for name in queues if counts.get(name)}
            if not left or time.monotonic() > deadline:
                break
            time.sleep(1)
        for name in queues:
            if name not in counts:
                self._record.wrong("wrong", f"the queue {name} is gone")
        for name, count in left.items():
            self._record.wrong("lost", f"{count} messages stay in {name}")

    def check_dead_letters(self) -> None:
        """Just those of requests that were answered so, once or more each."""
        letters = self.letters + drain(self._broker.url, self._topology.dead)
        count = Counter(letter.properties.message_id for letter in letters)
        self._record.count("dead letters", "in the queue", len(letters))
        asked = self._driver.ledger.asked
        for letter in letters:
            identity = letter.properties.message_id
            # One too large to be held is dead-lettered by the broker, with its own headers alone.
            code = letter.headers.get("upload-error-code", "malformed_message" if "x-death" in letter.headers else None)
            if identity not in asked or code not in asked[identity].codes & LETTERED:
                said = sorted(asked[identity].codes) if identity in asked else "nothing"
                self._record.wrong("wrong", f"dead letter {identity} {code}, answered {said}: {letter.headers}")
        for identity, each in asked.items():
            if each.codes and each.codes <= LETTERED and not count[identity]:
                self._record.wrong("lost", f"no dead letter of {identity}, answered {sorted(each.codes)}")

    def wait_for_sweep(self, database: Path, timeout: float) -> None:
        """Returns once no session is open and no stray is looked for."""
        deadline = time.monotonic() + timeout
        while unfinished(database) and time.monotonic() < deadline:
            time.sleep(0.5)
        for row in unfinished(database):
            self._record.wrong("orphaned", f"still in the database: {row}")
        while self._missing_expiries and time.monotonic() < deadline + 10:
            time.sleep(0.5)
        for client in self._missing_expiries:
            self._record.wrong("lost", f"no upload.expired of {client.key} {client.upload_id}")
        self._check_expiries()

    def check_uploads(self) -> None:
        uploads = [
            upload
            for page in self._store.client.get_paginator("list_multipart_uploads").paginate(Bucket=self._store.bucket)
            for upload in page.get("Uploads", [])
        ]
        names = {client.key: client.standing for client in self._driver.clients}
        for upload in uploads:
            standing = names.get(upload["Key"])
            told = standing.transcript if standing else "nobody's"
            self._record.wrong("orphaned", f"{upload['Key']} {upload['UploadId']}: {told}")

    def check_database(self, database: Path) -> None:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            rows = connection.execute("SELECT user_id, file_id, upload_id, state FROM session").fetchall()
            check = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if check != "ok":
            self._record.wrong("wrong", f"the database is damaged: {check}")
        states = {(f"users/{user}/{file}", upload): state for user, file, upload, state in rows}
        for client in self._driver.clients:
            if client.standing.completed and (state := states.get((client.key, client.upload_id))) != "completed":
                self._record.wrong("wrong", f"{client.key} is {state} in the database, answered completed")

    def check_objects(self) -> None:
        done = [client for client in self._driver.clients if client.data is not None]
        with ThreadPoolExecutor(4) as pool:
            for problem in pool.map(self._object_problem, done):
                if problem:
                    self._record.wrong("wrong", problem)
        self._record.count("audit", "objects compared", len(done))

    def _object_problem(self, client: Client) -> str | None:
        try:
            found = self._store.object_bytes(client.key)
        except ClientError as error:
            return f"the object {client.key} cannot be read: {error}"
        return None if found == client.data else f"the object {client.key} is not its parts: {len(found)} bytes"

    @property
    def _missing_expiries(self) -> list[Client]:
        expired = self._driver.ledger.expired
        return [each for each in self._driver.clients if each.is_abandoned and each.upload_id not in expired]

    def _check_expiries(self) -> None:
        """Nothing that was completed has expired."""
        completed = {each.upload_id: each for each in self._driver.clients if each.standing.completed}
        for upload_id, result in self._driver.ledger.expired.items():
            self._record.count("requests", "upload.expired")
            if upload_id in completed:
                self._record.wrong("wrong", f"completed and expired: {result.body}")
