"""The HTML reference names all that the schemas have, stands alone, and is well-formed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

import schemas
from test_rest import ERROR, codes_of

DOCUMENT: dict[str, Any] = yaml.safe_load((schemas.DIRECTORY / "asyncapi.yaml").read_text())
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
EMPTY = {"meta"}


class Page(HTMLParser):
    """What stands in `<code>` in each section, the ids and the links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.open: list[str] = []
        self.section = ""
        self.codes: dict[str, set[str]] = {"": set()}
        self.examples: dict[str, list[str]] = {}
        self.links: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in EMPTY:
            self.open.append(tag)
        for name, value in attrs:
            assert name not in {"src", "style"} and not name.startswith("on")
            if name == "href":
                self.links.add(value or "")
            if name == "id":
                assert value and value not in self.codes
                self.section = value
                self.codes[value] = set()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "section":
            self.section = ""

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "code":
            self.codes[self.section].add(data)
        if self.open and self.open[-1] == "pre":
            self.examples.setdefault(self.section, []).append(data)


def write(directory: Path) -> Path:
    output = directory / "made/reference.html"
    subprocess.run([sys.executable, schemas.DIRECTORY / "reference.py", output], check=True, timeout=60)
    return output


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(write(tmp_path_factory.mktemp("reference")).read_text())


def load(name: str) -> Any:
    return json.loads((schemas.DIRECTORY / name).read_text())


def field_names(schema: Any, prefix: str = "") -> Iterator[str]:
    """Each field by its path, as `error.code` and `parts[].etag`."""
    if "$ref" in schema:
        pointer = schema["$ref"].rsplit("/", 1)[1]
        yield from field_names(load("definitions.json")["$defs"][pointer], prefix)
    for name, field in schema.get("properties", {}).items():
        yield prefix + name
        yield from field_names(field, f"{prefix}{name}.")
        yield from field_names(field.get("items", {}), f"{prefix}{name}[].")


def described() -> Iterator[tuple[str, str]]:
    """Sections of the page, each with the file that it describes."""
    for printed in ("dead-letter.json", "session.json", "check.json"):
        yield printed, printed
    for key, message in MESSAGES.items():
        for place in ("payload", "headers"):
            if "schema" in message.get(place, {}):
                yield message.get("name", key), message[place]["schema"]["$ref"]


DESCRIBED = list(described())


def test_every_schema_is_described() -> None:
    assert {name for _, name in DESCRIBED} == {path.name for path in schemas.DIRECTORY.glob("*.json")} - {
        "definitions.json"
    }


@pytest.mark.parametrize(("section", "name"), DESCRIBED)
def test_names_every_field(page: Page, section: str, name: str) -> None:
    names = set(field_names(load(name)))
    assert names
    assert names <= page.codes[section]


def test_nested_fields_are_looked_for() -> None:
    assert {"error", "error.code"} <= set(field_names(load("upload.failed.json")))
    assert {"parts", "parts[].etag"} <= set(field_names(load("complete.request.json")))


@pytest.mark.parametrize("code", sorted(codes_of(ERROR)))
def test_names_every_error_code(page: Page, code: str) -> None:
    assert code in page.codes["errors"]
    line = next(line for line in page.text.splitlines() if line.startswith(f"<tr><td><code>{code}</code>"))
    assert f"<td><code>{codes_of(ERROR)[code]}</code></td>" in line
    assert ("<td>yes</td>" in line) is (code == "storage_unavailable")


def test_every_error_code_has_words() -> None:
    words = {each["const"]: each["description"] for each in ERROR["properties"]["code"]["oneOf"]}
    assert set(words) == set(codes_of(ERROR))


def test_names_every_header_of_a_message(page: Page) -> None:
    traits = DOCUMENT["components"]["messageTraits"]
    for key, message in MESSAGES.items():
        for reference in message.get("traits", []):
            headers = traits[reference["$ref"].rsplit("/", 1)[1]]["headers"]["properties"]
            assert set(headers) | {"correlation_id"} <= page.codes[message.get("name", key)]


def test_names_every_address(page: Page) -> None:
    assert {channel["address"] or "reply_to" for channel in DOCUMENT["channels"].values()} <= page.codes[""]


@pytest.mark.parametrize(("section", "name"), DESCRIBED)
def test_shows_the_examples(page: Page, section: str, name: str) -> None:
    files = list((schemas.EXAMPLES / name.removesuffix(".json")).glob("*.json"))
    assert files
    assert {path.read_text().strip() for path in files} <= set(page.examples[section])


def test_stands_alone(page: Page) -> None:
    assert not page.tags & {"script", "link", "img", "iframe", "object", "base"}
    assert "url(" not in page.text and "@import" not in page.text
    assert {link.removeprefix("#") for link in page.links if link.startswith("#")} <= set(page.codes)
    assert all(link.startswith("#") for link in page.links)
    assert len(page.links) >= len(MESSAGES)


def test_is_the_same_each_time(tmp_path: Path) -> None:
    assert write(tmp_path / "one").read_bytes() == write(tmp_path / "other").read_bytes()


def test_without_a_place_to_write_to() -> None:
    command = [sys.executable, schemas.DIRECTORY / "reference.py"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 64
