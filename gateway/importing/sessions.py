"""Sessions for rows that name none: a user's rows without a long gap between them.

Rows may stand in any order, so sessions are known only when all of them have been seen once.
"""

import json
from array import array
from bisect import bisect_right
from collections import defaultdict
from hashlib import blake2b
from typing import NamedTuple

_DIGEST_BYTES = 16
_DOMAIN = b"session-id/1"


class Moment(NamedTuple):
    """Who did something and when, in seconds since the Unix epoch."""

    user_id: str
    seconds: int


class Sessions:
    """The sessions of all users of a file.

    Takes 8 bytes for each row and some 200 for each user while rows are added, and after `close`
    what the sessions take.

    Args:
        gap_s: a user's row that comes later than this after the one before it begins a session.
    """

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._times: dict[str, array[int]] = defaultdict(lambda: array("q"))

    def add(self, moment: Moment) -> None:
        """Note a row, in any order."""
        self._times[moment.user_id].append(moment.seconds)

    def close(self) -> None:
        """Note that there are no more rows; keep of the times only where sessions begin."""
        for user_id, times in self._times.items():
            self._times[user_id] = self._beginnings(times)

    def session_id(self, moment: Moment) -> str:
        """Return the session of a row that was added.

        It follows from the user and the first time of the session, so that importing a file again
        gives the same sessions, and with them the same event IDs.
        """
        beginnings = self._times[moment.user_id]
        first = beginnings[bisect_right(beginnings, moment.seconds) - 1]
        text = json.dumps([moment.user_id, first])
        return blake2b(text.encode(), digest_size=_DIGEST_BYTES, person=_DOMAIN).hexdigest()

    def _beginnings(self, times: "array[int]") -> "array[int]":
        beginnings: array[int] = array("q")
        before: int | None = None
        for seconds in sorted(times):
            if before is None or seconds - before > self._gap_s:
                beginnings.append(seconds)
            before = seconds
        return beginnings
