"""`python -m Torture`: what `make torture` runs."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from Torture.run import LONG, Run


def main() -> int:
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--rate", type=float, default=40, help="requests a second, at most")
    parser.add_argument("--directory", type=Path, help="for logs and the database (default: a temporary one)")
    parser.add_argument("--scripts", action="store_true", help="the scripted faults too (always in a long run)")
    given = parser.parse_args()
    print(f"torture: {given.minutes:g} minutes, SEED={given.seed}", flush=True)
    directory = given.directory or Path(tempfile.mkdtemp(prefix="torture-"))
    directory.mkdir(parents=True, exist_ok=True)
    return Run(directory, given.minutes, given.seed, given.rate, given.scripts or given.minutes >= LONG).run()


sys.exit(main())
