"""`upload-worker check` and what it printed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.schemas import Schemas
from harness.worker import run

Row = dict[str, Any]


@dataclass(frozen=True)
class Report:
    status: int
    rows: list[Row]
    stderr: str

    def all(self, name: str) -> list[Row]:
        """The lines of that name, or whose name begins with that part."""
        return [row for row in self.rows if row["name"] == name or row["name"].startswith(f"{name}.")]

    def one(self, name: str) -> Row:
        found = self.all(name)
        assert len(found) == 1, f"{name}: {found or self.rows}"
        return found[0]

    def expect(self, name: str, status: str, *words: str) -> Row:
        """The one line of that name, of that status, which has those words in its detail or its way out."""
        row = self.one(name)
        assert row["status"] == status, row
        for word in words:
            assert word in f"{row['detail']} {row['remedy']}", row
        return row

    def expect_all_ok(self, *parts: str) -> None:
        rows = [row for part in parts for row in self.all(part)]
        assert rows and {row["status"] for row in rows} == {"ok"}, rows


class Checker:
    """Runs the command, and holds every line against the schema and the secrets."""

    def __init__(self, directory: Path, schemas: Schemas) -> None:
        self.directory = directory
        self._schemas = schemas

    def __call__(self, environment: dict[str, str], *arguments: str, timeout: float = 60) -> Report:
        done = run(["check", "--format", "json", *arguments], environment, self.directory, timeout)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        for row in rows:
            self._schemas.check_printed("check", row)
            assert (row["remedy"] is None) == (row["status"] == "ok"), row
        for secret in secrets(environment):
            assert secret not in done.stdout + done.stderr
        statuses = {row["status"] for row in rows}
        expected = 2 if "failure" in statuses else 1 if "warning" in statuses and "--strict" in arguments else 0
        assert done.returncode == expected, done
        return Report(done.returncode, rows, done.stderr)


def secrets(environment: dict[str, str]) -> list[str]:
    urls = environment.get("AMQP_URL", "").split(",")
    passwords = [urlsplit(url).password for url in urls]
    values = [environment.get("AWS_SECRET_ACCESS_KEY"), environment.get("AWS_SESSION_TOKEN"), *passwords]
    return [unquote(value) for value in values if value] + ["X-Amz-Signature"]
