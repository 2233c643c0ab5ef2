"""rest.md speaks of the same fields, codes and statuses as the schemas."""

import json
import re
from typing import Any

import pytest

import schemas

PAGE = (schemas.DIRECTORY / "rest.md").read_text()
ERROR = json.loads((schemas.DIRECTORY / "definitions.json").read_text())["$defs"]["error"]
CHANGED = {"invalid_user_id": 500}  # not the HTTP client's fault
CALLS = {"multipart_upload_start": ("start", "started"), "multipart_upload_complete": ("complete", "completed")}


def codes_of(node: Any, status: int | None = None) -> dict[str, int]:
    """Each code that the error's schema allows, with its status."""
    found: dict[str, int] = {}
    properties = node.get("properties", {})
    status = properties.get("status", {}).get("const", status)
    code = properties.get("code", {})
    for name in [code["const"]] if "const" in code else code.get("enum", []):
        assert status is not None
        found[name] = status
    for branch in node.get("oneOf", []):
        found |= codes_of(branch, status)
    return found


def section(call: str) -> str:
    return PAGE.split(f"## POST {call}\n")[1].split("\n## ")[0]


def named(row: str) -> list[str]:
    return re.findall(r"`([a-z_]+)`", row)


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def properties(schema: str) -> set[str]:
    return set(json.loads((schemas.DIRECTORY / f"{schema}.json").read_text())["properties"])


def test_every_code_has_its_status() -> None:
    listed = {cells[1].strip("`"): int(cells[0]) for cells in rows(PAGE) if re.fullmatch(r"[0-9]{3}", cells[0])}
    own = listed.pop("`no_answer` (the backend's own)".strip("`"))
    assert own == 504
    assert listed == codes_of(ERROR) | CHANGED


@pytest.mark.parametrize("call", CALLS)
def test_every_field_of_a_request_has_a_row(call: str) -> None:
    request, _ = CALLS[call]
    given = {name for cells in rows(section(call)) if len(cells) == 3 for name in named(cells[1])}
    assert properties(f"{request}.request") - {"version"} <= given


@pytest.mark.parametrize("call", CALLS)
def test_every_field_of_a_result_has_a_row(call: str) -> None:
    _, result = CALLS[call]
    rest = section(call).split(f"| result `upload.{result}`")[1]
    given = {name for cells in rows(rest) for name in named(cells[0])}
    assert properties(f"upload.{result}") == given


@pytest.mark.parametrize("text", re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
def test_examples(text: str) -> None:
    """A result keeps to its schema, and so does the message that a request's body becomes."""
    body = json.loads(text.replace("…", "..."))
    if "type" in body:
        urls = [f"https://bucket.example/key?partNumber={n + 1}" for n, _ in enumerate(body.get("presigned_urls", []))]
        schemas.check(body["type"], body | ({"presigned_urls": urls} if urls else {}))
    else:
        message = {"file_id": body.pop("id"), "user_id": 42} | body
        schemas.validator(f"{'complete' if 'parts' in body else 'start'}.request").validate(message)


def test_lists_the_content_types() -> None:
    types = json.loads((schemas.DIRECTORY / "definitions.json").read_text())["$defs"]["requested_content_type"]
    assert ", ".join(types["examples"]) in PAGE
