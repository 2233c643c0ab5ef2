"""Keeps a worker alive by killing it: at a crash point or after a random time, and starts it again."""

from __future__ import annotations

import random
import signal
import subprocess
import threading

from harness.worker import Worker
from Torture.points import Points
from Torture.record import Record

SHORTEST, LONGEST = 1.5, 6.0  # seconds of a life that no crash point ends
KILLS = "kills"


class Keeper(threading.Thread):
    def __init__(self, worker: Worker, points: Points, record: Record, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.worker, self._points, self._record, self._random = worker, points, record, chance
        self._is_over = threading.Event()

    def run(self) -> None:
        while not self._is_over.is_set():
            self._live()

    def stop(self) -> None:
        """No more kills: the worker that runs afterwards is left alone."""
        self._is_over.set()
        self.join()
        self.worker.environment.pop("UPLOAD_WORKER_CRASH_AT", None)
        if not self.worker.is_running:
            self.worker.start()

    def _live(self) -> None:
        target = self._points.next_target()
        self.worker.environment["UPLOAD_WORKER_CRASH_AT"] = target or ""
        self.worker.start()
        try:
            status = self.worker.wait(self._random.uniform(SHORTEST, LONGEST))
        except subprocess.TimeoutExpired:
            self.worker.kill()
            self._killed("at random")
            return
        name = (target or "").split(":")[0]
        if status == -signal.SIGKILL and name:
            self._points.kills[name] += 1
            self._killed(name)
        else:
            self._record.wrong("wrong", f"the worker ended by itself with {status}: {self.worker.log[-1500:]}")

    def _killed(self, where: str) -> None:
        self._record.count(KILLS, where)
        self._record.note(f"killed {where}")
