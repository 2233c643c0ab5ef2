"""Everything that the program under test has printed in this run, and a search of it for what must stay secret."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

PATTERNS = {
    "a signature": re.compile(r"X-Amz-Signature\s*[=:]|\bSignature=[0-9a-f]{16}|AWS4-HMAC-SHA256", re.IGNORECASE),
    "a presigned URL's credential": re.compile(r"X-Amz-Credential", re.IGNORECASE),
    "a session token": re.compile(r"X-Amz-Security-Token", re.IGNORECASE),
    # But for those of the instructions: give amqp://user:password@host, amqp://guest:guest@localhost is the default.
    "a password in a URL": re.compile(
        r"\b[a-z][a-z0-9+.-]*://(?!user:password@host|guest:guest@localhost)[^\s/:@\"'\\]*:[^\s/@\"'\\]+@",
        re.IGNORECASE,
    ),
    "a header that lets in": re.compile(r"\bauthorization\s*[:=]\s*\S", re.IGNORECASE),
}
"""What a secret looks like, whatever its value."""

SECRET_SETTINGS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN")
URL_SETTINGS = ("AMQP_URL", "SESSION_STORE")
TOKEN_FILE_SETTINGS = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
SHARED_FILE_SETTINGS = ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE")
HEADER_SETTINGS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
SHORTEST_SECRET = 8
"""A shorter one, as some tests set, is a word of any text."""


@dataclass(frozen=True)
class Leak:
    test: str
    source: str
    what: str
    line: str
    """Without the secret."""

    def __str__(self) -> str:
        return f"{self.test}: {self.source} shows {self.what}: {self.line}"


@dataclass
class Output:
    """Texts and files with the test that made them, and the run's own secrets."""

    secrets: dict[str, str] = field(default_factory=dict)
    """What each is, by its value."""
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    """Test, source, text."""
    files: dict[Path, str] = field(default_factory=dict)
    """Logs, each with the first test that wrote to it."""

    def keep(self, source: str, *texts: str | bytes | None) -> None:
        for text in texts:
            if text:
                shown = text.decode(errors="replace") if isinstance(text, bytes) else text
                self.texts.append((current_test(), source, shown))

    def keep_file(self, path: Path) -> None:
        self.files.setdefault(path, current_test())

    def learn(self, environment: dict[str, str]) -> None:
        """The secrets among the settings of a process, and in the files that these name."""
        for name, value in secrets_in(environment):
            self.learn_secret(name, value)

    def learn_secret(self, name: str, value: str | None) -> None:
        if value and len(value) >= SHORTEST_SECRET:
            self.secrets.setdefault(value, name)

    def leaks(self) -> list[Leak]:
        logs = [
            (test, path.name, path.read_text(errors="replace")) for path, test in self.files.items() if path.exists()
        ]
        return list(dict.fromkeys(leak for each in self.texts + logs for leak in self.leaks_in(*each)))

    def leaks_in(self, test: str, source: str, text: str) -> Iterator[Leak]:
        values = {form: what for value, what in self.secrets.items() for form in forms(value)}
        for line in text.splitlines():
            found = {what for value, what in values.items() if value in line}
            found |= {what for what, pattern in PATTERNS.items() if pattern.search(line)}
            for what in sorted(found):
                yield Leak(test, source, what, redacted(line, values))


def secrets_in(environment: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    for name in SECRET_SETTINGS:
        yield name, environment.get(name)
    for name in URL_SETTINGS:
        for url in environment.get(name, "").split(","):
            yield f"the password of {name}", password(url)
    for name in HEADER_SETTINGS:
        for pair in environment.get(name, "").split(","):
            yield name, unquote(pair.partition("=")[2].strip())
    for name in TOKEN_FILE_SETTINGS:
        yield name, text_of(environment.get(name)).strip()
    for name in SHARED_FILE_SETTINGS:
        for line in text_of(environment.get(name)).splitlines():
            key, _, value = line.partition("=")
            if key.strip() in ("aws_secret_access_key", "aws_session_token"):
                yield name, value.strip()


def text_of(path: str | None) -> str:
    """Of a file that a test may have left out, or made something else."""
    found = Path(path) if path else None
    return found.read_text(errors="replace") if found and found.is_file() else ""


def password(url: str) -> str | None:
    try:
        found = urlsplit(url).password
    except ValueError:  # a test of wrong settings
        return None
    # The broker's own default, and a word that any line may hold.
    return unquote(found) if found and found != "guest" else None


def forms(value: str) -> Iterable[str]:
    """As it is, and as it may stand in a URL."""
    return {value, quote(value, safe="")}


def redacted(line: str, values: dict[str, str]) -> str:
    """The beginning of the line, without anything secret: what comes behind the first trace of it is cut off."""
    starts = [line.index(value) for value in values if value in line]
    starts += [match.start() for pattern in PATTERNS.values() if (match := pattern.search(line))]
    return line[: min(min(starts), 300)] + "…"


def current_test() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "between tests").rpartition(" (")[0] or "between tests"


EVERYTHING = Output()
"""Of this run: the harness puts in what every process prints."""
