"""Measures the built worker under load: a real broker, a fast stand-in for the store. README.md says what and how."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from harness.measuring import Bench, Scenario
from harness.processes import ROOT, Broker, Failed, Worker
from harness.report import LATENCY, Report
from harness.traffic import Requester

SCENARIOS = [Scenario(3, 0), Scenario(20, 0), Scenario(3, 20), Scenario(20, 20)]


def arguments() -> argparse.Namespace:
    release = ROOT / ".build/release"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2_000, help="how many in each run (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each run is made (%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=110, help="begin no further round that would end later (%(default)g)"
    )
    parser.add_argument(
        "--only", default="", metavar="TEXT", help='only what has this in its name, as "store 0" or "latency"'
    )
    parser.add_argument("--against", type=Path, metavar="BINARY", help="another worker: both by turns, and the ratio")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.set_defaults(
        worker=Path(os.environ.get("UPLOAD_WORKER", release / "upload-worker")).absolute(),
        stub=Path(os.environ.get("STORE_STUB", release / "StoreStub")).absolute(),
    )
    return parser.parse_args()


def main() -> int:
    options = arguments()
    binaries = {"worker": options.worker} | ({"against": options.against.absolute()} if options.against else {})
    for binary in [*binaries.values(), options.stub]:
        if not os.access(binary, os.X_OK):
            sys.exit(f"{binary} is missing; README.md says how it is built")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: all that was started is stopped
    (ROOT / ".local").mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".local"))  # on a disk: commits are synced
    try:
        report = measure(options, binaries, directory)
    except Failed as failure:
        print(f"failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print(json.dumps(report.json(), indent=2) if options.json else report.text())
    return 0


def measure(options: argparse.Namespace, binaries: dict[str, Path], directory: Path) -> Report:
    report = Report(list(binaries))
    broker = Broker(directory)
    try:
        bench = Bench(broker, options.stub, limit=30)
        workers = {
            name: Worker(binary, f"bench-{os.getpid()}-{name}", directory, broker) for name, binary in binaries.items()
        }
        try:
            run_rounds(options, bench, workers, report)
        finally:
            for worker in workers.values():
                Requester(worker, "").delete_topology()
    finally:
        broker.stop()
    return report


def run_rounds(options: argparse.Namespace, bench: Bench, workers: dict[str, Worker], report: Report) -> None:
    for worker in workers.values():
        bench.prepare(worker)
    begin = time.monotonic()
    longest = 0.0
    for number in range(1, options.rounds + 1):
        round_begin = time.monotonic()
        if number > 1 and round_begin - begin + longest > options.seconds:
            say(f"no time for round {number}: --seconds {options.seconds:g}")
            break
        run_round(options, bench, workers, report, number)
        longest = max(longest, time.monotonic() - round_begin)


def run_round(
    options: argparse.Namespace, bench: Bench, workers: dict[str, Worker], report: Report, number: int
) -> None:
    for worker in workers.values():
        bench.measure_startup(worker)
    for scenario in SCENARIOS:
        for variant, worker in workers.items():
            if options.only in scenario.name:
                say(f"round {number}: {variant}, {scenario.name}")
                for name, figures in bench.measure(scenario, worker, options.requests).items():
                    report.add(name, variant, figures)
    for variant, worker in workers.items():
        if options.only in f"latency {LATENCY}":
            say(f"round {number}: {variant}, latency")
            report.add(LATENCY, variant, bench.measure_latency(worker, seconds=6, per_second=40, delay=20))


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
