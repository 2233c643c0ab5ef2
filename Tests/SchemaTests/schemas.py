"""The project's schemas as validators, for every test that reads or writes messages."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Iterator

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DIRECTORY = Path(__file__).resolve().parents[2] / "schemas"
EXAMPLES = DIRECTORY / "examples"


def _pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[ValidationError]:
    """JSON Schema's `$` is the end; Python's also matches before a newline at the end."""
    if validator.is_type(instance, "string") and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = validators.extend(Draft202012Validator, {"pattern": _pattern})


@cache
def _registry() -> Registry:
    contents = [json.loads(path.read_text()) for path in sorted(DIRECTORY.glob("*.json"))]
    for schema in contents:
        del schema["$schema"]  # it would bring back the unextended validator
    return Registry().with_resources((schema["$id"], DRAFT202012.create_resource(schema)) for schema in contents)


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of `schemas/{name}.json`, for instance `start.request` or `upload.started`."""
    return _Validator({"$ref": f"{name}.json"}, registry=_registry(), format_checker=FormatChecker())


def check(name: str, message: Any) -> None:
    """Raises where the message breaks its schema, or what the schema cannot say of a result."""
    validator(name).validate(message)
    if name.startswith("upload."):
        assert message["id"] == message["file_id"]
    if "presigned_urls" in message:
        assert len(message["presigned_urls"]) == message["part_count"]
