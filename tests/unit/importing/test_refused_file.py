import json
from pathlib import Path

from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

from gateway.importing.layout import Layout
from gateway.importing.refused_file import RefusedCsv, RefusedJsonLines
from gateway.importing.row import Problem, Row
from gateway.records import Kind

BAD = [Problem("item_id", "MAX_LENGTH", "is too long"), Problem("", "KIND", "x")]
BAD_TIME = [Problem("event_time", "MILLISECONDS", "divide")]
REASONS = "item_id: MAX_LENGTH: is too long; KIND: x"

HEADER = ("USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP")
CELLS = ("u", 'i "quoted"', "View", "5")


def test_nothing_refused_makes_no_file(tmp_path: Path) -> None:
    """A file that is there says that something is to be mended."""
    for refused in (
        RefusedCsv(tmp_path / "a", Layout(HEADER, Kind.EVENTS)),
        RefusedJsonLines(tmp_path / "b"),
    ):
        refused.close()
    assert [*tmp_path.iterdir()] == []


def test_csv_has_line_reasons_session_and_the_row_as_it_was(tmp_path: Path) -> None:
    """What decides on the session is to be mended in the second row, so it gets none."""
    refused = RefusedCsv(tmp_path / "f", Layout(HEADER, Kind.EVENTS))
    record = IngestRecord()
    refused.write(Row(7, CELLS, record, derived_session_id="s1"), BAD)
    refused.write(Row(8, CELLS, record, derived_session_id="s2"), BAD_TIME)
    refused.write(Row(9, ("u", "i\udcff")), [Problem("", "MALFORMED_ROW", "has 2 cells")])
    refused.write(Row(10, '"u\r\n'), [Problem("", "MALFORMED_ROW", "is no CSV")])
    refused.close()
    assert (tmp_path / "f").read_bytes().decode(errors="surrogateescape").split("\n") == [
        "REFUSED_LINE,REFUSED_BECAUSE,SESSION_ID,USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP",
        f'7,{REASONS},s1,u,"i ""quoted""",View,5',
        '8,event_time: MILLISECONDS: divide,,u,"i ""quoted""",View,5',
        "9,MALFORMED_ROW: has 2 cells,,u,i\udcff",
        '10,MALFORMED_ROW: is no CSV,,"""u"',
        "",
    ]


def test_columns_of_the_file_are_not_doubled(tmp_path: Path) -> None:
    """A file of refused rows has new reasons instead of the old, and its own session column."""
    header = ("REFUSED_LINE", "REFUSED_BECAUSE", "SESSION_ID", *HEADER)
    refused = RefusedCsv(tmp_path / "f", Layout(header, Kind.EVENTS))
    refused.write(Row(2, ("7", "old", "", *CELLS), derived_session_id="s1"), BAD)
    refused.write(Row(3, ("8", "old", "s9", *CELLS)), BAD)
    refused.close()
    assert (tmp_path / "f").read_text().splitlines() == [
        ",".join(header),
        f'2,{REASONS},s1,u,"i ""quoted""",View,5',
        f'3,{REASONS},s9,u,"i ""quoted""",View,5',
    ]


def test_items_have_no_session_column(tmp_path: Path) -> None:
    """Nor have users and actions."""
    refused = RefusedCsv(tmp_path / "f", Layout(["ITEM_ID", "PRICE"], Kind.ITEMS))
    refused.write(Row(2, ("i", "5")), BAD)
    refused.close()
    assert (tmp_path / "f").read_text().splitlines() == [
        "REFUSED_LINE,REFUSED_BECAUSE,ITEM_ID,PRICE",
        f"2,{REASONS},i,5",
    ]


def test_another_run_adds_rows(tmp_path: Path) -> None:
    """An import that goes on with --skip has one file, and its header once."""
    for line in (2, 3):
        refused = RefusedCsv(tmp_path / "f", Layout(["USER_ID"], Kind.USERS))
        refused.write(Row(line, ("u",)), BAD)
        refused.close()
    assert (tmp_path / "f").read_text().splitlines() == [
        "REFUSED_LINE,REFUSED_BECAUSE,USER_ID",
        f"2,{REASONS},u",
        f"3,{REASONS},u",
    ]


def test_row_is_on_disk_at_once(tmp_path: Path) -> None:
    """Whatever ends the import, what was told of is not lost."""
    refused = RefusedJsonLines(tmp_path / "f")
    refused.write(Row(2, "{}"), BAD)
    assert (tmp_path / "f").read_text() != ""
    refused.close()


def test_json_lines_have_reasons_beside_the_record(tmp_path: Path) -> None:
    """A line that is no JSON object is kept as text."""
    refused = RefusedJsonLines(tmp_path / "f")
    line = '{"_line": 1, "_refused": ["old"], "session_id": "", "n": 9007199254740993}'
    refused.write(Row(7, line, derived_session_id="s1"), BAD)
    refused.write(Row(8, "[1"), [Problem("", "MALFORMED_ROW", "is no JSON")])
    refused.close()
    assert [json.loads(text) for text in (tmp_path / "f").read_text().splitlines()] == [
        {
            "_line": 7,
            "_refused": [str(problem) for problem in BAD],
            "n": 9007199254740993,
            "sessionId": "s1",
        },
        {"_line": 8, "_refused": ["MALFORMED_ROW: is no JSON"], "_text": "[1"},
    ]
