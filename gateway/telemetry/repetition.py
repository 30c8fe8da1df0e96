"""Faults that repeat: the log says the first of them, and then how many more there were."""

import structlog
from structlog.typing import EventDict, WrappedLogger

from gateway.clock import Clock

MOST = 10
"""So many lines of one kind are logged in a window."""

WINDOW_S = 60.0

_MOST_KINDS = 1_000
_TELLING = ("event", "level", "exception", "lane", "dataset_group", "process", "why")
"""What tells kinds of lines apart. Each is bounded or, like `why`, mostly the same of one fault."""


class Repetition:
    """A processor of structlog that leaves out warnings and errors of a kind that goes on.

    The first line of the next window says, as `left_out`, how many there were. What is said by
    `info` is never left out: it tells of changes.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kinds: dict[tuple[object, ...], _Window] = {}

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """Return the line, or drop it."""
        if event.get("level") not in ("warning", "error"):
            return event
        kind = tuple(map(event.get, _TELLING))
        now_s = self._clock.monotonic()
        window = self._kinds.get(kind)
        if window is None or now_s - window.since_s >= WINDOW_S:
            return self._begun(kind, now_s, event)
        window.lines += 1
        if window.lines > MOST:
            raise structlog.DropEvent
        return event

    def _begun(self, kind: tuple[object, ...], now_s: float, event: EventDict) -> EventDict:
        before = self._kinds.pop(kind, None)
        if len(self._kinds) >= _MOST_KINDS:
            del self._kinds[next(iter(self._kinds))]  # the one whose window began first
        self._kinds[kind] = _Window(now_s)
        if before is not None and before.lines > MOST:
            event["left_out"] = before.lines - MOST
        return event


class _Window:
    """How many lines of a kind there were since a time."""

    __slots__ = ("lines", "since_s")

    def __init__(self, since_s: float) -> None:
        self.since_s = since_s
        self.lines = 1
