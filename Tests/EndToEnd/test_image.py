"""The image has what the program loads, and runs it as somebody who owns its state."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from harness.deployment import README, STATE, instructions, last_stage
from harness.worker import BINARY, REPOSITORY

IN_EVERY_IMAGE = {"libc6", "libgcc-s1", "libstdc++6", "zlib1g"}
"""What apt and dpkg themselves need."""


def installed(command: str) -> set[str]:
    """What an `apt-get install` names, but for what a build argument adds."""
    words = re.sub(r"\$\{.*?\}", "", command.partition("apt-get install")[2]).split("&&")[0].split()
    return {word for word in words if not word.startswith("-")}


def test_the_image_can_be_read() -> None:
    known = {"FROM", "ARG", "WORKDIR", "RUN", "COPY", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert {name for name, _ in instructions()} == known
    stages = [rest for name, rest in instructions() if name == "FROM"]
    assert stages == ["swift:6.3-bookworm AS build", "debian:12-slim"]


def test_the_image_runs_as_somebody_who_owns_the_state() -> None:
    stage = last_stage()
    assert stage["USER"] == ["10001:10001"]
    assert stage["VOLUME"] == stage["WORKDIR"] == [STATE]
    owned = f"--owner 10001 --group 10001 --mode 0700 {STATE}"
    assert any("--uid 10001" in run and owned in run for run in stage["RUN"])
    assert stage["ENTRYPOINT"] == ['["upload-worker"]'] and stage["CMD"] == ['["run"]']


def test_what_the_image_copies_is_there() -> None:
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            assert (REPOSITORY / rest.split()[0]).exists()


def loaded() -> Iterator[Path]:
    """The libraries that the program names, and those that Swift's own name, which a release has inside."""
    waiting, seen = [BINARY], set()
    places = dict(re.findall(r"(\S+) => (\S+)", told("ldd", str(BINARY))))
    while waiting:
        for name in re.findall(r"NEEDED.*\[(.+)\]", told("readelf", "--dynamic", str(waiting.pop()))):
            if name in seen or name not in places:
                continue
            seen.add(name)
            path = Path(places[name]).resolve()
            if "/swift/" in places[name]:
                waiting.append(path)
            else:
                yield path


def told(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def package_of(library: Path) -> str:
    """Debian's older packages own the path without /usr."""
    for path in (str(library), str(library).removeprefix("/usr")):
        done = subprocess.run(["dpkg", "--search", path], capture_output=True, text=True, timeout=60, check=False)
        if done.returncode == 0:
            return done.stdout.partition(":")[0]
    raise AssertionError(f"no package owns {library}")


def test_the_image_has_what_the_program_loads() -> None:
    needed = {package_of(library) for library in loaded()} - IN_EVERY_IMAGE - {"libpq5"}
    assert {"librabbitmq4", "libcurl4"} <= needed
    assert installed(next(run for run in last_stage()["RUN"] if "apt-get" in run)) == needed | {"ca-certificates"}


def test_the_readme_names_the_same_packages() -> None:
    commands = re.findall(r"^    sudo (apt-get install --no-install-recommends .*)$", README, re.MULTILINE)
    assert [installed(command) for command in commands] == [
        installed(next(run for run in last_stage()["RUN"] if "apt-get" in run))
    ]
