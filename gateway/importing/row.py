"""One row of a file: a line of CSV, quoted line breaks included, or a line of JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

MALFORMED_ROW = "MALFORMED_ROW"
"""A problem of the row as such, for which the API has no rule: it is none of the file's format."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused.

    Attributes:
        field: the column, or the path of the field from the record; empty for the whole row.
        rule: name of a value of the API's `Rule` without its prefix, or `MALFORMED_ROW`.
        description: what is wrong and what to send instead.
    """

    field: str
    rule: str
    description: str

    def __str__(self) -> str:
        place = f"{self.field}: " if self.field else ""
        return f"{place}{self.rule}: {self.description}"


Cells = Sequence[str]
"""The cells of a row of CSV."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read.

    Attributes:
        line: of the file, from 1, at which the row begins.
        original: its cells (CSV) or its text (JSON lines), as they stand in the file.
        record: what is sent of it; None where problems were found.
        problems: why it is not sent.
        derived_session_id: the session that it was given; empty where it names one, or has none.
    """

    line: int
    original: Cells | str = field(repr=False)
    record: IngestRecord | None = field(default=None, repr=False)
    problems: Sequence[Problem] = ()
    derived_session_id: str = field(default="", repr=False)
