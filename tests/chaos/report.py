"""What is printed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.chaos.ledger import Audit
from tests.chaos.playing import Report

_COLUMNS = (
    "accepted",
    "delivered",
    "superseded",
    "duplicates",
    "dead-lettered",
    "lost",
    "wrong order",
)
_NAME_WIDTH = 14


def heading() -> str:
    """Return the names of the columns."""
    return "  ".join((" " * _NAME_WIDTH, *_COLUMNS))


def lines(report: Report) -> Iterator[str]:
    """Yield a row with the counts of a scenario, then what there is to say of it."""
    yield "  ".join((report.name.ljust(_NAME_WIDTH), *_cells(report.audit)))
    if report.kills:
        yield f"    killed: {_listed(report.kills)}"
    if report.answers:
        yield f"    answers other than OK: {_listed(report.answers)}"
    for note in report.notes:
        yield f"    {note}"
    for failure in report.failures:
        yield f"    FAILED: {failure}"


def _cells(audit: Audit | None) -> Sequence[str]:
    if audit is None:
        return ["-".rjust(len(column)) for column in _COLUMNS]
    numbers = (
        audit.accepted,
        audit.delivered,
        audit.superseded,
        audit.duplicates,
        audit.dead_lettered,
        len(audit.lost),
        len(audit.wrong_order),
    )
    return [f"{number:,}".rjust(len(name)) for number, name in zip(numbers, _COLUMNS, strict=True)]


def summary(reports: Sequence[Report]) -> str:
    """Return the verdict on all scenarios."""
    kills = sum((Counter(report.kills) for report in reports), Counter[str]())
    failed = [report.name for report in reports if report.failures]
    accepted = sum(report.audit.accepted for report in reports if report.audit)
    lost = sum(len(report.audit.lost) for report in reports if report.audit)
    killed = f", {kills.total()} kills ({_listed(kills)})" if kills else ""
    verdict = f"FAILED: {', '.join(failed)}" if failed else "All is well"
    return f"{verdict}. {accepted:,} records accepted, {lost:,} lost{killed}."


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
