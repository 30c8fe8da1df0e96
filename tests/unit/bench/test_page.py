import pytest

from bench.machine import Machine
from bench.page import NOT_MEASURED, TEMPLATE, matrix, page, targets, verdict
from bench.results import Figure, Measured, Result, Target

MACHINE = Machine("a CPU", 2, "6.1", "3.11.9", {"grpcio": "1.70"})


def _figure(name: str, *rounds: float, unit: str = "µs", target: Target | None = None) -> Figure:
    return Figure("unary", name, unit, rounds, target=target)


def test_numbers_come_from_the_run() -> None:
    """A value in the text is the median of a figure; one that there is not is said not to be."""
    template = "$machine\n$targets\n$plots\n$figures\nIt took [[unary | a]], or [[unary | b]]."
    measured = Measured("c0ffee", "2030-01-02 03:04", [_figure("a", 1.0, 3.0, 2.0)])
    made = page(template, Result(MACHINE, {"unary": measured}), ["cost"])
    assert made.endswith(f"It took 2 µs, or {NOT_MEASURED}.")
    assert "| CPU | a CPU, 2 cores |" in made
    assert "| unary | 2030-01-02 03:04 UTC | 3 | `c0ffee` |" in made
    assert "](performance/cost.svg)" in made
    assert (
        "### unary\n\n|  | median | from … to |\n| --- | --- | --- |\n| a | 2 µs | 1 … 3 |" in made
    )


def test_the_text_asks_for_nothing_unknown() -> None:
    """It can be filled in whatever was measured."""
    made = page(TEMPLATE.read_text(), Result(MACHINE, {}), [])
    assert "[[" not in made
    assert "$" not in made


def test_targets_say_by_how_much_they_are_missed() -> None:
    """Only figures with a target are in the table."""
    figures = [
        _figure("slow", 300.0, target=Target(200.0)),
        _figure("fast", 100.0, target=Target(200.0)),
        _figure("anything", 1.0),
    ]
    assert targets(figures).splitlines()[2:] == [
        "| unary, slow | ≤ 200 µs | 300 µs | **missed by 50 %** |",
        "| unary, fast | ≤ 200 µs | 100 µs | met |",
    ]


@pytest.mark.parametrize(
    ("value", "said"), [(100.0, "met"), (80.0, "**missed by 20 %**"), (120.0, "met")]
)
def test_more_may_be_better(value: float, said: str) -> None:
    """A rate is missed from below."""
    assert verdict(_figure("rate", value, target=Target(100.0, at_least=True))) == said


def test_a_matrix_has_a_row_for_each_beginning_of_a_name() -> None:
    """Rows of other columns have a table of their own; ratios are listed below."""
    few, many = _figure("few: p50", 1.0, unit="ms"), _figure("many: p50", 2.0, unit="ms")
    other = _figure("all: rate", 7.0, unit="1/s")
    times, rates, ratios = matrix([few, other, many, many.ratio(few)]).split("\n\n")
    assert times.splitlines() == ["|  | p50, ms |", "| --- | --- |", "| few | 1 |", "| many | 2 |"]
    assert rates.splitlines() == ["|  | rate, 1/s |", "| --- | --- |", "| all | 7 |"]
    assert len(ratios.splitlines()) == 3
