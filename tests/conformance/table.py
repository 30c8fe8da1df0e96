"""Prints what came of the clients: a table of client and file, then every deviation."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.conformance.case import Case
from tests.conformance.publisher_run import Outcome
from tests.conformance.vectors_run import Result

_LEAST_WIDTH = 10


def vectors_table(cases: Sequence[Case], results: Sequence[Result]) -> Iterator[str]:
    """Yield a line for each file, with a column for each client: cases that are good, of all."""
    counts = Counter(_file(case.name) for case in cases)
    rows = [["", *(result.client for result in results)]]
    for file, count in counts.items():
        rows.append([file, *(_good(result, file, count) for result in results)])
    rows.append(["by client", *(str(result.by_client) for result in results)])
    return _aligned(rows)


def _good(result: Result, file: str, count: int) -> str:
    if not result.sent:
        return "failed"
    bad = sum(_file(name) == file for name in result.deviations)
    return f"{count - bad}/{count}"


def _file(case: str) -> str:
    return case.partition("/")[0]


def deviations(results: Sequence[Result]) -> Iterator[str]:
    """Yield every failure and deviation."""
    for result in results:
        yield from (f"{result.client}: {text}" for text in result.failures)
        for name, text in result.deviations.items():
            yield f"{result.client}: {name}: {text}"


def publishers_table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a line for each publisher, then what must not be."""
    rows = [["publisher", "kills", "confirmed", "refused", "again"]]
    for one in outcomes:
        numbers = (one.kills, one.confirmed, one.refused, one.duplicates)
        rows.append([one.client, *map(str, numbers)])
    yield from _aligned(rows)
    for one in outcomes:
        yield from (f"{one.client}: publisher: {text}" for text in one.failures)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield lines: the first column begins at the left, the others end at the right."""
    columns = list(zip(*rows, strict=True))
    widths = [max(_LEAST_WIDTH, *map(len, column)) for column in columns]
    for first, *others in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([f"{first:<{widths[0]}}", *cells])
