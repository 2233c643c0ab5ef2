"""What the folder deploy holds, read: the image's instructions, the unit's settings, the manifest's objects."""

from __future__ import annotations

import re
from typing import Any

import yaml

from harness.worker import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
README = (REPOSITORY / "README.md").read_text()
IMAGE = (DEPLOY / "Dockerfile").read_text()
UNIT = (DEPLOY / "systemd/upload-worker.service").read_text()
MANIFEST = (DEPLOY / "kubernetes/upload-worker.yaml").read_text()
STATE = "/var/lib/upload-worker"


def instructions() -> list[tuple[str, str]]:
    lines = re.sub(r"^#.*\n", "", IMAGE, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    found = [line.split(maxsplit=1) for line in lines if line.strip()]
    assert all(len(each) == 2 for each in found)
    return [(name, rest) for name, rest in found]


def last_stage() -> dict[str, list[str]]:
    stage: dict[str, list[str]] = {}
    for name, rest in instructions():
        if name == "FROM":
            stage = {}
        stage.setdefault(name, []).append(rest)
    return stage


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.splitlines():
        if line and line[0] not in "#[":
            name, equals, value = line.partition("=")
            assert equals
            found.setdefault(name, []).append(value)
    return found


def objects() -> dict[str, dict[str, Any]]:
    documents = [each for each in yaml.safe_load_all(MANIFEST)]
    found = {each["kind"]: each for each in documents}
    assert len(found) == len(documents)
    return found


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = objects()["StatefulSet"]["spec"]["template"]["spec"]
    return spec


def environment(container: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container.get("env", [])}
