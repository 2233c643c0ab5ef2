"""The worker's database, as another process would change it."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from Torture import store_flows
from Torture.steps import Client

INSERT = """
    INSERT INTO session (id, user_id, file_id, upload_id, object_key, state, part_count, content_type, started_at,
        expires_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, 1, 'video/mp4', ?, ?, ?)
"""


class Rows:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else can write."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    @contextmanager
    def without_sessions(self) -> Iterator[None]:
        """The table is gone: an error that does not pass."""
        with self._connection() as connection:
            connection.execute("ALTER TABLE session RENAME TO hidden")
            yield
            connection.execute("ALTER TABLE hidden RENAME TO session")

    def open_another(self, client: Client) -> Callable[[], None]:
        self._insert(client, store_flows.create(client), "started")
        return lambda: None

    def open_and_end_another(self, client: Client) -> Callable[[], None]:
        """A session that is open though a later one has ended, until the function is called that comes back."""
        self._insert(client, "b3Blbg", "started")
        self._insert(client, "ZW5kZWQ", "aborted")
        return lambda: self._execute(
            "UPDATE session SET state = 'aborted', ended_at = ? WHERE upload_id = 'b3Blbg'", time.time()
        )

    def complete(self, client: Client) -> None:
        self._execute(
            """
            UPDATE session SET state = 'completed', ended_at = ?, location = 'l', etag = 'e', size = 1 WHERE file_id = ?
            """,
            time.time(),
            client.file["file_id"],
        )

    def _insert(self, client: Client, upload_id: str, state: str) -> None:
        now = time.time()
        ended = None if state == "started" else now
        file = (client.file["user_id"], client.file["file_id"])
        self._execute(INSERT, str(uuid.uuid4()), *file, upload_id, client.key, state, now, now + 60, ended)

    def _execute(self, statement: str, *values: object) -> None:
        with self._connection() as connection:
            connection.execute(statement, values)
