"""What happened: counts for the table, and what is wrong, with enough to look into it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

SHOWN = 20


class Record:
    """Counts by section and name, from any thread."""

    def __init__(self, directory: Path) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = {}
        self._began = time.monotonic()
        self._log = (directory / "torture.log").open("w", buffering=1)

    def count(self, section: str, name: str, number: int = 1) -> None:
        with self._lock:
            self._counts.setdefault(section, Counter())[name] += number

    def note(self, text: str) -> None:
        """A line of the run's own log."""
        with self._lock:
            self._log.write(f"{time.monotonic() - self._began:8.2f} {text}\n")

    def wrong(self, section: str, text: str) -> None:
        """Counts it, and shows the first few of each kind at once."""
        self.count(section, "total")
        self.note(f"{section.upper()}: {text}")
        if self.total(section) <= SHOWN:
            print(f"{section}: {text}", flush=True)

    def section(self, name: str) -> Counter[str]:
        with self._lock:
            return Counter(self._counts.get(name, Counter()))

    def total(self, section: str) -> int:
        return sum(self.section(section).values())
