"""Section 2 of the contract once more, in Python: which code a request's body is refused with."""

import json
from typing import Any

import schemas

FIELDS = ("file_id", "user_id", "part_count", "content_type", "upload_id", "parts")
MAX_BYTES = 65536
MAX_DEPTH = 16


class Malformed(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise Malformed("a key twice")
    return dict(pairs)


def _not_json(text: str) -> None:
    raise Malformed(f"{text} is no JSON")


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def message(body: bytes) -> dict[str, Any]:
    """The JSON object of a body that keeps to the first line of section 2."""
    if len(body) > MAX_BYTES:
        raise Malformed("too large")
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_not_json)
    except ValueError as error:
        raise Malformed(str(error)) from error
    if not isinstance(value, dict) or _depth(value) > MAX_DEPTH:
        raise Malformed("not an object, or too deep")
    return value


def _broken_fields(name: str, request: dict[str, Any]) -> set[str]:
    """The top-level fields that are missing or break a rule."""
    broken: set[str] = set()
    for error in schemas.validator(name).iter_errors(request):
        if error.path:
            broken.add(str(error.path[0]))
        else:
            broken.update(field for field in error.validator_value if field not in request)
    parts, count = request.get("parts"), request.get("part_count")
    if name == "complete.request" and isinstance(parts, list):
        if count is not None and count != len(parts):
            broken.add("part_count")
        if "parts" not in broken and sorted(part["part_number"] for part in parts) != list(range(1, len(parts) + 1)):
            broken.add("parts")
    return broken


def refusal(name: str, body: bytes) -> str | None:
    """The code that the body is refused with; None where it is a good request."""
    try:
        request = message(body)
    except Malformed:
        return "malformed_message"
    broken = _broken_fields(name, request)
    if "version" in broken:
        return "unsupported_version"
    return next((f"invalid_{field}" for field in FIELDS if field in broken), None)
