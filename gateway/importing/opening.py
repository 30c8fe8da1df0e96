"""Which form a file has."""

from collections.abc import Mapping
from pathlib import Path

from gateway.importing.csv_file import CsvFile
from gateway.importing.json_lines import JsonLinesFile
from gateway.importing.schema import ColumnType
from gateway.importing.source import Source, SourceError
from gateway.records import Kind

_JSON_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})
_SNIFFED_BYTES = 4096
_BLANK = b"\xef\xbb\xbf \t\r\n"


def open_source(path: Path, kind: Kind, schema: Mapping[str, ColumnType] | None = None) -> Source:
    """Return a file as a source of records.

    Its form is known from its name; where that says nothing, JSON lines begin with a brace.

    Raises:
        SourceError: it cannot be read, or not as what it seems to be.
    """
    if not path.is_file():
        raise SourceError(f"{path} is no regular file: it must be one, because it is read twice")
    if not _is_json(path):
        return CsvFile(path, kind, schema)
    if schema is not None:
        raise SourceError(f"{path} is JSON, which has types itself: a schema is for CSV")
    return JsonLinesFile(path, kind)


def _is_json(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in _JSON_SUFFIXES:
        return True
    if suffix == ".csv":
        return False
    try:
        with path.open("rb") as file:
            return file.read(_SNIFFED_BYTES).lstrip(_BLANK).startswith((b"{", b"["))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
