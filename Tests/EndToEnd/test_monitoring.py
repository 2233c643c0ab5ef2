"""Alert rules and dashboard: they ask for what the page shows, and for nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from harness import promql, requests
from harness.gate import StoreGate
from harness.metrics import samples
from harness.requester import Requester
from harness.schemas import Schemas
from harness.servers import BrokerServer
from harness.store import Store
from harness.waiting import until
from harness.worker import REPOSITORY, Worker

ALERTS = Path(REPOSITORY, "deploy/prometheus/alerts.yaml")
DASHBOARD = Path(REPOSITORY, "deploy/grafana/dashboard.json")
OF_TARGETS = {"job", "instance"}
"""Labels that Prometheus gives to all it reads."""
OF_STORES = ("upload_worker_s3_errors_total", "code")
"""Values that only a store in trouble makes."""

Shown = dict[str, dict[str, set[str]]]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return json.loads(DASHBOARD.read_text())["panels"]


def targets() -> Iterator[tuple[str, dict[str, Any]]]:
    for panel in panels():
        for target in panel.get("targets", []):
            yield panel["title"], target


EXPRESSIONS = [(rule["alert"], rule["expr"]) for rule in rules()] + [
    (title, target["expr"]) for title, target in targets()
]


ENDING = {"AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z"}
"""Credentials that end: only these show when."""


@pytest.fixture(scope="module")
def shown(
    start_worker: Callable[..., Worker],
    broker: BrokerServer,
    store: Store,
    schemas: Schemas,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shown]:
    """The samples' names, with their labels and these labels' values, once every kind was asked for and the store was in
    trouble for a moment."""
    with (
        StoreGate(store.server.endpoint) as gate,
        start_worker(tmp_path_factory.mktemp("worker"), AWS_ENDPOINT_URL_S3=gate.endpoint, **ENDING) as worker,
        Requester(broker.url, worker.topology, schemas) as requester,
    ):
        gate.fail(503, "SlowDown")
        requester.send("start", requests.start(), correlation_id="repeated")
        until(lambda: has(worker, "upload_worker_s3_retries_total"), "a try to be repeated")
        gate.open()
        requester.replies.result(correlation_id="repeated").expect("upload.started")
        for kind in ("start", "complete", "resume", "abort"):
            requester.request(kind, requests.OF_KIND[kind]())
        until(lambda: has(worker, "upload_worker_dead_letters_waiting"), "the broker to tell")
        yield found_on(worker)
    broker.forget(worker.topology, worker.age)


def has(worker: Worker, name: str) -> bool:
    return any(sample.name == name for sample in samples(worker))


def found_on(worker: Worker) -> Shown:
    _, page = worker.status("/metrics")
    found: Shown = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = found[sample.name]
            for name, value in sample.labels.items():
                labels[name].add(value)
    return found


@pytest.mark.parametrize(
    ("title", "text"), EXPRESSIONS, ids=[f"{title}-{n}" for n, (title, _) in enumerate(EXPRESSIONS)]
)
def test_an_expression_asks_for_what_there_is(shown: Shown, title: str, text: str) -> None:
    expression = promql.parse(text)
    unknown = expression.metrics - set(shown)
    assert not unknown, f"{title}: the page has no {unknown}"
    labels = {label for metric in expression.metrics for label in shown.get(metric, {})} | OF_TARGETS
    assert expression.labels <= labels, f"{title}: {expression.metrics} has no label {expression.labels - labels}"
    for metric, label, value in expression.matchers:
        if label in OF_TARGETS or (metric, label) == OF_STORES:
            continue
        assert value in shown[metric][label], f"{title}: {metric} has no {label}={value}"


def test_the_alerts_can_be_read() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert rule["annotations"]["summary"]
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        used = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
        aggregated = re.search(r"\b(?:sum|min|max)\b", rule["expr"])
        known = promql.parse(rule["expr"]).labels if aggregated else used
        assert used <= known, f"{rule['alert']} names labels that its expression leaves out"


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_takes_the_alerts() -> None:
    subprocess.run(["promtool", "check", "rules", ALERTS], check=True, timeout=60)


def test_every_metric_of_the_worker_is_on_the_dashboard(shown: Shown) -> None:
    used = {metric for _, target in targets() for metric in promql.parse(target["expr"]).metrics}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown if name.startswith("upload_worker")}
    assert not families - {re.sub(r"_(bucket|sum|count)$", "", name) for name in used}


def test_the_dashboard_can_be_loaded() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    assert dashboard["title"] and dashboard["uid"] and dashboard["schemaVersion"]
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)
    for panel in panels():
        assert panel["title"]
        position = panel["gridPos"]
        assert position["x"] + position["w"] <= 24
    taken = [(p["gridPos"], p["title"]) for p in panels()]
    for index, (one, title) in enumerate(taken):
        for other, other_title in taken[:index]:
            apart = (
                one["x"] + one["w"] <= other["x"]
                or other["x"] + other["w"] <= one["x"]
                or one["y"] + one["h"] <= other["y"]
                or other["y"] + other["h"] <= one["y"]
            )
            assert apart, f"{title} lies on {other_title}"


@pytest.mark.parametrize(
    "text", ["rate(x[5m]", "sum by instance (x)", "frobnicate(x)", "1 + 2", "x{a=b}", "x ; y"], ids=str
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises((AssertionError, IndexError)):
        promql.parse(text)
