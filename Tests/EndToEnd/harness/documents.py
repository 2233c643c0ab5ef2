"""The project's pages: their code blocks, the commands in them, and what they say is seen."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^ {4,}\S.*\n)(?:(?:^ {4,}.*\n)|(?:^\n(?=^ {4,}\S)))*", re.MULTILINE)
PROGRAM = "upload-worker"
OPERATORS = set(";|&<>()")


@dataclass(frozen=True)
class Block:
    language: str
    """Empty for a block that is only indented."""
    text: str


def section(page: str, title: str) -> str:
    """What stands below that heading, up to the next of the same rank."""
    _, heading, rest = page.partition(f"\n## {title}\n")
    assert heading, f"the page has no section {title}"
    return rest.partition("\n## ")[0]


def blocks(page: str) -> list[Block]:
    """Fenced and indented ones, in order."""
    found = [(match.start(), Block(match[1], match[2])) for match in FENCE.finditer(page)]
    rest = FENCE.sub(lambda match: re.sub(r"[^\n]", "~", match[0]), page)
    found += [(match.start(), Block("", textwrap.dedent(match[0]))) for match in INDENTED.finditer(rest)]
    return [block for _, block in sorted(found, key=lambda each: each[0])]


def steps(text: str) -> list[tuple[str, str]]:
    """Each block of commands with the block after it, which says what they print."""
    found = [block for block in blocks(text) if block.language in ("sh", "text")]
    assert [block.language for block in found] == ["sh", "text"] * (len(found) // 2)
    return [(commands.text, said.text) for commands, said in zip(found[::2], found[1::2], strict=True)]


def calls(page: str) -> Iterator[list[str]]:
    """The arguments of every call of the program: in blocks of commands, and in the text between backquotes."""
    for block in blocks(page):
        if block.language in ("", "sh"):
            for line in block.text.replace("\\\n", " ").splitlines():
                yield from calls_of(line)
    for code in re.findall(rf"`({PROGRAM} [^`]+)`", FENCE.sub("", page).replace("\n", " ")):
        yield from calls_of(code)


def calls_of(line: str) -> Iterator[list[str]]:
    if not re.search(rf"(?<![\w/.-]){PROGRAM}(?= |$)", line):
        return
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    command: list[str] = []
    for word in [*words, ";"]:
        if set(word) <= OPERATORS:
            if command[:1] == [PROGRAM]:
                yield command[1:]
            command = []
        elif word != "sudo" and not (not command and re.fullmatch(r"[A-Z_]+=.*", word)):
            command.append(word)


def missing(said: str, output: str) -> str | None:
    """The first line of what the page says that the output does not show; None where it shows all, in that order.

    `…` stands for anything in a line, and alone for any lines.
    """
    lines = iter(output.splitlines())
    for expected in said.splitlines():
        pattern = ".*".join(re.escape(part) for part in expected.rstrip().split("…"))
        if expected.strip() != "…" and not any(re.fullmatch(pattern, line.rstrip()) for line in lines):
            return expected
    return None
