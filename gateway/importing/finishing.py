"""The last that is done to a row before it is sent, whatever its file looks like."""

from dataclasses import replace
from typing import Any

from gateway.importing.members import HAS_SESSIONS, RECORD_FIELDS
from gateway.importing.row import Problem, Row
from gateway.records import Kind

MAX_RECORD_BYTES = 1024 * 1024
"""A record beyond this is past the limits of every kind, and may be past those of a request."""

_NO_SESSION = Problem("", "REQUIRED", "has no session, and no user of whom one could be derived")
_TOO_LARGE = Problem("", "RECORD_SIZE", f"has more than {MAX_RECORD_BYTES:,} bytes")


def finished(row: Row, kind: Kind) -> Row:
    """Return a row with its session; one that has problems has no record."""
    problems = [*row.problems]
    if row.record is not None and kind in HAS_SESSIONS:
        message: Any = getattr(row.record, RECORD_FIELDS[kind])
        if row.derived_session_id:
            message.session_id = row.derived_session_id
        elif not message.session_id and not message.user_id:
            problems.append(_NO_SESSION)
    if row.record is not None and row.record.ByteSize() > MAX_RECORD_BYTES:
        problems.append(_TOO_LARGE)
    return replace(row, record=None if problems else row.record, problems=problems)
