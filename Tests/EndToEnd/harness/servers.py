"""The two servers the worker stands between, started by the project's own scripts or named by the environment."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.ports import free_port

SCRIPTS = Path(__file__).resolve().parents[3] / "deploy/local"


@dataclass(frozen=True)
class BrokerServer:
    url: str
    ctl: list[str]
    """The command that stands for `rabbitmqctl`."""
    settings: Mapping[str, str] | None = None
    """What the scripts need to stop it and to start it again; none where somebody else started it."""

    @classmethod
    def from_environment(cls) -> BrokerServer | None:
        url = os.environ.get("TEST_AMQP_URL")
        return cls(url, shlex.split(os.environ["TEST_AMQP_CTL"])) if url else None

    @classmethod
    def started(cls, directory: Path) -> BrokerServer:
        settings = {"BROKER_PORT": str(free_port()), "STATE_DIR": str(directory)}
        said = script("start-broker", settings)
        return cls(said["AMQP_URL"], shlex.split(said["AMQP_CTL"]), settings)

    def rabbitmqctl(self, *arguments: str) -> str:
        return subprocess.run([*self.ctl, *arguments], capture_output=True, text=True, check=True, timeout=60).stdout

    def table(self, *arguments: str) -> list[dict[str, Any]]:
        """The rows of a `rabbitmqctl list_…`."""
        return json.loads(self.rabbitmqctl("--silent", "--formatter", "json", *arguments))

    def stop(self) -> None:
        self._script("stop-broker")

    def kill(self) -> None:
        self._script("stop-broker", "--kill")

    def start_again(self) -> None:
        self._script("start-broker")

    def _script(self, name: str, *arguments: str) -> None:
        assert self.settings is not None, "this broker belongs to somebody else"
        script(name, self.settings, *arguments)


@dataclass(frozen=True)
class StoreServer:
    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    region: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> StoreServer | None:
        if "TEST_S3_ENDPOINT" not in os.environ:
            return None
        names = ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY", "BUCKET", "REGION")
        return cls(*(os.environ[f"TEST_S3_{name}"] for name in names))

    @classmethod
    def started(cls, directory: Path) -> StoreServer:
        settings = {"S3_PORT": str(free_port()), "STATE_DIR": str(directory)}
        said = script("start-s3", settings)
        names = ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY", "BUCKET", "REGION")
        return cls(*(said[f"S3_{name}"] for name in names), settings=settings)

    def stop(self) -> None:
        script("stop-s3", self.settings)


def script(name: str, settings: Mapping[str, str], *arguments: str) -> dict[str, str]:
    """Runs a script of deploy/local, and reads the NAME=VALUE lines that it prints."""
    done = subprocess.run(
        [SCRIPTS / name, *arguments],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{name} ended with {done.returncode}:\n{done.stderr}"
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
