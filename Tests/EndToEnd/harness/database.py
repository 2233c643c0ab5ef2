"""A PostgreSQL that workers share, and a place in it for the sessions of each test."""

from __future__ import annotations

import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from harness.servers import script
from harness.worker import Worker

GIVEN = os.environ.get("TEST_POSTGRES_URL")
"""Where set, workers keep their sessions there unless a test says otherwise; the build under test has the trait."""


@dataclass(frozen=True)
class Database:
    url: str
    directory: Path | None = None
    """Its state; none where somebody else started it."""

    @classmethod
    def started(cls, directory: Path) -> Database:
        return cls(script("start-postgres", directory)["POSTGRES_URL"], directory)

    def stop(self) -> None:
        self._script("stop-postgres")

    def kill(self) -> None:
        self._script("stop-postgres", "--kill")

    def start_again(self) -> None:
        self._script("start-postgres")

    def sql(self, statements: str) -> list[str]:
        """The rows that psql prints, their columns joined by `|`."""
        parts = urlsplit(self.url)
        # Not the URL itself: a command line is for everyone to read.
        address = ["--host", parts.hostname or "", "--port", str(parts.port), "--username", parts.username or ""]
        done = subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", *address],
            env=os.environ | {"PGPASSWORD": unquote(parts.password or ""), "PGDATABASE": parts.path.strip("/")},
            input=statements,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def place(self) -> str:
        """A SESSION_STORE in a schema of its own."""
        name = f"e2e_{uuid.uuid4().hex[:12]}"
        self.sql(f"CREATE SCHEMA {name}")
        return f"{self.url}?options=-csearch_path%3D{name}&application_name={name}"

    def rows(self, place: str, query: str) -> list[str]:
        return self.sql(f"SET search_path TO {schema(place)}; {query}")

    def lose(self, place: str) -> None:
        """As if the database had been lost, and another made."""
        self.sql(f"DROP SCHEMA {schema(place)} CASCADE; CREATE SCHEMA {schema(place)}")

    def _script(self, name: str, *arguments: str) -> None:
        assert self.directory is not None, "this database belongs to somebody else"
        script(name, self.directory, *arguments)


def schema(place: str) -> str:
    return parse_qs(urlsplit(place).query)["application_name"][0]


def lose_sessions(worker: Worker) -> None:
    """Of a worker that does not run."""
    place = worker.environment["SESSION_STORE"]
    if place.startswith("postgres"):
        assert GIVEN
        Database(GIVEN).lose(place)
    for path in worker.directory.glob("sessions.sqlite*"):
        path.unlink()
