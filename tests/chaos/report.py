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
    return _numbers(_counts(audit))


def _counts(audit: Audit) -> Sequence[int]:
    """Return what stands in the columns."""
    return (
        audit.accepted,
        audit.delivered,
        audit.superseded,
        audit.duplicates,
        audit.dead_lettered,
        len(audit.lost),
        len(audit.wrong_order),
    )


def _numbers(counts: Sequence[int]) -> Sequence[str]:
    return [f"{count:,}".rjust(len(name)) for count, name in zip(counts, _COLUMNS, strict=True)]


def summary(reports: Sequence[Report]) -> Iterator[str]:
    """Yield a row with the totals, then the verdict on all scenarios."""
    rows = [_counts(report.audit) for report in reports if report.audit]
    totals = [sum(column) for column in zip(*rows, strict=True)] or [0] * len(_COLUMNS)
    yield "  ".join(("total".ljust(_NAME_WIDTH), *_numbers(totals)))
    kills = sum((Counter(report.kills) for report in reports), Counter[str]())
    failed = [report.name for report in reports if report.failures]
    verdict = f"FAILED: {', '.join(failed)}" if failed else "All is well"
    yield f"{verdict}. {kills.total()} kills{f' ({_listed(kills)})' if kills else ''}."


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
