"""The table at the end."""

from __future__ import annotations

from Torture.points import Points
from Torture.record import Record

SECTIONS = (
    "kills",
    "broker faults",
    "connection faults",
    "store faults",
    "flows",
    "requests",
    "late answers",
    "duplicated",
    "dead letters",
    "audit",
)
VERDICT = ("lost", "wrong", "orphaned")


def print_table(record: Record, points: Points, title: str) -> None:
    print(f"\n{title}")
    for section in SECTIONS:
        counts = record.section(section)
        print(f"{section:<20} {sum(counts.values()):>8}" if section != "requests" else section)
        for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
            print(f"  {name:<40} {count:>8}")
    reached = len(points.names) - len(points.unreached)
    print(f"{'points reached':<20} {reached:>8} of {len(points.names)}")
    if points.unreached:
        print(f"  not: {' '.join(points.unreached)}")
    for section in VERDICT:
        print(f"{section.upper():<20} {record.total(section):>8}")
