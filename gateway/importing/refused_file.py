"""Files of refused rows, with their reasons, in a form that can be mended and imported."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from gateway.importing.layout import REFUSED_BECAUSE, REFUSED_LINE, Layout
from gateway.importing.row import Cells, Problem, Row
from gateway.importing.strict_json import JsonError, read_object

LINE_KEY = "_line"
REASONS_KEY = "_refused"
TEXT_KEY = "_text"
"""Holds, in a file of JSON lines, a line that is no JSON object."""

REFUSED_KEYS = frozenset({LINE_KEY, REASONS_KEY})
"""Keys of a line that are left out when it is imported."""

_SESSION_ID = "SESSION_ID"
_DECIDE_ON_SESSION = frozenset({"user_id", "event_time", "USER_ID", "TIMESTAMP"})


class RefusedFile(Protocol):
    """A file of refused rows; nothing is written before the first."""

    def write(self, row: Row, problems: Sequence[Problem]) -> None:
        """Add a row.

        Raises:
            OSError: the file cannot be written.
        """

    def close(self) -> None:
        """Finish the file; raises `OSError` where it cannot be written."""


class _Lazy:
    """A text file that is made when it is first written to; adds to one that is there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def opened(self) -> tuple[IO[str], bool]:
        """Return the file, and whether it has nothing in it yet."""
        if self._file is not None:
            return self._file, False
        self._file = self._path.open(
            "a", buffering=1, encoding="utf-8", errors="surrogateescape", newline=""
        )
        return self._file, self._file.tell() == 0

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class RefusedCsv:
    """A CSV file that has two columns before those of the file that was imported.

    Rows of a session that was derived also get a SESSION_ID, so that a mended row stays in its
    session.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self._lazy = _Lazy(path)
        places = [layout.place(column) for column in (REFUSED_LINE, REFUSED_BECAUSE)]
        self._left_out = frozenset(place for place in places if place is not None)
        self._session_place = layout.place(_SESSION_ID)
        self._adds_session = layout.has_sessions and self._session_place is None
        self._header = layout.header

    def write(self, row: Row, problems: Sequence[Problem]) -> None:
        """Add a row."""
        file, is_new = self._lazy.opened()
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            added = [_SESSION_ID] if self._adds_session else []
            writer.writerow([REFUSED_LINE, REFUSED_BECAUSE, *added, *self._kept(self._header)])
        reasons = "; ".join(map(str, problems))
        writer.writerow([row.line, reasons, *self._cells(row, _session_of(row, problems))])

    def close(self) -> None:
        """Finish the file."""
        self._lazy.close()

    def _cells(self, row: Row, session_id: str) -> list[str]:
        added = [session_id] if self._adds_session else []
        if isinstance(row.original, str):
            return [*added, row.original.rstrip("\r\n")]
        cells = [*row.original]
        if session_id and self._session_place is not None:
            cells[self._session_place] = session_id
        return [*added, *self._kept(cells)]

    def _kept(self, cells: Cells) -> list[str]:
        return [cell for place, cell in enumerate(cells) if place not in self._left_out]


class RefusedJsonLines:
    """A file of JSON lines that have two keys before those of the record."""

    def __init__(self, path: Path) -> None:
        self._lazy = _Lazy(path)

    def write(self, row: Row, problems: Sequence[Problem]) -> None:
        """Add a row."""
        file, _ = self._lazy.opened()
        value = {
            LINE_KEY: row.line,
            REASONS_KEY: [str(problem) for problem in problems],
            **_original(str(row.original)),
        }
        session_id = _session_of(row, problems)
        if session_id:
            value.pop("session_id", None)
            value["sessionId"] = session_id
        file.write(json.dumps(value) + "\n")

    def close(self) -> None:
        """Finish the file."""
        self._lazy.close()


def _session_of(row: Row, problems: Sequence[Problem]) -> str:
    """Return the derived session of a row, unless what it was derived from is to be mended."""
    if any(problem.field in _DECIDE_ON_SESSION for problem in problems):
        return ""
    return row.derived_session_id


def _original(text: str) -> dict[str, Any]:
    try:
        value = read_object(text)
    except JsonError:
        return {TEXT_KEY: text}
    return {key: given for key, given in value.items() if key not in REFUSED_KEYS}
