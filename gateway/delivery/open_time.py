"""How long a lane could send: the only time that counts for the age of its records."""

from collections.abc import Sequence

_MAX_SPANS = 1_000
_SHORT_GAP_S = 1.0

Span = tuple[int, float, float]
"""Boot number, and two monotonic times of that boot, in seconds: from, until."""


class OpenTime:
    """The spans of time in which a lane could send.

    A day's outage makes no record a day older. Times are those of the outbox's stamps, so that no
    step of the wall clock counts, and spans of earlier boots stay what they were.

    Args:
        boot: the number of this boot.
        now_s: monotonic time.
        spans: what an earlier process has noted.
        is_open: whether the lane can send to begin with.
    """

    def __init__(
        self, boot: int, now_s: float, spans: Sequence[Span] = (), *, is_open: bool = True
    ) -> None:
        self._boot = boot
        self._spans = list(spans)
        self._open_since_s: float | None = now_s if is_open else None

    def note(self, now_s: float, *, is_open: bool) -> None:
        """Note whether the lane can send from now on."""
        if is_open and self._open_since_s is None:
            self._open_since_s = self._resumed_since_s(now_s)
        elif not is_open and self._open_since_s is not None:
            self._spans.append((self._boot, self._open_since_s, now_s))
            del self._spans[:-_MAX_SPANS]
            self._open_since_s = None

    def _resumed_since_s(self, now_s: float) -> float:
        """Return the start of the last span where the gap behind it is short: it counts as open."""
        if self._spans:
            boot, start_s, end_s = self._spans[-1]
            if boot == self._boot and now_s - end_s < _SHORT_GAP_S:
                del self._spans[-1]
                return start_s
        return now_s

    def since(self, boot: int, stamp_s: float, now_s: float) -> float:
        """Return for how many seconds since a moment the lane could send."""
        return sum(
            max(0.0, end_s - (max(start_s, stamp_s) if span_boot == boot else start_s))
            for span_boot, start_s, end_s in self.spans(now_s)
            if span_boot >= boot
        )

    def spans(self, now_s: float) -> list[Span]:
        """Return all spans, the present one as if it ended now: to be kept over a restart."""
        if self._open_since_s is None:
            return list(self._spans)
        return [*self._spans, (self._boot, self._open_since_s, now_s)]
