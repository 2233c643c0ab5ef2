"""What a PromQL expression names: metrics, and the labels it uses with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""
      (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<variable>\$\{?\w+\}?)
    | (?P<duration>\d+(?:ms|[smhdwy])(?![a-z]))
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
    | (?P<operator>=~|!~|==|!=|<=|>=|[-+*/%^<>=,(){}\[\]:])
    | (?P<space>\s+)
    """,
    re.VERBOSE,
)
GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}
FUNCTIONS = {
    "absent", "avg", "changes", "clamp_max", "count", "histogram_quantile", "increase", "max", "min", "rate", "sum",
    "time",
}  # fmt: skip


@dataclass
class Expression:
    metrics: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    """Of groupings; the matchers' are in `matchers`."""
    matchers: set[tuple[str, str, str]] = field(default_factory=set)
    """Metric, label, and what it is compared with, the alternatives of a regular expression one by one."""


def tokens(text: str) -> list[tuple[str, str]]:
    found = []
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        assert match and match.lastgroup, f"no PromQL from here: {text[position:]}"
        if match.lastgroup != "space":
            found.append((match.lastgroup, match.group()))
        position = match.end()
    return found


def parse(text: str) -> Expression:
    """Reads names off the tokens: enough for rules that a person writes, and it refuses what it does not know."""
    found = Expression()
    rest = tokens(text)
    assert balanced(rest), f"brackets that do not fit: {text}"
    metric = ""
    while rest:
        kind, token = rest.pop(0)
        following = rest[0][1] if rest else ""
        if token in GROUPING and kind == "name":
            assert rest.pop(0)[1] == "(", f"{token} without its labels: {text}"
            while (label := rest.pop(0))[1] != ")":
                if label[0] == "name":
                    found.labels.add(label[1])
        elif token == "{":
            while (label := rest.pop(0))[1] != "}":
                if label[0] != "name":
                    continue
                operator, value = rest.pop(0)[1], rest.pop(0)
                assert operator in ("=", "!=", "=~", "!~") and value[0] == "string", f"{label[1]}{operator}{value[1]}"
                for alternative in value[1].strip("\"'").split("|"):
                    found.matchers.add((metric, label[1], alternative))
        elif kind == "name" and token not in WORDS:
            if following == "(" or (token in FUNCTIONS and following in GROUPING):
                assert token in FUNCTIONS, f"{token} is no function that is known here: {text}"
            else:
                metric = token
                found.metrics.add(token)
    assert found.metrics, f"no metric: {text}"
    return found


def balanced(rest: list[tuple[str, str]]) -> bool:
    closing = {")": "(", "]": "[", "}": "{"}
    opened = []
    for kind, token in rest:
        if kind == "operator" and token in closing.values():
            opened.append(token)
        elif kind == "operator" and token in closing and (not opened or opened.pop() != closing[token]):
            return False
    return not opened
