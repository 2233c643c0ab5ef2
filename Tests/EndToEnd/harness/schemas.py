"""The project's JSON Schemas, held against every message that the tests send or receive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

DIRECTORY = Path(__file__).resolve().parents[3] / "schemas"


class Schemas:
    def __init__(self, directory: Path = DIRECTORY) -> None:
        self._schemas = {path.name: json.loads(path.read_text()) for path in sorted(directory.glob("*.json"))}
        resources = {name: Resource.from_contents(schema) for name, schema in self._schemas.items()}
        by_id = {schema["$id"]: resources[name] for name, schema in self._schemas.items() if "$id" in schema}
        self._registry = Registry().with_resources([*resources.items(), *by_id.items()])

    def request_problems(self, kind: str, body: Any) -> list[str]:
        """What the schema of a request holds against the body; nothing when it is valid."""
        return self._problems(f"{kind}.request.json", body)

    def check_result(self, body: Any) -> None:
        problems = self._problems(f"{body['type']}.json", body)
        assert not problems, f"{body['type']} breaks its schema: {problems}"

    def check_dead_letter(self, headers: Any) -> None:
        problems = self._problems("dead-letter.headers.json", headers)
        assert not problems, f"a dead letter's headers break their schema: {problems}"

    def check_printed_dead_letter(self, line: Any) -> None:
        problems = self._problems("dead-letter.json", line)
        assert not problems, f"a dead letter as printed breaks its schema: {problems}"

    def check_printed(self, name: str, line: Any) -> None:
        """Holds a line that a command prints against the schema of that name."""
        problems = self._problems(f"{name}.json", line)
        assert not problems, f"what a command prints breaks {name}.json: {problems}"

    def _problems(self, name: str, body: Any) -> list[str]:
        validator = Draft202012Validator(
            self._schemas[name], registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]
