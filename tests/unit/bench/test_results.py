import io
from pathlib import Path

import pytest
from rich.console import Console

from bench.gateway import Cpu
from bench.machine import Machine
from bench.results import Measured, Result, Target, number, tables
from bench.rounds import Rounds, ratio_name
from bench.trial import NotAsSent, Spent, check

MACHINE = Machine(
    cpu="A CPU",
    cores=2,
    kernel="6.1",
    python="3.11.7",
    versions={"grpcio": "1.0"},
)


def rounds() -> Rounds:
    """Return two rounds of a group with targets."""
    targets = {"ours": Target(25), ratio_name("ours", "theirs"): Target(1 / 4)}
    found = Rounds("unary", targets)
    for ours, theirs in ((20.0, 100.0), (24.0, 80.0), (40.0, 120.0)):
        found.add("ours", "µs", ours)
        found.add("theirs", "µs", theirs)
    return found


def test_value_is_the_median_of_the_rounds() -> None:
    """One round that was disturbed does not count."""
    ours, theirs = rounds().figures()
    assert (ours.value, ours.met) == (24.0, True)
    assert (theirs.value, theirs.met) == (100.0, None)


def test_ratio_is_taken_round_by_round() -> None:
    """What disturbs a round disturbs both of a pair."""
    ratio = rounds().ratio("ours", "theirs")
    assert ratio.rounds == pytest.approx((0.2, 0.3, 1 / 3))
    assert ratio.value == pytest.approx(0.3)
    assert (ratio.met, ratio.ratio_to) == (False, "theirs")


def test_target_may_ask_for_more_or_for_less() -> None:
    """Of costs less is better, of rates more."""
    assert Target(10).met_by(10)
    assert not Target(10).met_by(10.1)
    assert Target(10, at_least=True).met_by(11)
    assert not Target(10, at_least=True).met_by(9.9)


def test_trial_gives_cost_rate_and_use_of_the_core() -> None:
    """The rate is by the wall clock, the cost by CPU time."""
    found = Rounds("unary")
    found.add_spent("accepted", "µs an RPC", Spent(Cpu(600_000, 300_000), 1.0, 10_000), of=1000)
    assert {figure.name: figure.value for figure in found.figures()} == {
        "accepted": 900,
        "accepted: ingest": 600,
        "accepted: delivery": 300,
        "accepted: rate": 10_000,
        "accepted: core used": 90,
    }


def test_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    """The page is made of the file alone."""
    found = rounds()
    figures = [*found.figures(), found.ratio("ours", "theirs")]
    result = Result(MACHINE, {"unary": Measured("c0ffee, with changes", "2030-01-02", figures)})
    result.write(tmp_path / "results" / "latest.json")
    assert Result.read(tmp_path / "results" / "latest.json") == result


def test_group_that_is_measured_again_takes_the_place_of_what_was_found_before() -> None:
    """The others keep what they are of: a run need not have all groups."""
    stream, before, now = (Measured(name, "2030", []) for name in ("stream", "before", "now"))
    result = Result(MACHINE, {"unary": before, "stream": stream})
    assert result.with_group("unary", now).groups == {"unary": now, "stream": stream}


def test_table_says_what_was_missed() -> None:
    """A ratio says what it is of; a target says whether it was met."""
    found = rounds()
    console = Console(file=io.StringIO(), width=120)
    console.print(*tables([*found.figures(), found.ratio("ours", "theirs")]))
    assert isinstance(console.file, io.StringIO)
    lines = [line.split("│")[1:-1] for line in console.file.getvalue().splitlines() if "│" in line]
    assert [[cell.strip() for cell in line] for line in lines] == [
        ["ours", "24", "µs", "20 … 40", "≤ 25: met"],
        ["theirs", "100", "µs", "80 … 120", ""],
        ["ours", "0.3", "of theirs", "0.2 … 0.333", "≤ 0.25: MISSED"],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0123456, "0.0123"), (9.876, "9.88"), (99.94, "99.9"), (1234.5, "1,234"), (0, "0")],
)
def test_number_has_three_digits_or_more(value: float, text: str) -> None:
    """No figure is known better than that."""
    assert number(value) == text


def test_count_that_differs_ends_the_run() -> None:
    """No figure is made of requests that were not all taken."""
    check("events accepted", 10, 10)
    with pytest.raises(NotAsSent, match="events accepted: 9, not 10"):
        check("events accepted", 9, 10)


def test_machine_is_told_without_names_of_its_own() -> None:
    """The file is published: it says which CPU, and neither where nor whose."""
    found = Machine.found()
    assert found.cores >= 1
    assert found.versions["grpcio"]
    assert not any("/" in text for text in (found.cpu, found.kernel, *found.versions.values()))
