"""What `make chaos` prints at the end."""

from tests.chaos import report
from tests.chaos.ledger import Audit
from tests.chaos.playing import Report


def _report(name: str, audit: Audit | None, *failures: str) -> Report:
    return Report(name, audit, {"delivery": 2}, {}, [], failures)


def _audit(accepted: int, lost: list[str]) -> Audit:
    return Audit(accepted, accepted - len(lost), 0, 3, 0, lost, [], [])


def test_the_totals_are_of_all_scenarios() -> None:
    """Under the columns; one that broke off has no counts, and fails all."""
    reports = [
        _report("one", _audit(1_000, [])),
        _report("two", _audit(2_000, ["e1"]), "1 lost: e1 …"),
        _report("three", None, "broken off"),
    ]
    totals, verdict = report.summary(reports)
    assert totals.split() == ["total", "3,000", "2,999", "0", "6", "0", "1", "0"]
    assert len(totals) == len(report.heading())
    assert verdict == "FAILED: two, three. 6 kills (delivery 6)."


def test_all_is_well_where_nothing_failed() -> None:
    """Also where no scenario could be played."""
    assert list(report.summary([_report("one", _audit(5, []))]))[1] == (
        "All is well. 2 kills (delivery 2)."
    )
    assert list(report.summary([]))[1] == "All is well. 0 kills."
