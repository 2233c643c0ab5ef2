"""A plugin of pytest: at the end of the run, searches all that was printed for secrets."""

from __future__ import annotations

from typing import Any

import pytest

from harness.output import EVERYTHING

LEAKS = pytest.StashKey[list[str]]()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails the run where any process has printed a secret. Under xdist each part tells the one that reports."""
    found = [str(leak) for leak in EVERYTHING.leaks()]
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["leaks"] = found
        return
    leaks = session.config.stash.setdefault(LEAKS, [])
    leaks += found
    if leaks and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash.setdefault(LEAKS, []).extend(getattr(node, "workeroutput", {}).get("leaks", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for leak in config.stash.get(LEAKS, []):
        terminalreporter.write_line(f"SECRET PRINTED {leak}", red=True)
