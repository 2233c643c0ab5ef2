"""What the fixtures that are functions look like to the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.messages import Result
from harness.requester import Requester
from harness.worker import Worker

Settings = Callable[..., dict[str, str]]
Launch = Callable[..., Worker]
Connect = Callable[[Worker], Requester]
Started = Callable[[dict[str, Any]], Result]
