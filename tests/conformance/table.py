"""Prints what came of the clients: a table of language and file, then every deviation."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.conformance.case import Case
from tests.conformance.publisher_run import Outcome
from tests.conformance.vectors_run import Result


def vectors_table(cases: Sequence[Case], results: Sequence[Result]) -> Iterator[str]:
    """Yield a line for each file, with a column for each language: cases that are good, of all."""
    counts = Counter(_file(case.name) for case in cases)
    width = max(map(len, counts), default=0)
    yield " ".join([" " * width, *(f"{result.language:>12}" for result in results)])
    for file, count in counts.items():
        cells = [f"{_good(result, file, count):>12}" for result in results]
        yield " ".join([f"{file:<{width}}", *cells])
    refused = [f"{result.by_client:>12}" for result in results]
    yield " ".join([f"{'by client':<{width}}", *refused])


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
        yield from (f"{result.language}: {text}" for text in result.failures)
        for name, text in result.deviations.items():
            yield f"{result.language}: {name}: {text}"


def publishers_table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a line for each language, then what must not be."""
    yield f"{'publisher':<12} {'kills':>6} {'confirmed':>10} {'refused':>8} {'again':>6}"
    for one in outcomes:
        yield (
            f"{one.language:<12} {one.kills:>6} {one.confirmed:>10} {one.refused:>8}"
            f" {one.duplicates:>6}"
        )
    for one in outcomes:
        yield from (f"{one.language}: publisher: {text}" for text in one.failures)
