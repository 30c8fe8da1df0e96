import os
from pathlib import Path

import pytest

from gateway.importing.csv_file import CsvFile
from gateway.importing.json_lines import JsonLinesFile
from gateway.importing.opening import open_source
from gateway.importing.source import SourceError
from gateway.records import Kind


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("users.jsonl", "", JsonLinesFile),
        ("users.NDJSON", "", JsonLinesFile),
        ("users.json", "", JsonLinesFile),
        ("users.csv", "USER_ID,{\n", CsvFile),
        ("users.txt", "USER_ID\n", CsvFile),
        ("users", '\ufeff\n {"userId": "u"}', JsonLinesFile),
    ],
)
def test_form_is_known_from_name_or_content(
    tmp_path: Path, name: str, content: str, form: type
) -> None:
    """The name decides where it says anything."""
    path = tmp_path / name
    path.write_text(content)
    assert type(open_source(path, Kind.USERS)) is form


def test_schema_is_for_csv(tmp_path: Path) -> None:
    """JSON has types itself."""
    path = tmp_path / "users.jsonl"
    path.write_text("{}")
    with pytest.raises(SourceError, match="a schema is for CSV"):
        open_source(path, Kind.USERS, {})


def test_pipe_is_refused(tmp_path: Path) -> None:
    """It cannot be read twice, and opening it would wait."""
    path = tmp_path / "users.csv"
    os.mkfifo(path)
    with pytest.raises(SourceError, match="is no regular file"):
        open_source(path, Kind.USERS)
