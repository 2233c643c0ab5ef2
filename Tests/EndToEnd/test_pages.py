"""The pages: every call of the program in them is one that it takes, every link leads somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness import documents
from harness.worker import REPOSITORY, run

PAGES = ["README.md", "deploy/production.md", "deploy/runbook.md", "examples/README.md", "schemas/README.md"]

Command = dict[str, Any]


def calls() -> list[tuple[str, list[str]]]:
    pages = [(page, Path(REPOSITORY, page).read_text()) for page in PAGES]
    return [(page, call) for page, text in pages for call in documents.calls(text)]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The program's commands with their arguments, as it tells them itself."""
    done = run(["--experimental-dump-help"], {}, tmp_path_factory.mktemp("program"))
    command: Command = json.loads(done.stdout)["command"]
    return command


def names(argument: dict[str, Any]) -> set[str]:
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    return {dashes[name["kind"]] + name["name"] for name in argument.get("names", [])}


def problem(command: Command, words: list[str]) -> str | None:
    """What of a call the program does not know; a call may leave out what a page names elsewhere."""
    rest = list(words)
    while rest and (found := [each for each in command.get("subcommands", []) if each["commandName"] == rest[0]]):
        command = found[0]
        rest.pop(0)
    arguments = command.get("arguments", [])
    free = [argument for argument in arguments if argument["kind"] == "positional"]
    while rest:
        word, _, value = rest.pop(0).partition("=")
        if not word.startswith("-"):
            if not free:
                return f"{command['commandName']} takes no {word}"
            free.pop(0)
            continue
        option = next((argument for argument in arguments if word in names(argument)), None)
        if option is None:
            return f"{command['commandName']} has no option {word}"
        if option["kind"] == "flag":
            continue
        if not value and not rest:
            return f"{word} of {command['commandName']} takes a value"
        value = value or rest.pop(0)
        known = option.get("allValues")
        if known and value not in known and not value.isupper():
            return f"{word} takes one of {known}, not {value}"
    return None


def test_the_pages_call_the_program() -> None:
    assert len([call for page, call in calls() if page == "README.md"]) > 20
    assert [call for page, call in calls() if page == "deploy/production.md"]


@pytest.mark.parametrize(
    ("page", "call"), calls(), ids=lambda value: " ".join(value) if isinstance(value, list) else value
)
def test_a_call_is_one_of_the_program(program: Command, page: str, call: list[str]) -> None:
    assert problem(program, call) is None, f"{page}: upload-worker {' '.join(call)}"


@pytest.mark.parametrize(
    "call",
    ["fly", "run now", "upload a b", "check --loud", "dead list --format xml", "dead list --limit", "dead burn"],
)
def test_what_is_no_call(program: Command, call: str) -> None:
    assert problem(program, call.split())


LINKING = [*PAGES, "schemas/rest.md", "Benchmarks/README.md", "Tests/FuzzTests/README.md"]


@pytest.mark.parametrize("page", LINKING)
def test_a_link_leads_somewhere(page: str) -> None:
    """To a file of the tree, and to a heading that the page has."""
    text = Path(REPOSITORY, page).read_text()
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, heading = link.partition("#")
        target = Path(REPOSITORY, page).parent / path if path else Path(REPOSITORY, page)
        assert target.exists(), f"{page} leads to {link}"
        assert not heading or heading in anchors(target.read_text()), f"{page} leads to {link}"


def anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    ("said", "output", "missing"),
    [
        ("one\n…\nfour", "one\ntwo\nthree\nfour\n", None),
        ("a … z", "b\na to z\n", None),
        ("two\none", "one\ntwo\n", "one"),
        ("status 75", "status 0\n", "status 75"),
        ("status 7", "status 75\n", "status 7"),
        ("", "anything\n", None),
    ],
)
def test_what_is_seen(said: str, output: str, missing: str | None) -> None:
    assert documents.missing(said, output) == missing


def test_what_a_page_holds() -> None:
    indented = "    upload-worker run   # serve\n    x | upload-worker dead list --limit 3\n"
    page = f"\n## A\n\n{indented}\n```json\n{{}}\n```\n`upload-worker check`\n"
    assert documents.section(page, "A").startswith(f"\n{indented}")
    assert [block.language for block in documents.blocks(page)] == ["", "json"]
    assert list(documents.calls(page)) == [["run"], ["dead", "list", "--limit", "3"], ["check"]]
