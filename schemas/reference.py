#!/usr/bin/env python3
"""Writes the reference of the messages as one HTML page, from asyncapi.yaml, the schemas and their examples.

    python3 schemas/reference.py OUTPUT.html        # needs PyYAML; `make docs` does it all

The page stands alone: no script, no font, nothing from the network.
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DIRECTORY = Path(__file__).resolve().parent
Schema = dict[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: #8885; --back: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1rem 1.5rem 4rem; }
h2 { border-bottom: 1px solid var(--line); margin-top: 3rem; } h3 { margin-top: 2.5rem; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
th { background: var(--back); } td:first-child { white-space: nowrap; }
code, pre { font: .88em ui-monospace, monospace; } td code { overflow-wrap: anywhere; }
pre { background: var(--back); max-height: 24rem; overflow: auto; padding: .7rem; }
summary { cursor: pointer; } nav li { display: inline-block; margin-right: 1rem; }
"""

# What a row says by other means, or what says nothing to a reader.
SILENT = {"$defs", "$id", "$schema", "additionalProperties", "description", "examples", "items", "title"}
STRUCTURE = {"anyOf", "dependentRequired", "oneOf", "properties", "required"}


def load(name: str) -> Schema:
    schema: Schema = json.loads((DIRECTORY / name).read_text())
    return schema


def resolved(schema: Schema) -> Schema:
    """The schema with what it refers to; its own words come before those of the reference."""
    if "$ref" not in schema:
        return schema
    name, _, pointer = schema["$ref"].partition("#")
    target: Any = load(name or "definitions.json")  # they alone refer to themselves
    for step in pointer.strip("/").split("/") if pointer else []:
        target = target[step]
    return resolved(target) | {key: value for key, value in schema.items() if key != "$ref"}


def code(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"<code>{html.escape(text)}</code>"


def prose(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text.strip()))


def listed(values: list[Any]) -> str:
    return ", ".join(map(code, values))


def kind(schema: Schema) -> str:
    """The type, in words."""
    schema = resolved(schema)
    if "anyOf" in schema:
        return " or ".join(kind(branch) for branch in schema["anyOf"])
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        return listed(schema["enum"])
    if schema.get("type") == "array" and "items" in schema:
        return f"array of {kind(schema['items'])}"
    if "oneOf" in schema and "type" not in schema:
        return f"one of the {anchor('errors')}"
    types = schema.get("type", "any")
    return " or ".join([types] if isinstance(types, str) else types)


RULES = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches {}",
    "format": "format {}",
    "uniqueItems": "no item twice",
}


def rules(schema: Schema) -> Iterator[str]:
    """What else a value must keep to. A keyword that this page cannot put in words ends the script."""
    schema = resolved(schema)
    for keyword, value in schema.items():
        if keyword == "pattern" and "examples" in schema:
            yield f"one of {listed(schema['examples'])}"  # for people; the pattern says the same
        elif keyword == "$comment":
            yield prose(value.removeprefix("Beyond JSON Schema: "))
        elif keyword in RULES:
            yield RULES[keyword].format(code(value))
        elif keyword == "not":
            yield f"not {listed(value['enum'])}"
        elif keyword not in SILENT | STRUCTURE | {"const", "enum", "type"}:
            raise ValueError(f"the reference has no words for the keyword {keyword!r}: add them to reference.py")
    for branch in schema.get("anyOf", []):
        yield from rules(branch)
    if schema.get("type") == "array" and "items" in schema:
        yield from (f"each: {rule}" for rule in rules(schema["items"]))


def rows(schema: Schema, prefix: str = "") -> Iterator[str]:
    required = set(schema.get("required", []))
    for name, given in schema.get("properties", {}).items():
        field = resolved(given)
        needs = schema.get("dependentRequired", {}).get(name)
        presence = "required" if name in required else f"with {listed(needs)}" if needs else "optional"
        cells = [
            code(prefix + name),
            kind(field),
            presence,
            "; ".join(rules(field)),
            prose(field.get("description", "")),
        ]
        yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        items = resolved(field.get("items", {}))
        yield from rows(field, f"{prefix}{name}.")
        yield from rows(items, f"{prefix}{name}[].")


def table(heads: list[str], lines: Iterator[str] | list[str]) -> str:
    head = "".join(f"<th>{each}</th>" for each in heads)
    return "\n".join(["<table>", f"<tr>{head}</tr>", *lines, "</table>"])


def fields(schema: Schema) -> str:
    return table(["field", "type", "presence", "rule", "meaning"], rows(schema))


def examples(schema_name: str) -> Iterator[str]:
    for path in sorted((DIRECTORY / "examples" / schema_name.removesuffix(".json")).glob("*.json")):
        title = path.stem.replace("-", " ")
        yield f"<details><summary>Example: {html.escape(title)}</summary>"
        yield f"<pre>{html.escape(path.read_text().strip())}</pre></details>"


def anchor(name: str) -> str:
    return f'<a href="#{html.escape(name)}"><code>{html.escape(name)}</code></a>'


class Reference:
    def __init__(self) -> None:
        self.document: dict[str, Any] = yaml.safe_load((DIRECTORY / "asyncapi.yaml").read_text())
        self.components = self.document["components"]
        self.messages: dict[str, Any] = self.components["messages"]

    def resolve(self, reference: dict[str, str]) -> Any:
        node: Any = self.document
        for step in reference["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        return self.resolve(node) if "$ref" in node else node

    def name(self, key: str) -> str:
        """What the page calls a message: a result by its type, a request by its key."""
        return str(self.messages[key].get("name", key))

    def links(self, references: list[dict[str, str]]) -> str:
        return ", ".join(anchor(self.name(reference["$ref"].rsplit("/", 1)[1])) for reference in references)

    def page(self) -> str:
        info = self.document["info"]
        title = f"{html.escape(info['title'])} {html.escape(info['version'])}: the messages"
        requests = [key for key in self.messages if f"{key}.request.json" in self.schemas(key)]
        results = [key for key in self.messages if "name" in self.messages[key]]
        names = [self.name(key) for key in self.messages]
        places = [*names, "errors", "dead-letter.json", "session.json", "check.json"]
        return "\n".join([
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
            f"<h1>{title}</h1>\n<p>{prose(info['description'])}</p>",
            "<nav><ul>" + "".join(f"<li>{anchor(name)}</li>" for name in places) + "</ul></nav>",
            *self.servers(),
            *self.channels(),
            "<h2>Requests</h2>",
            *(line for key in requests for line in self.request(key)),
            "<h2>Results</h2>",
            *(line for key in results for line in self.message(key)),
            *self.errors(),
            "<h2>Dead letters</h2>",
            *self.message("deadLetter"),
            *self.printed("dead-letter.json"),
            "<h2>Sessions and checks</h2>",
            *self.printed("session.json"),
            *self.printed("check.json"),
            "</body>\n</html>\n",
        ])  # fmt: skip

    def schemas(self, key: str) -> list[str]:
        """The files that a message's body and headers are described in."""
        message = self.messages[key]
        places = (message[place]["schema"] for place in ("payload", "headers") if "schema" in message.get(place, {}))
        return [schema["$ref"] for schema in places]

    def servers(self) -> Iterator[str]:
        for server in self.document["servers"].values():
            version = f"{server['protocol']} {server['protocolVersion']}"
            yield f"<p>{code(server['host'])}, {html.escape(version)}. {prose(server['description'])}</p>"

    def channels(self) -> Iterator[str]:
        yield "<h2>Queues and exchanges</h2>"
        yield table(
            ["address", "messages", "meaning"], [self.channel(each) for each in self.document["channels"].values()]
        )

    def channel(self, channel: dict[str, Any]) -> str:
        address = code(channel["address"]) if channel["address"] else code("reply_to")
        more = [prose(channel["description"])]
        for name, parameter in channel.get("parameters", {}).items():
            more.append(f"{code('{' + name + '}')}: {prose(parameter['description'])} {listed(parameter['examples'])}")
        cells = [address, self.links(list(channel["messages"].values())), " ".join(more)]
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    def request(self, key: str) -> Iterator[str]:
        operation = next(each for each in self.document["operations"].values() if self.asks(each, key))
        reply = operation["reply"]
        yield from self.message(key, before=[
            f"<p>Queue {code(self.resolve(operation['channel'])['address'])}. "
            f"Answered with {self.links(reply['messages'])}.</p>",
            f"<p>{code('reply_to')}: {prose(self.resolve(reply['channel'])['description'])} "
            f"{prose(self.resolve(reply['address'])['description'])}</p>",
        ])  # fmt: skip

    def asks(self, operation: dict[str, Any], key: str) -> bool:
        return bool(operation["action"] == "receive" and operation["channel"]["$ref"] == f"#/channels/{key}")

    def message(self, key: str, before: list[str] | None = None) -> Iterator[str]:
        message = self.messages[key]
        traits = [self.resolve(trait) for trait in message.get("traits", [])]
        schemas = self.schemas(key)
        title = message.get("title") or load(schemas[0])["title"]
        yield f'<section id="{html.escape(self.name(key))}">'
        yield f"<h3>{code(self.name(key))} {html.escape(title)}</h3>"
        if "summary" in message:
            yield f"<p>{prose(message['summary'])}</p>"
        yield from before or []
        for trait in traits:
            yield f"<p>{prose(trait.get('description', ''))} {code('correlation_id')}: " + (
                f"{prose(self.resolve(trait['correlationId'])['description'])}</p>"
            )
            yield f"<h4>Headers</h4>\n{fields(trait['headers'])}"
        for name in schemas:
            schema = load(name)
            heading = "Headers" if name == "dead-letter.headers.json" else "Body"
            yield f"<h4>{heading}</h4>\n<p>{prose(schema.get('description', ''))}</p>\n{fields(schema)}"
            yield from examples(name)
        yield "</section>"

    def errors(self) -> Iterator[str]:
        error = load("definitions.json")["$defs"]["error"]
        words = {each["const"]: each["description"] for each in error["properties"]["code"]["oneOf"]}
        yield f'<section id="errors">\n<h2>Errors</h2>\n<p>{prose(error["description"])}</p>'
        lines = []
        for name, known in codes(error, {}):
            same = "yes" if known["retryable"] else "no"
            cells = [code(name), code(known["status"]), code(known["field"]) if "field" in known else "", same]
            cells.append(prose(words[name]))
            lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        yield table(["code", "status", "field", "retryable", "when"], lines)
        yield "</section>"

    def printed(self, name: str) -> Iterator[str]:
        schema = load(name)
        yield f'<section id="{name}">\n<h3>{code(name)} {html.escape(schema["title"])}</h3>'
        yield f"<p>{prose(schema['description'])}</p>\n{fields(schema)}"
        yield from examples(name)
        yield "</section>"


def codes(node: Schema, known: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each code of an error with the constants that the branches of its schema give it."""
    properties = node.get("properties", {})
    known = known | {name: each["const"] for name, each in properties.items() if "const" in each}
    if "code" in known:
        yield known["code"], known
    for name in properties.get("code", {}).get("enum", []):
        yield name, known
    for branch in node.get("oneOf", []):
        yield from codes(branch, known)


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    output = Path(sys.argv[1])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(Reference().page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
