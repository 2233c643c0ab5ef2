"""Searches logs of other tests for secrets: `scan_output.py FILE...`; status 1 on the first run's find."""

from __future__ import annotations

import sys
from pathlib import Path

from harness.output import Output


def main(paths: list[str]) -> int:
    output = Output()
    for path in paths:
        output.keep_file(Path(path))
    leaks = output.leaks()
    for leak in leaks:
        print(leak)
    print(f"{len(leaks)} secrets in {len(paths)} logs")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
