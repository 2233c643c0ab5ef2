"""Searches logs of tests for secrets: `scan_output.py FILE...`; status 1 where there is one."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from harness.output import Output

ECHO = re.compile(r"^[^\w\s]\s+(Test|Suite)\b.*$", re.MULTILINE)
"""Swift Testing's own lines, which repeat the tests' made-up arguments."""


def main(paths: list[str]) -> int:
    output = Output()
    for path in paths:
        output.keep(Path(path).name, ECHO.sub("", Path(path).read_text(errors="replace")))
    leaks = output.leaks()
    for leak in leaks:
        print(leak)
    print(f"{len(leaks)} secrets in {len(paths)} logs")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
