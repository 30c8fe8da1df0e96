"""`python -m bench.page`: makes `docs/performance.md` and its plots from what was measured.

The text is `bench/page.md`, in which

- `$machine`, `$targets`, `$plots` and `$figures` stand for what is made of all groups;
- `[[GROUP | NAME]]` stands for the value of a figure, with its unit: no number is written by hand.
"""

import argparse
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from string import Template

from bench.contenders import BENCH_PYTHON
from bench.results import Figure, Measured, Result, number

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "bench" / "results" / "latest.json"
PAGE = ROOT / "docs" / "performance.md"
TEMPLATE = Path(__file__).with_name("page.md")
NOT_MEASURED = "(not measured in this run)"

PLOTS: Mapping[str, str] = {
    "cost": "What an event costs, by the way that it is sent",
    "latency": "Latency at shares of the capacity",
    "sessions": "How calls fill as sessions become more",
    "backlog": "What a backlog changes",
}
"""What each plot shows, by the name of its file."""

_VALUE = re.compile(r"\[\[(.+?) \| (.+?)\]\]")


def main() -> None:
    """Write the page and its plots."""
    parser = argparse.ArgumentParser(prog="bench.page", description="Make docs/performance.md.")
    parser.add_argument("--json", type=Path, default=RESULT, help="what was measured")
    file = parser.parse_args().json
    folder = PAGE.with_suffix("")
    # matplotlib is in the benchmarks' own environment.
    subprocess.run([BENCH_PYTHON, "-m", "bench.page_plots", file, folder], cwd=ROOT, check=True)  # noqa: S603
    plots = [name for name in PLOTS if (folder / f"{name}.svg").exists()]
    PAGE.write_text(page(TEMPLATE.read_text(), Result.read(file), plots))


def page(template: str, result: Result, plots: Sequence[str]) -> str:
    """Return the page.

    Args:
        template: its text, as this module's docstring says.
        result: what was measured.
        plots: the names of those that there are.
    """
    figures = {(figure.group, figure.name): figure for figure in result.figures}
    text = Template(template).substitute(
        machine=_machine(result),
        targets=targets(result.figures),
        plots="\n\n".join(f"![{PLOTS[name]}](performance/{name}.svg)" for name in plots),
        figures="\n\n".join(_groups(result.figures)),
    )
    return _VALUE.sub(lambda found: _value(figures.get((found[1], found[2]))), text)


def _value(figure: Figure | None) -> str:
    return NOT_MEASURED if figure is None else f"{number(figure.value)} {figure.unit}"


def _machine(result: Result) -> str:
    machine = result.machine
    rows = {
        "CPU": f"{machine.cpu}, {machine.cores} cores",
        "kernel": machine.kernel,
        "Python": machine.python,
        "versions": ", ".join(f"{name} {version}" for name, version in machine.versions.items()),
    }
    runs = (
        (name, f"{one.begun} UTC", str(_rounds(one)), f"`{one.commit}`")
        for name, one in result.groups.items()
    )
    head = ("group", "begun", "rounds", "commit")
    return f"{_table(('', ''), rows.items())}\n\n{_table(head, runs)}"


def _rounds(measured: Measured) -> int:
    return max((len(figure.rounds) for figure in measured.figures), default=1)


def targets(figures: Iterable[Figure]) -> str:
    """Return a table of the figures that have a target: what was asked, what was found."""
    rows = (
        (
            f"{figure.group}, {figure.name}",
            f"{figure.target} {figure.unit}",
            f"{number(figure.value)} {figure.unit}",
            verdict(figure),
        )
        for figure in figures
        if figure.target is not None
    )
    return _table(("work", "target", "measured", ""), rows)


def verdict(figure: Figure) -> str:
    """Return whether a figure is as it should be, and else by how much it is not."""
    assert figure.target is not None
    if figure.met:
        return "met"
    return f"**missed by {100 * abs(figure.value / figure.target.limit - 1):.0f} %**"


def _groups(figures: Sequence[Figure]) -> Iterator[str]:
    for group, found in groupby(figures, key=lambda figure: figure.group):
        make: Callable[[Sequence[Figure]], str] = _LAYOUTS.get(group, _list)
        yield f"### {group}\n\n{make(list(found))}"


def _list(figures: Sequence[Figure]) -> str:
    """Return a table with a row for each figure."""
    rows = (
        (
            figure.name,
            f"{number(figure.value)} {figure.unit}",
            f"{number(min(figure.rounds))} … {number(max(figure.rounds))}",
        )
        for figure in figures
    )
    return _table(("", "median", "from … to"), rows)


def matrix(figures: Sequence[Figure]) -> str:
    """Return figures named `ROW: COLUMN` in tables, one for the rows of each set of columns.

    Ratios are listed below.
    """
    rows: dict[str, dict[str, str]] = {}
    for figure in figures:
        if figure.ratio_to is None:
            name, _, column = figure.name.rpartition(": ")
            rows.setdefault(name, {})[f"{column}, {figure.unit}"] = number(figure.value)
    tables: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for name, cells in rows.items():
        tables.setdefault(("", *cells), []).append((name, *cells.values()))
    ratios = [figure for figure in figures if figure.ratio_to is not None]
    parts = [*(_table(head, lines) for head, lines in tables.items()), _list(ratios)]
    return "\n\n".join(parts if ratios else parts[:-1])


_LAYOUTS = {"latency": matrix, "backlog": matrix, "profile": matrix}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
