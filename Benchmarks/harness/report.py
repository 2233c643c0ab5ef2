"""Medians of rounds, as tables beside the goals and as JSON."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

from .measuring import Figures

LATENCY = "start, 3 parts, 40 a second, store 20 ms"


@dataclass(frozen=True)
class Goal:
    scenario: str  # "" for the worst of all
    figure: str
    unit: str
    bound: float
    at_least: bool = False


GOALS = [
    Goal("start, 3 parts, store 0 ms", "cpu", "µs of CPU a request", 225),
    Goal("start, 20 parts, store 0 ms", "cpu", "µs of CPU a request", 290),
    Goal("complete, 3 parts, store 0 ms", "cpu", "µs of CPU a request", 260),
    Goal("complete, 20 parts, store 0 ms", "cpu", "µs of CPU a request", 260),
    Goal("start, 3 parts, store 0 ms", "rate", "results a second", 2_000, at_least=True),
    Goal(LATENCY, "p99", "ms from publish to answer, p99", 40),
    Goal("", "memory", "MiB, peak RSS", 30),
]

COLUMNS = [
    ("rate", "results/s", "{:.0f}"),
    ("cpu", "worker µs", "{:.0f}"),
    ("broker", "broker µs", "{:.0f}"),
    ("store", "store µs", "{:.0f}"),
    ("calls", "S3 calls", "{:.2f}"),
    ("memory", "peak MiB", "{:.1f}"),
    ("p50", "p50 ms", "{:.1f}"),
    ("p99", "p99 ms", "{:.1f}"),
    ("worst", "worst ms", "{:.1f}"),
]


class Report:
    """`rounds[scenario][variant]` holds the figures of each round, in order."""

    def __init__(self, variants: list[str]) -> None:
        self.variants = variants
        self.rounds: dict[str, dict[str, list[Figures]]] = {}

    def add(self, scenario: str, variant: str, figures: Figures) -> None:
        self.rounds.setdefault(scenario, {}).setdefault(variant, []).append(figures)

    def median(self, scenario: str, variant: str, figure: str) -> float | None:
        found = [figures[figure] for figures in self.rounds.get(scenario, {}).get(variant, []) if figure in figures]
        return statistics.median(found) if found else None

    def goals(self, variant: str) -> list[tuple[str, float, Goal]]:
        """What there is a goal for, with its measured figure."""
        rows = []
        for goal in GOALS:
            scenarios = [goal.scenario] if goal.scenario else list(self.rounds)
            found = [self.median(scenario, variant, goal.figure) for scenario in scenarios]
            measured = [figure for figure in found if figure is not None]
            if measured:
                rows.append((goal.scenario or "all scenarios", max(measured), goal))
        return rows

    def text(self) -> str:
        return "\n\n".join([self.figures_table()] + [self.goals_table(variant) for variant in self.variants])

    def figures_table(self) -> str:
        count = max((len(rounds) for variants in self.rounds.values() for rounds in variants.values()), default=0)
        rows = [[f"medians of {count} rounds", *(title for _, title, _ in COLUMNS)]]
        for scenario in self.rounds:
            for variant in self.variants:
                label = scenario if len(self.variants) == 1 else f"{scenario}: {variant}"
                rows.append([label, *(self.cell(scenario, variant, name, form) for name, _, form in COLUMNS)])
            if len(self.variants) == 2:
                label = f"    {' / '.join(self.variants)}"
                rows.append([label, *(self.ratio(scenario, name) for name, _, _ in COLUMNS)])
        return table(rows)

    def cell(self, scenario: str, variant: str, figure: str, form: str) -> str:
        value = self.median(scenario, variant, figure)
        return "" if value is None else "-" if value != value else form.format(value)

    def ratio(self, scenario: str, figure: str) -> str:
        first, second = (self.median(scenario, variant, figure) for variant in self.variants)
        return f"{first / second:.2f}" if first is not None and second else ""

    def goals_table(self, variant: str) -> str:
        rows = [[variant, "measured", "lowest", "highest", "goal", "of goal", ""]]
        for scenario, measured, goal in self.goals(variant):
            rounds = [
                figures[goal.figure]
                for name, variants in self.rounds.items()
                if goal.scenario in ("", name)
                for figures in variants.get(variant, [])
                if goal.figure in figures
            ]
            reached = measured >= goal.bound if goal.at_least else measured <= goal.bound
            rows.append(
                [
                    f"{scenario}: {goal.unit}",
                    *(f"{figure:.1f}" for figure in (measured, min(rounds), max(rounds))),
                    f"{'≥' if goal.at_least else '≤'} {goal.bound:g}",
                    f"{measured / goal.bound:.2f}",
                    "reached" if reached else "MISSED",
                ]
            )
        return table(rows)

    def json(self) -> dict[str, Any]:
        medians = {
            scenario: {
                variant: {name: self.median(scenario, variant, name) for name in rounds[0]}
                for variant, rounds in variants.items()
            }
            for scenario, variants in self.rounds.items()
        }
        goals = {
            variant: [
                {"scenario": scenario, "figure": goal.figure, "measured": measured, "goal": goal.bound}
                for scenario, measured, goal in self.goals(variant)
            ]
            for variant in self.variants
        }
        return {"medians": medians, "goals": goals, "rounds": self.rounds}


def table(rows: list[list[str]]) -> str:
    """The first column to the left, the others to the right; columns without content are left out."""
    columns = [column for column in zip(*rows) if any(column[1:])]
    widths = [max(len(cell) for cell in column) for column in columns]
    lines = []
    for cells in zip(*columns):
        padded = [cell.rjust(width) for cell, width in zip(cells, widths)]
        lines.append("  ".join([cells[0].ljust(widths[0])] + padded[1:]).rstrip())
    return "\n".join(lines)
