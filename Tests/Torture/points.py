"""The worker's crash points: which there are, which were reached, and where to kill it next."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from pathlib import Path

from harness.worker import BINARY

USUAL = 0.6
"""A point that so many lives reach is passed often in each."""


class Points:
    def __init__(self, log: Path, chance: random.Random) -> None:
        self.log = log
        self._random = chance
        said = subprocess.run([BINARY, "crash-points"], capture_output=True, text=True, check=True, timeout=60)
        self.names = said.stdout.split()
        self.kills: Counter[str] = Counter()
        self._lives = 0

    @property
    def reached(self) -> Counter[str]:
        """In how many lives each point was passed."""
        return Counter(self.log.read_text().split() if self.log.exists() else [])

    @property
    def unreached(self) -> list[str]:
        return [name for name in self.names if not self.reached[name]]

    def next_target(self) -> str | None:
        """NAME:N for a new life, or none; of the points reached before, those where it was killed least come first."""
        reached = self.reached
        self._lives += 1
        if not reached or self._random.random() < 0.2:
            return None
        names = list(reached)
        name = self._random.choices(names, [1 / (1 + self.kills[name]) ** 2 for name in names])[0]
        is_usual = reached[name] > USUAL * self._lives
        return f"{name}:{self._random.randint(5, 60) if is_usual else self._random.randint(1, 2)}"
