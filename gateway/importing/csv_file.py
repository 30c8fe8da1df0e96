"""A CSV file in the form of Personalize's bulk import."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gateway.importing.csv_rows import RawRow, read_rows
from gateway.importing.finishing import finished
from gateway.importing.layout import HeaderError, Layout, Schema
from gateway.importing.refused_file import RefusedCsv
from gateway.importing.row import MALFORMED_ROW, Problem, Row
from gateway.importing.sessions import Moment, Sessions
from gateway.importing.source import SourceError
from gateway.records import Kind


class CsvFile:
    """A CSV file of records of one kind.

    Args:
        path: the file, in UTF-8.
        kind: of its records.
        schema: the types of its columns; None where they are not known.

    Raises:
        SourceError: the file cannot be read, or its header is not that of such a file.
    """

    def __init__(self, path: Path, kind: Kind, schema: Schema | None = None) -> None:
        self._path = path
        self._kind = kind
        with self._raw_rows() as rows:
            header = next(rows, None)
        if header is None:
            raise SourceError(f"{path} is empty: its first row must name the columns")
        if header.fault:
            raise SourceError(f"{path}: the header {header.fault}")
        try:
            self._layout = Layout(header.cells, kind, schema)
        except HeaderError as error:
            raise SourceError(f"{path}: {error}") from error

    def survey(self) -> Iterator[Moment | None]:
        """Yield for each row who did something when; None where no session is to be derived."""
        for raw in self._data():
            yield None if raw.fault else self._layout.moment(raw.cells)

    def rows(self, sessions: Sessions) -> Iterator[Row]:
        """Yield each row, ready to be sent or with its problems."""
        for raw in self._data():
            if raw.fault:
                problem = Problem("", MALFORMED_ROW, raw.fault)
                yield Row(raw.line, raw.cells or raw.text, problems=[problem])
                continue
            record, problems = self._layout.record(raw.cells)
            moment = self._layout.moment(raw.cells)
            session_id = sessions.session_id(moment) if moment else ""
            row = Row(raw.line, raw.cells, record, problems, session_id)
            yield finished(row, self._kind)

    def refused_file(self, path: Path) -> RefusedCsv:
        """Return a CSV file for refused rows."""
        return RefusedCsv(path, self._layout)

    def _data(self) -> Iterator[RawRow]:
        width = len(self._layout.header)
        with self._raw_rows() as rows:
            next(rows, None)
            for row in rows:
                if row.cells and len(row.cells) != width:
                    fault = f"has {len(row.cells)} cells where the header has {width}"
                    yield replace(row, fault=row.fault or fault)
                else:
                    yield row

    @contextmanager
    def _raw_rows(self) -> Iterator[Iterator[RawRow]]:
        try:
            # The mark that some programs write at the start of a file is no part of a name. Bytes
            # that are not UTF-8 come through, so that the row can be written as it was.
            with self._path.open(
                encoding="utf-8-sig", errors="surrogateescape", newline=""
            ) as file:
                yield read_rows(file)
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read: {error.strerror}") from error
