"""The unit and the manifest: whole, and true to the program and its image."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.deployment import DEPLOY, IMAGE, MANIFEST, README, STATE, UNIT, environment, last_stage, objects, pod, unit
from harness.worker import BINARY, REPOSITORY


def setting_names() -> set[str]:
    """Every name that the program looks up: its literals, and those that it puts together for OpenTelemetry."""
    sources = "\n".join(path.read_text() for path in (REPOSITORY / "Sources").rglob("*.swift"))
    return set(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"', sources)) | set(
        re.findall(r"`((?:OTEL)_[A-Z0-9_]+)`", README)
    )


def usual_grace() -> int:
    found = re.search(r"\| `SHUTDOWN_GRACE` \| `(\d+)s` \|", README)
    assert found
    return int(found[1])


def test_the_unit_stops_a_worker_in_good_order() -> None:
    assert int(unit()["TimeoutStopSec"][0]) > usual_grace()
    assert unit()["RestartPreventExitStatus"] == ["64 78"]
    assert [f"/var/lib/{name}" for name in unit()["StateDirectory"]] == unit()["WorkingDirectory"] == [STATE]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    path = tmp_path / "upload-worker.service"
    path.write_text(UNIT.replace("/usr/local/bin/upload-worker", str(BINARY)))
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, timeout=60, check=False)
    about_it = [line for line in done.stderr.splitlines() if path.name in line]
    assert (done.returncode, about_it) == (0, []), done.stderr
    exposure = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", str(path)]
    subprocess.run(exposure, capture_output=True, check=True, timeout=60)


def test_the_manifest_fits_together() -> None:
    found = objects()
    assert set(found) == {"ServiceAccount", "Service", "StatefulSet"}
    versions = {kind: each["apiVersion"] for kind, each in found.items()}
    assert versions == {"ServiceAccount": "v1", "Service": "v1", "StatefulSet": "apps/v1"}
    spec = found["StatefulSet"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"] == labels == found["Service"]["spec"]["selector"]
    assert spec["serviceName"] == found["Service"]["metadata"]["name"]
    assert pod()["serviceAccountName"] == found["ServiceAccount"]["metadata"]["name"]
    volumes = {each["name"] for each in pod()["volumes"]}
    volumes |= {each["metadata"]["name"] for each in spec["volumeClaimTemplates"]}
    (container,) = pod()["containers"]
    assert {each["name"] for each in container["volumeMounts"]} == volumes
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert {each["targetPort"] for each in found["Service"]["spec"]["ports"]} <= set(ports)
    probes = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe["port"] for probe in probes.values()} <= set(ports)
    assert (probes["livenessProbe"]["path"], probes["readinessProbe"]["path"]) == ("/healthz", "/readyz")
    assert environment(container)["HTTP_PORT"] == str(ports["status"])


def test_the_manifest_keeps_to_what_the_worker_needs() -> None:
    """One process owns a SQLite file; the image's user owns the volume; what stops has its time."""
    spec = objects()["StatefulSet"]["spec"]
    (container,) = pod()["containers"]
    assert spec["replicas"] == 1
    assert pod()["terminationGracePeriodSeconds"] > usual_grace()
    security = pod()["securityContext"]
    user = ":".join(str(security[name]) for name in ("runAsUser", "runAsGroup"))
    assert [user] == last_stage()["USER"] and security["fsGroup"] == security["runAsGroup"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    mounts = {each["mountPath"]: each for each in container["volumeMounts"]}
    assert STATE in mounts
    config = Path(container["args"][container["args"].index("--config") + 1])
    assert mounts[str(config.parent)]["readOnly"] is True
    assert "secret" in next(each for each in pod()["volumes"] if each["name"] == mounts[str(config.parent)]["name"])


def named_settings() -> Iterator[tuple[str, str]]:
    for line in (DEPLOY / "worker.env").read_text().splitlines():
        if line and not line.startswith("#"):
            yield "worker.env", line.partition("=")[0]
    for value in unit().get("Environment", []):
        yield "the unit", value.partition("=")[0]
    for name in environment(pod()["containers"][0]):
        yield "the manifest", name
    pages = UNIT + IMAGE + MANIFEST
    for comment in re.findall(r"\b(?:Environment=)?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)=", pages):
        yield "a comment", comment


@pytest.mark.parametrize(("place", "name"), list(named_settings()))
def test_a_setting_is_one_that_the_program_reads(place: str, name: str) -> None:
    assert name in setting_names(), f"{place}: {name}"


def test_a_setting_that_nobody_reads_is_found() -> None:
    assert "S3_BUCKET" in setting_names()
    assert not {"S3_BUCKETS", "TRAITS", "AMQP_PASSWORD"} & setting_names()
