"""What was found: figures with their rounds and targets, as JSON and as a table."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from rich.table import Table

from bench.machine import Machine


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be.

    Attributes:
        limit: in the figure's unit.
        at_least: True where more is better.
    """

    limit: float
    at_least: bool = False

    def met_by(self, value: float) -> bool:
        """Tell whether a value is good enough."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {number(self.limit)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number.

    Attributes:
        group: which benchmark it is of.
        name: what was measured, unlike all others of the group.
        unit: of all its numbers; `ratio` for a ratio.
        rounds: what each round found; the figure's value is their median.
        ratio_to: the name of what it is compared with, in the same round; None for no ratio.
        target: what it should be; None where nothing is asked of it.
    """

    group: str
    name: str
    unit: str
    rounds: tuple[float, ...]
    ratio_to: str | None = None
    target: Target | None = None

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.rounds)

    @property
    def met(self) -> bool | None:
        """Whether it is as it should be; None where nothing is asked of it."""
        return None if self.target is None else self.target.met_by(self.value)

    def ratio(self, to: Self, target: Target | None = None) -> "Figure":
        """Return how many times another figure it is, round by round.

        Raises:
            ValueError: they have another number of rounds.
        """
        pairs = zip(self.rounds, to.rounds, strict=True)
        rounds = tuple(ours / theirs for ours, theirs in pairs)
        return Figure(self.group, f"{self.name} : {to.name}", "ratio", rounds, to.name, target)

    def shown(self) -> dict[str, Any]:
        """Return it as JSON-compatible values."""
        return {**asdict(self), "value": self.value, "met": self.met}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run has found of a group.

    Attributes:
        commit: of the code.
        begun: when, in UTC.
    """

    commit: str
    begun: str
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Result:
    """What was found on a machine, each group in the last run that had it.

    Attributes:
        groups: by name.
    """

    machine: Machine
    groups: Mapping[str, Measured]

    @property
    def figures(self) -> Sequence[Figure]:
        """Those of all groups."""
        return [figure for measured in self.groups.values() for figure in measured.figures]

    def with_group(self, name: str, measured: Measured) -> "Result":
        """Return it with what another run has found of a group."""
        return Result(self.machine, {**self.groups, name: measured})

    def write(self, file: Path) -> None:
        """Write it as JSON; `read` takes it back."""
        groups = {
            name: {**asdict(one), "figures": [figure.shown() for figure in one.figures]}
            for name, one in self.groups.items()
        }
        shown = {"machine": asdict(self.machine), "groups": groups}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read what `write` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError, KeyError: it is no such file.
        """
        shown = json.loads(file.read_text())
        groups = {
            name: Measured(one["commit"], one["begun"], [_figure(of) for of in one["figures"]])
            for name, one in shown["groups"].items()
        }
        return cls(Machine(**shown["machine"]), groups)


def _figure(shown: dict[str, Any]) -> Figure:
    target = shown["target"] and Target(**shown["target"])
    names = ("group", "name", "unit", "ratio_to")
    rounds = tuple(shown["rounds"])
    return Figure(**{name: shown[name] for name in names}, rounds=rounds, target=target)


def number(value: float) -> str:
    """Return a number with three digits or more, as people read it."""
    if abs(value) >= 100:  # noqa: PLR2004 - from there on three digits stand before the point
        return f"{value:,.0f}"
    return f"{value:.3g}"


def tables(figures: Iterable[Figure]) -> Iterable[Table]:
    """Yield a table for each group."""
    for group, found in groupby(figures, key=lambda figure: figure.group):
        table = Table("", "median", "", "from … to", "target", title=group, title_justify="left")
        for figure in found:
            table.add_row(*_row(figure))
        yield table


def _row(figure: Figure) -> tuple[str, ...]:
    spread = f"{number(min(figure.rounds))} … {number(max(figure.rounds))}"
    target = (
        "" if figure.target is None else f"{figure.target}: {'met' if figure.met else 'MISSED'}"
    )
    if figure.ratio_to is None:
        return figure.name, number(figure.value), figure.unit, spread, target
    name = figure.name.removesuffix(f" : {figure.ratio_to}")
    return name, number(figure.value), f"of {figure.ratio_to}", spread, target
