"""A disk that fails the session database, and nothing else."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("disk_fault.c")


def build(directory: Path) -> Path:
    """The library to preload, compiled by Swift's own clang or the system's compiler."""
    library = directory / "disk_fault.so"
    compiler = shutil.which("clang") or shutil.which("cc")
    assert compiler, "no C compiler: Swift's toolchain has clang beside swift"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
    return library


class Disk:
    def __init__(self, library: Path, directory: Path) -> None:
        self._control = directory / "disk-fault"
        self.environment = {"LD_PRELOAD": str(library), "DISK_FAULT": str(self._control)}

    def is_full(self) -> None:
        self._set("write", errno.ENOSPC)

    def is_read_only(self) -> None:
        self._set("write", errno.EROFS)

    def fails_to_sync(self, at: int) -> None:
        """The n-th sync from now, and all after it."""
        self._set("sync", errno.EIO, at)

    def is_mended(self) -> None:
        self._control.unlink(missing_ok=True)

    def _set(self, operation: str, error: int, at: int = 1) -> None:
        written = self._control.with_suffix(".new")
        written.write_text(f"{operation} {error} {at}\n")
        os.replace(written, self._control)


def stored_uploads(database: Path) -> set[str]:
    """The upload ids of all sessions; read when no worker has the file open."""
    with sqlite3.connect(database) as connection:
        return {row[0] for row in connection.execute("SELECT upload_id FROM session")}
