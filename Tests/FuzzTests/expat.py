#!/usr/bin/env python3
"""Judge what the XML reader made of inputs: expat must take and refuse the same, and read the same names and texts.

usage: expat.py xml.verdicts FOLDER: a line each of the input in hex and what was read, `-` where it was refused. Inputs
that are judged differently are kept in FOLDER.
"""
import hashlib
import pathlib
import sys
import xml.parsers.expat
from typing import NamedTuple
from xml.parsers.expat import errors

# What the reader passes over unread or leaves to others: instructions and the declaration, attributes given twice.
LENIENT = {
    errors.codes[message]
    for message in (
        errors.XML_ERROR_MISPLACED_XML_PI,
        errors.XML_ERROR_XML_DECL,
        errors.XML_ERROR_DUPLICATE_ATTRIBUTE,
        errors.XML_ERROR_UNKNOWN_ENCODING,
        errors.XML_ERROR_INCORRECT_ENCODING,
    )
}


class Tree(NamedTuple):
    """A document as XMLFuzz writes it, and how many levels it has."""

    text: str
    depth: int


def read_by_expat(body: bytes) -> Tree:
    depth = 0
    elements: list[tuple[str, list[str], list[str]]] = [("", [], [])]
    parser = xml.parsers.expat.ParserCreate("UTF-8")

    def start(name: str, _: object) -> None:
        nonlocal depth
        depth = max(depth, len(elements))
        elements.append((name.split(":")[-1], [], []))

    def end(_: str) -> None:
        name, text, children = elements.pop()
        references = "".join(f"&#{ord(character)};" for character in "".join(text))
        elements[-1][2].append(f"<n:{name}>{references}{''.join(children)}</n:{name}>")

    def characters(data: str) -> None:
        elements[-1][1].append(data)

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    parser.Parse(body, True)
    return Tree("".join(elements[0][2]), depth)


def difference(body: bytes, expected: str) -> str | None:
    """Why expat does not agree; None where it does, or need not."""
    # Blanks before the declaration, which servers send to keep a connection, and which XML has not.
    document = body.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    try:
        read = read_by_expat(document)
    except xml.parsers.expat.ExpatError as error:
        # The reader takes every character outside ASCII in a name, and instructions by the name of `XML`.
        reserved = b"<?xml" in document.removeprefix(b"<?xml ").lower()
        agreed = expected == "-" or error.code in LENIENT or reserved or not body.isascii()
        return None if agreed else f"expat refuses it: {error}"
    if expected == "-":
        return None if b"<!DOCTYPE" in body or read.depth > 16 or document.startswith(b"\xef\xbb\xbf") else "the reader refuses what expat takes"
    return None if read.text == expected else f"expat reads {read.text[:500]}\nthe reader    {expected[:500]}"


def main() -> int:
    findings = 0
    lines = pathlib.Path(sys.argv[1]).read_bytes().splitlines()
    for line in lines:
        encoded, _, expected = line.partition(b" ")
        body = bytes.fromhex(encoded.decode())
        reason = difference(body, expected.decode())
        if reason and findings < 3:
            name = pathlib.Path(sys.argv[2], f"xml-{hashlib.sha256(body).hexdigest()[:8]}.bin")
            name.write_bytes(body)
            print(f"xml: {reason}\ninput: {body[:512].hex()}\nreplay: make fuzz TARGET=xml INPUT={name}")
        findings += reason is not None
    print(f"expat: {len(lines)} inputs judged, {findings} differ")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
