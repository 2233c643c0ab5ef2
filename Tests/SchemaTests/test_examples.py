"""Every example keeps to its schema; every bad one breaks it, with the code that its folder names."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

import reading
import schemas

SCHEMAS = sorted(schemas.DIRECTORY.glob("*.json"))
NAMES = [path.stem for path in SCHEMAS if path.stem != "definitions"]
REQUESTS = [name for name in NAMES if name.endswith(".request")]
RESULTS = [name for name in NAMES if name.startswith("upload.")]
VALID = sorted(path for path in schemas.EXAMPLES.glob("*/*.json") if path.parts[-2] != "invalid")
REFUSED = sorted(schemas.EXAMPLES.glob("invalid/*.request/*/*.json"))
BROKEN = sorted(schemas.EXAMPLES.glob("invalid/*/*.json"))


def short(path: Path) -> str:
    return path.relative_to(schemas.EXAMPLES).with_suffix("").as_posix()


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_schema_is_valid(path: Path) -> None:
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == path.name


@pytest.mark.parametrize("path", VALID, ids=short)
def test_good_example(path: Path) -> None:
    schemas.check(path.parent.name, reading.message(path.read_bytes()))


@pytest.mark.parametrize("path", [path for path in VALID if path.parent.name in REQUESTS], ids=short)
def test_good_request_is_not_refused(path: Path) -> None:
    assert reading.refusal(path.parent.name, path.read_bytes()) is None


@pytest.mark.parametrize("path", REFUSED, ids=short)
def test_bad_request_is_refused_with_its_code(path: Path) -> None:
    request, code = path.parts[-3:-1]
    assert reading.refusal(request, path.read_bytes()) == code


@pytest.mark.parametrize("path", BROKEN, ids=short)
def test_broken_example_is_found(path: Path) -> None:
    with pytest.raises(ValidationError):
        schemas.check(path.parent.name, json.loads(path.read_text()))


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_has_examples(name: str) -> None:
    assert any(path.parent.name == name for path in VALID)
    if name in REQUESTS:
        assert any(path.parts[-3] == name for path in REFUSED)


def test_no_example_is_overlooked() -> None:
    assert sorted(VALID + REFUSED + BROKEN) == sorted(schemas.EXAMPLES.rglob("*.json"))


@pytest.mark.parametrize("name", RESULTS)
def test_results_take_no_further_field(name: str) -> None:
    example = next(path for path in VALID if path.parent.name == name)
    with pytest.raises(ValidationError):
        schemas.check(name, {**json.loads(example.read_text()), "extra": 1})


@pytest.mark.parametrize("name", RESULTS)
def test_every_field_of_a_result_is_needed(name: str) -> None:
    """But for those that the contract makes depend on what is known."""
    example = json.loads(next(path for path in VALID if path.parent.name == name).read_text())
    for field in example.keys() - {"upload_id" if name == "upload.failed" else None}:
        with pytest.raises(ValidationError):
            schemas.validator(name).validate({key: value for key, value in example.items() if key != field})
