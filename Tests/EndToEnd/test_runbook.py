"""The runbook: an entry for each alert, about metrics and log lines that exist."""

from __future__ import annotations

import re

import pytest
import yaml

from harness.deployment import DEPLOY, README
from harness.worker import REPOSITORY


def entries() -> dict[str, str]:
    text = (DEPLOY / "runbook.md").read_text()
    return dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def alerts() -> list[str]:
    groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"]
    return [rule["alert"] for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("alert", alerts())
def test_an_alert_has_its_entry_in_the_runbook(alert: str) -> None:
    assert alert in entries(), f"deploy/runbook.md has no entry {alert}"
    for part in ("- Means: ", "- Look: ", "- Do: "):
        assert part in entries()[alert], f"the entry {alert} of deploy/runbook.md has no line {part}"


def test_the_runbook_names_metrics_and_lines_that_exist() -> None:
    text = (DEPLOY / "runbook.md").read_text()
    metrics = set(re.findall(r"`(upload_worker_\w+)`", text))
    assert metrics <= set(re.findall(r"`(upload_worker_\w+)`", README))
    sources = "\n".join(path.read_text() for path in (REPOSITORY / "Sources").rglob("*.swift"))
    for line in re.findall(r"`([A-Z][a-z]+(?: [a-z]+)+)`", text):
        assert f'"{line}"' in sources, line
