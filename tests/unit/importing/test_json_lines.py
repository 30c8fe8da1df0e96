import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from gateway.importing.json_lines import JsonLinesFile
from gateway.importing.row import Row
from gateway.importing.source import SourceError, survey
from gateway.records import Kind


def sent(row: Row) -> dict[str, Any]:
    """Return what is sent of a row."""
    assert row.record is not None
    return MessageToDict(row.record)


def rows_of(path: Path, *lines: str, kind: Kind = Kind.EVENTS) -> list[Row]:
    """Return the rows of a file, as they are sent."""
    path.write_bytes("\n".join(lines).encode(errors="surrogateescape"))
    source = JsonLinesFile(path, kind)
    count, sessions = survey(source, gap_s=1800)
    rows = [*source.rows(sessions)]
    assert len(rows) == count
    return rows


def test_line_is_the_json_form_of_its_record(tmp_path: Path) -> None:
    """Values keep their types."""
    text = '{"itemId": "x", "properties": {"price": 1.5, "new": true, "tags": ["a", "b"]}}'
    (row,) = rows_of(tmp_path / "f", text, kind=Kind.ITEMS)
    assert sent(row) == {
        "item": {"itemId": "x", "properties": {"price": 1.5, "new": True, "tags": ["a", "b"]}}
    }


def event(minute: int, **members: str) -> str:
    """Return a line of an event of that minute."""
    time = f"2026-01-31T12:{minute:02}:00Z"
    return json.dumps({"itemId": "i", "eventType": "View", "eventTime": time} | members)


def test_sessions_are_derived_as_for_csv(tmp_path: Path) -> None:
    """Only for lines that name none."""
    rows = rows_of(
        tmp_path / "f",
        event(40, userId="u"),
        event(10, userId="u"),
        event(59, userId="u", sessionId="mine"),
        event(0, userId="u"),
        event(0, sessionId="mine"),
    )
    derived = [row.derived_session_id for row in rows]
    assert derived[0] == derived[1] == derived[3] != ""
    assert derived[2] == derived[4] == ""
    assert [row.record.event.session_id for row in rows if row.record] == [
        one or "mine" for one in derived
    ]


def test_bad_lines_are_refused_by_number(tmp_path: Path) -> None:
    """Empty lines are no rows, but they count."""
    rows = rows_of(
        tmp_path / "f",
        '\ufeff{"userId": "u"}',
        "",
        '{"userId": "u"',
        '{"userID": "u"}',
        "[]",
        '{"userId": "\udcff"}',
        '{"userId": 5}',
        kind=Kind.USERS,
    )
    assert [(row.line, row.record is None) for row in rows] == [
        (1, False), (3, True), (4, True), (5, True), (6, True), (7, True)
    ]  # fmt: skip
    assert {problem.rule for row in rows for problem in row.problems} == {"MALFORMED_ROW"}
    assert 'no field named "userID"' in rows[2].problems[0].description


def test_line_of_a_refused_file_is_read_without_its_reasons(tmp_path: Path) -> None:
    """Also one whose text was no JSON, once that is mended."""
    first, second = rows_of(
        tmp_path / "f",
        '{"_line": 3, "_refused": ["x"], "userId": "u"}',
        '{"_line": 4, "_refused": ["x"], "_text": "{\\"userId\\": \\"v\\"}"}',
        kind=Kind.USERS,
    )
    assert [sent(row) for row in (first, second)] == [
        {"user": {"userId": "u"}},
        {"user": {"userId": "v"}},
    ]


def test_event_without_user_and_session_is_refused(tmp_path: Path) -> None:
    """There is nothing to derive a session from."""
    (row,) = rows_of(tmp_path / "f", '{"itemId": "i", "eventTime": "2026-01-31T12:00:00Z"}')
    assert [str(problem) for problem in row.problems] == [
        "REQUIRED: has no session, and no user of whom one could be derived"
    ]


def test_array_is_an_error_of_the_file(tmp_path: Path) -> None:
    """It would be refused line by line otherwise."""
    path = tmp_path / "f"
    path.write_text('[\n{"userId": "u"}\n]\n')
    with pytest.raises(SourceError, match="is a JSON array"):
        JsonLinesFile(path, Kind.USERS)
