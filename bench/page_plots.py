"""`python -m bench.page_plots JSON FOLDER`: draws the plots of what was measured, as SVG.

Runs in `.venv-bench`, which has matplotlib and nothing of the gateway. The same JSON gives the same
files. What was not measured is not drawn.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl  # type: ignore[import-not-found]
from matplotlib import pyplot as plt

Values = Mapping[tuple[str, str], float]
"""The median of each figure, by its group and name."""

_SIZE_INCHES = (8.0, 3.6)
_LIGHT, _DARK, _OURS, _THEIRS = "#9ecae1", "#3182bd", "#31a354", "#969696"
_STYLE = {
    "svg.hashsalt": "personalize-gateway",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.figsize": _SIZE_INCHES,
    "figure.constrained_layout.use": True,
}
_SESSIONS = (1, 10, 100, 1_000, 10_000, 100_000)
_BACKLOGS = (10, 10_000, 1_000_000, 5_000_000)
_SHARES = (25, 50, 75)
_CASES = ("DURABLE", "DELIVERED, upstream 0 ms", "DELIVERED, upstream 30 ms")

_COSTS = {
    "boto3, 1 event a call": ("unary", "1 event: boto3", 1),
    "aiobotocore, 1 event a call": ("unary", "1 event: aiobotocore", 1),
    "gateway, unary, 1 event": ("unary", "1 event: accepted and delivered", 1),
    "boto3, 10 events a call": ("unary", "10 events: boto3", 10),
    "aiobotocore, 10 events a call": ("unary", "10 events: aiobotocore", 10),
    "gateway, unary, 10 events": ("unary", "10 events: accepted and delivered", 10),
    "gateway, stream, 100 a message": ("stream", "100 events a message: accepted and delivered", 1),
}
"""Group, figure, and how many events it is of."""


def main(result: str, folder: str) -> None:
    """Draw all plots of what was measured into a folder."""
    groups = json.loads(Path(result).read_text())["groups"]
    values = {
        (name, figure["name"]): float(figure["value"])
        for name, measured in groups.items()
        for figure in measured["figures"]
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    mpl.use("svg")
    mpl.rcParams.update(_STYLE)
    for name, draw in _PLOTS.items():
        file = Path(folder) / f"{name}.svg"
        file.unlink(missing_ok=True)
        try:
            drawn = draw(values)
        except KeyError:
            continue
        drawn.savefig(file, metadata={"Date": None})
        plt.close(drawn)


def _cost(values: Values) -> Any:  # noqa: ANN401 - matplotlib has no types here
    costs_us = {name: values[group, figure] / of for name, (group, figure, of) in _COSTS.items()}
    figure, axes = plt.subplots()
    colours = [_OURS if name.startswith("gateway") else _THEIRS for name in costs_us]
    bars = axes.barh(list(costs_us), list(costs_us.values()), color=colours)
    axes.bar_label(bars, fmt="%.0f", padding=3)
    axes.invert_yaxis()
    axes.set(xlabel="µs of CPU an event")
    return figure


def _latency(values: Values) -> Any:  # noqa: ANN401
    figure, plots = plt.subplots(1, len(_CASES))
    for axes, case in zip(plots, _CASES, strict=True):
        for label, colour in (("p50", _LIGHT), ("p99", _DARK), ("p99.9", _OURS)):
            for suffix, line in (("", "-"), (" of the direct call", ":")):
                found = [
                    values["latency", f"{case}, {share} %: {label}{suffix}"] for share in _SHARES
                ]
                axes.plot(_SHARES, found, line, color=colour, marker=".", label=f"{label}{suffix}")
        axes.set(title=case, xlabel="% of the capacity", ylabel="ms", xticks=_SHARES)
        axes.set_ylim(bottom=0)
    figure.legend(*plots[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _sessions(values: Values) -> Any:  # noqa: ANN401
    names = [f"{number:,} session{'s' * (number > 1)}: stream" for number in _SESSIONS]
    figure, (left, right) = plt.subplots(1, 2)
    left.plot(_SESSIONS, [values["scale", f"{name}, events a call"] for name in names], "o-")
    right.plot(_SESSIONS, [values["scale", f"{name}, an event"] for name in names], "o-")
    left.set(xscale="log", xlabel="sessions", ylabel="events a call", ylim=(0, 10.5))
    right.set(xscale="log", xlabel="sessions", ylabel="µs of CPU an event")
    right.set_ylim(bottom=0)
    return figure


def _backlog(values: Values) -> Any:  # noqa: ANN401
    if ("backlog", f"{_BACKLOGS[-1]:,} waiting: accepted") not in values:
        raise KeyError("backlog")
    figure, (left, right) = plt.subplots(1, 2)
    for axes, names in (
        (left, ("accepted", "delivered")),
        (right, ("ingest, PSS", "delivery, PSS")),
    ):
        for name, colour in zip(names, (_DARK, _OURS), strict=True):
            keys = {size: ("backlog", f"{size:,} waiting: {name}") for size in _BACKLOGS}
            found = {size: values[key] for size, key in keys.items() if key in values}
            axes.plot(list(found), list(found.values()), "o-", color=colour, label=name)
        axes.set(xscale="log", xlabel="records waiting")
        axes.set_ylim(bottom=0)
        axes.legend()
    left.set_ylabel("records/s a core")
    right.set_ylabel("MiB")
    return figure


_PLOTS: Mapping[str, Callable[[Values], Any]] = {
    "cost": _cost,
    "latency": _latency,
    "sessions": _sessions,
    "backlog": _backlog,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
