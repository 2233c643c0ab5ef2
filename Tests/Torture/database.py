"""The worker's database, as another process would change it."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from Torture import store_flows
from Torture.steps import Client

INSERT = """
    INSERT INTO session (id, user_id, file_id, upload_id, object_key, state, part_count, content_type, started_at,
        expires_at) VALUES (?, ?, ?, ?, ?, 'started', 1, 'video/mp4', ?, ?)
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

    def open_another(self, client: Client) -> None:
        now = time.time()
        identity = (str(uuid.uuid4()), client.file["user_id"], client.file["file_id"], store_flows.create(client))
        self._execute(INSERT, *identity, client.key, now, now + 60)

    def forget(self, client: Client) -> None:
        self._execute("DELETE FROM session WHERE file_id = ?", client.file["file_id"])

    def complete(self, client: Client) -> None:
        self._execute(
            """
            UPDATE session SET state = 'completed', ended_at = ?, location = 'l', etag = 'e', size = 1 WHERE file_id = ?
            """,
            time.time(),
            client.file["file_id"],
        )

    def abort(self, client: Client) -> None:
        statement = "UPDATE session SET state = 'aborted', ended_at = ? WHERE file_id = ?"
        self._execute(statement, time.time(), client.file["file_id"])

    def _execute(self, statement: str, *values: object) -> None:
        with self._connection() as connection:
            connection.execute(statement, values)


def unfinished(path: Path) -> list[tuple[str, ...]]:
    """Sessions that are open, and files whose strays are still to be looked for."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as connection:
        sessions = connection.execute("SELECT object_key, upload_id FROM session WHERE state = 'started'").fetchall()
        return sessions + stray_checks(path)


def stray_checks(path: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as connection:
        return connection.execute("SELECT object_key, 'stray check' FROM stray_check").fetchall()
