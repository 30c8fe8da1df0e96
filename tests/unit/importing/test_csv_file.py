from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from gateway.importing.csv_file import CsvFile
from gateway.importing.row import Problem, Row
from gateway.importing.source import SourceError, survey
from gateway.records import Kind

HEADER = "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP"


def sent(row: Row) -> dict[str, Any]:
    """Return what is sent of a row."""
    assert row.record is not None
    return MessageToDict(row.record)


def rows_of(path: Path, content: bytes, kind: Kind = Kind.EVENTS) -> list[Row]:
    """Return the rows of a file, as they are sent."""
    path.write_bytes(content)
    source = CsvFile(path, kind)
    count, sessions = survey(source, gap_s=1800)
    rows = [*source.rows(sessions)]
    assert len(rows) == count
    return rows


def test_mark_at_the_start_is_no_part_of_a_name(tmp_path: Path) -> None:
    """Spreadsheets write one, and end lines with two characters."""
    (row,) = rows_of(tmp_path / "f", b"\xef\xbb\xbfITEM_ID,PRICE\r\nx,5\r\n", Kind.ITEMS)
    assert sent(row) == {"item": {"itemId": "x", "properties": {"price": "5"}}}


def test_unsorted_rows_get_sessions(tmp_path: Path) -> None:
    """The rows of a user are in one session wherever they stand, and others' are not."""
    lines = [HEADER, "u,a,View,5000", "v,a,View,100", "u,b,View,100", "u,c,View,1900"]
    rows = rows_of(tmp_path / "f", "\n".join(lines).encode())
    sessions = [row.record.event.session_id for row in rows if row.record]
    assert sessions == [row.derived_session_id for row in rows]
    assert sessions[2] == sessions[3]
    assert len(set(sessions)) == 3


def test_session_of_the_file_is_kept(tmp_path: Path) -> None:
    """A row that names its session needs no user; one that does not needs one."""
    lines = [HEADER + ",SESSION_ID", ",a,View,100,mine", ",a,View,100,", "u,a,View,100,"]
    first, second, third = rows_of(tmp_path / "f", "\n".join(lines).encode())
    assert first.record is not None
    assert (first.record.event.session_id, first.derived_session_id) == ("mine", "")
    problem = Problem("", "REQUIRED", "has no session, and no user of whom one could be derived")
    assert (second.record, second.problems) == (None, [problem])
    assert third.derived_session_id


def test_malformed_rows_are_refused_by_line(tmp_path: Path) -> None:
    """The good rows between them are sent."""
    content = (
        HEADER.encode()
        + b"\nu,a,View,100\nu,a,View\nu,a,View,100,more\nu,\xff,View,100\n"
        + b'u,"a\nu,"a\nb",View,100\nu,a,View,later\n'
    )
    rows = rows_of(tmp_path / "f", content)
    assert [(row.line, [str(problem) for problem in row.problems]) for row in rows] == [
        (2, []),
        (3, ["MALFORMED_ROW: has 3 cells where the header has 4"]),
        (4, ["MALFORMED_ROW: has 5 cells where the header has 4"]),
        (5, ["MALFORMED_ROW: is not UTF-8"]),
        (
            6,
            ["MALFORMED_ROW: is no CSV (is a quote not closed?): ',' expected after '\"'"],
        ),
        (7, []),
        (9, ["TIMESTAMP: TIMESTAMP: is no whole number of seconds since 1970-01-01T00:00:00Z"]),
    ]
    assert [row.record is None for row in rows] == [False, True, True, True, True, False, True]


def test_record_beyond_any_limit_is_refused(tmp_path: Path) -> None:
    """It would make a request that the gateway does not read."""
    content = "ITEM_ID," + ",".join(f"C{n}" for n in range(20)) + "\nx" + f",{'y' * 60_000}" * 20
    (row,) = rows_of(tmp_path / "f", content.encode(), Kind.ITEMS)
    assert [problem.rule for problem in row.problems] == ["RECORD_SIZE"]
    assert row.record is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfeU\0S\0", "the header is not UTF-8"),
        (b'"USER_ID\n', "the header is no CSV"),
        (b"ITEM_ID\n", "has no column USER_ID"),
    ],
)
def test_header_that_is_none_is_an_error_of_the_file(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """Nothing can be said of its rows."""
    path = tmp_path / "f"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=said):
        CsvFile(path, Kind.USERS)


def test_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """Also when it goes after it was opened first."""
    path = tmp_path / "f"
    path.write_text("USER_ID\nu\n")
    source = CsvFile(path, Kind.USERS)
    path.unlink()
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        survey(source, gap_s=1800)
