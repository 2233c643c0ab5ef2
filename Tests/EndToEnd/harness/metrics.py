"""A worker's page for Prometheus, read by Prometheus' own client."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from harness.worker import Worker


def samples(worker: Worker) -> list[Sample]:
    status, page = worker.status("/metrics")
    assert status == 200
    families = list(text_string_to_metric_families(page))
    for family in families:
        assert family.documentation, f"{family.name} has no HELP"
        assert family.type in ("counter", "gauge", "histogram"), family
    return [sample for family in families for sample in family.samples]


def shown(worker: Worker, name: str, **labels: str) -> float | None:
    """The sample's value; none where there is no such sample."""
    found = [sample.value for sample in samples(worker) if sample.name == name and sample.labels == labels]
    assert len(found) <= 1, f"{name} {labels} is there {len(found)} times"
    return found[0] if found else None


def value(worker: Worker, name: str, **labels: str) -> float:
    return shown(worker, name, **labels) or 0
