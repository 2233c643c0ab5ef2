"""Faults of the broker itself, one after the other."""

from __future__ import annotations

import random
import subprocess
import threading
import time

from harness.servers import BrokerServer
from Torture.record import Record

SECTION = "broker faults"
PLENTY = ("set_vm_memory_high_watermark", "absolute", "1GB")


class BrokerFaults(threading.Thread):
    """The broker is declared and settled before the first: one killed just after a declaration loses that queue."""

    def __init__(self, server: BrokerServer, record: Record, chance: random.Random, pause: float) -> None:
        super().__init__(daemon=True)
        self._server, self._record, self._random, self._pause = server, record, chance, pause
        self._is_over = threading.Event()

    def run(self) -> None:
        kinds = [self.close_all_connections, self.kill, self.alarm, self.restart]
        first = list(kinds)
        while not self._is_over.wait(self._random.uniform(0.6, 1.4) * self._pause):
            fault = first.pop(0) if first else self._random.choices(kinds, [5, 2, 3, 2])[0]
            began = time.monotonic()
            try:
                fault()
            except (AssertionError, subprocess.SubprocessError) as problem:
                self._record.wrong("wrong", f"{fault.__name__}: {problem}")
                continue
            self._record.note(f"broker: {fault.__name__}, {time.monotonic() - began:.1f} s")
            self._record.count(SECTION, fault.__name__.replace("_", " "))

    def stop(self) -> None:
        self._is_over.set()
        self.join()

    def close_all_connections(self) -> None:
        self._server.rabbitmqctl("close_all_connections", "told to")

    def restart(self) -> None:
        self._server.stop()
        self._server.start_again()

    def kill(self) -> None:
        self._server.kill()
        self._server.start_again()

    def alarm(self) -> None:
        """It reads no publisher for a while."""
        self._server.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")
        time.sleep(self._random.uniform(0.5, 3))
        self._server.rabbitmqctl(*PLENTY)
