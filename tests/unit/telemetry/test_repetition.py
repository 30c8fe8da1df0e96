"""A fault that repeats fills no log."""

import io
import json
from typing import Any

import pytest
import structlog

from gateway.telemetry import logs
from gateway.telemetry.repetition import MOST, WINDOW_S, Repetition


class Clock:
    """Stands still until it is set."""

    now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s

    async def wait(self, event: object, until: float | None) -> None:
        raise AssertionError(event, until)


def said(repetition: Repetition, **line: str) -> dict[str, Any] | None:
    """Return what is left of a line; None where it is left out."""
    try:
        return dict(repetition(None, "", {"level": "error", **line}))
    except structlog.DropEvent:
        return None


def test_the_first_are_said_and_then_how_many_more_there_were() -> None:
    """In the first line of the next window."""
    clock = Clock()
    repetition = Repetition(clock)
    lines = [said(repetition, event="lost", error_id=str(n)) for n in range(MOST + 5)]
    assert [line is None for line in lines] == [False] * MOST + [True] * 5
    clock.now_s += WINDOW_S
    assert said(repetition, event="lost") == {"level": "error", "event": "lost", "left_out": 5}
    assert said(repetition, event="lost") == {"level": "error", "event": "lost"}


@pytest.mark.parametrize(
    "other", [{"event": "found"}, {"lane": "shop/items"}, {"level": "warning"}]
)
def test_another_fault_is_said_beside_it(other: dict[str, str]) -> None:
    """Also the same of another lane."""
    repetition = Repetition(Clock())
    for _ in range(MOST + 1):
        said(repetition, event="lost", lane="shop/events")
    assert said(repetition, **{"event": "lost", "lane": "shop/events", **other}) is not None


def test_what_is_no_fault_is_never_left_out() -> None:
    """It tells of changes."""
    repetition = Repetition(Clock())
    lines = [said(repetition, level="info", event="taken up") for _ in range(MOST + 1)]
    assert None not in lines


def test_kinds_are_bounded() -> None:
    """The oldest is forgotten: it may be said again."""
    repetition = Repetition(Clock())
    for n in range(5_000):
        said(repetition, event="lost", why=str(n))
    assert len(repetition._kinds) == 1_000


def test_the_log_of_a_process_leaves_out() -> None:
    """As it is configured."""
    output = io.StringIO()
    logs.configure(output)
    try:
        log = structlog.get_logger()
        for number in range(MOST + 1):
            log.error("lost", number=number)
    finally:
        structlog.reset_defaults()
    numbers = [json.loads(line)["number"] for line in output.getvalue().splitlines()]
    assert numbers == list(range(MOST))
