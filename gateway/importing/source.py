"""A file of records: read twice, once to know its sessions and its length, once to send it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from gateway.errors import GatewayError
from gateway.importing.refused_file import RefusedFile
from gateway.importing.row import Row
from gateway.importing.sessions import Moment, Sessions


class SourceError(GatewayError):
    """Expected error: a file cannot be imported; the message says why."""


class Source(Protocol):
    """A file whose rows are records of one kind.

    Reading it raises `SourceError` where it cannot be read.
    """

    def survey(self) -> Iterator[Moment | None]:
        """Yield for each row who did something when; None where no session is to be derived."""

    def rows(self, sessions: Sessions) -> Iterator[Row]:
        """Yield each row, ready to be sent or with its problems.

        Args:
            sessions: of all that `survey` yields.
        """

    def refused_file(self, path: Path) -> RefusedFile:
        """Return a file for refused rows, in the form of this one."""


def survey(source: Source, gap_s: float) -> tuple[int, Sessions]:
    """Return how many rows a file has, and their sessions.

    Args:
        source: the file.
        gap_s: a user's row that comes later than this after the one before it begins a session.

    Raises:
        SourceError: it cannot be read.
    """
    count = 0
    sessions = Sessions(gap_s)
    for moment in source.survey():
        count += 1
        if moment is not None:
            sessions.add(moment)
    sessions.close()
    return count, sessions
