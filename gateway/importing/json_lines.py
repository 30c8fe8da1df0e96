"""A file of JSON lines, each the JSON form of a record's protobuf message."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

from gateway.importing.finishing import finished
from gateway.importing.members import HAS_SESSIONS, RECORD_FIELDS
from gateway.importing.refused_file import REFUSED_KEYS, TEXT_KEY, RefusedJsonLines
from gateway.importing.row import MALFORMED_ROW, Problem, Row
from gateway.importing.sessions import Moment, Sessions
from gateway.importing.source import SourceError
from gateway.importing.strict_json import JsonError, parse_into, read_object
from gateway.records import Kind

_MARK = b"\xef\xbb\xbf"


class JsonLinesFile:
    """A file of JSON lines, records of one kind.

    Args:
        path: the file, in UTF-8.
        kind: of its records.

    Raises:
        SourceError: the file cannot be read, or is one JSON array.
    """

    def __init__(self, path: Path, kind: Kind) -> None:
        self._path = path
        self._kind = kind
        with self._lines() as lines:
            _, first = next(lines, (0, ""))
        if first.startswith("["):
            raise SourceError(f"{path} is a JSON array: JSON lines have one record in each line")

    def survey(self) -> Iterator[Moment | None]:
        """Yield for each row who did something when; None where no session is to be derived."""
        with self._lines() as lines:
            for line, text in lines:
                record = self._row(line, text).record
                yield None if record is None else self._moment(record)

    def rows(self, sessions: Sessions) -> Iterator[Row]:
        """Yield each row, ready to be sent or with its problems."""
        with self._lines() as lines:
            for line, text in lines:
                row = self._row(line, text)
                moment = row.record and self._moment(row.record)
                session_id = sessions.session_id(moment) if moment else ""
                yield finished(Row(line, text, row.record, row.problems, session_id), self._kind)

    def refused_file(self, path: Path) -> RefusedJsonLines:
        """Return a file of JSON lines for refused rows."""
        return RefusedJsonLines(path)

    def _row(self, line: int, text: str) -> Row:
        record = IngestRecord()
        message: Any = getattr(record, RECORD_FIELDS[self._kind])
        message.SetInParent()
        try:
            parse_into(message, _sendable(read_object(text)))
        except JsonError as error:
            return Row(line, text, problems=[Problem("", MALFORMED_ROW, str(error))])
        return Row(line, text, record)

    def _moment(self, record: IngestRecord) -> Moment | None:
        if self._kind not in HAS_SESSIONS:
            return None
        message: Any = getattr(record, RECORD_FIELDS[self._kind])
        if message.session_id or not message.user_id or not message.HasField("event_time"):
            return None
        return Moment(message.user_id, message.event_time.seconds)

    @contextmanager
    def _lines(self) -> Iterator[Iterator[tuple[int, str]]]:
        try:
            with self._path.open("rb") as file:
                yield _texts(file)
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read: {error.strerror}") from error


def _texts(lines: Iterator[bytes] | Any) -> Iterator[tuple[int, str]]:  # noqa: ANN401
    """Yield the number and the text of each line that has one."""
    for number, line in enumerate(lines, start=1):
        content = line.removeprefix(_MARK) if number == 1 else line
        # Bytes that are not UTF-8 become lone surrogates, which no message takes.
        text = content.decode(errors="surrogateescape").strip()
        if text:
            yield number, text


def _sendable(value: dict[str, Any]) -> dict[str, Any]:
    """Return a line without what a file of refused rows has beside the record."""
    if TEXT_KEY in value:
        return read_object(str(value[TEXT_KEY]))
    return {key: given for key, given in value.items() if key not in REFUSED_KEYS}
