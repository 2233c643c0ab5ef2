"""Waiting, with a deadline, for what sends no signal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T | None], what: str, timeout: float = 15) -> T:
    """The condition's first true value; an assertion that names `what` when none comes in time."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, f"after {timeout} s still waiting for {what}"
        time.sleep(0.02)
