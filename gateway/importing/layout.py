"""What the columns of one CSV file mean, and how a row of it becomes a record."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

from gateway.errors import GatewayError
from gateway.importing.cells import READERS, PropertyValue, Unfit, read_integer
from gateway.importing.members import HAS_SESSIONS, MEMBERS, RECORD_FIELDS, Member
from gateway.importing.row import Cells, Problem
from gateway.importing.schema import ColumnType, folded
from gateway.importing.sessions import Moment
from gateway.records import Kind

Schema = Mapping[str, ColumnType]

REFUSED_LINE = "REFUSED_LINE"
REFUSED_BECAUSE = "REFUSED_BECAUSE"
"""The columns of a file of refused rows. They are left out when it is imported."""

_NOT_SENT = frozenset(map(folded, (REFUSED_LINE, REFUSED_BECAUSE)))


class HeaderError(GatewayError):
    """Expected error: the header of a file does not fit the kind of its records, or the schema."""


class _Field(NamedTuple):
    place: int
    column: str
    member: Member


class _Property(NamedTuple):
    place: int
    column: str
    key: str
    read: Callable[[str], PropertyValue | None]


def property_key(column: str) -> str:
    """Return the key of the property that a column becomes: `categoryL1` for CATEGORY_L1."""
    if "_" not in column and not column.isupper():
        return column[:1].lower() + column[1:]
    first, *others = [part for part in column.lower().split("_") if part]
    return first + "".join(part[0].upper() + part[1:] for part in others)


class Layout:
    """The columns of a file.

    The columns that a record has fields for go there, the others become properties. Without a
    schema those are text: Personalize takes numbers as text too (`{"numberOfRatings": "12"}` in the
    service model), but no number for a column of text, and a file cannot tell an article number
    from a price.

    Args:
        header: the first row.
        kind: the kind of the records.
        schema: the types of the columns, by their folded names.

    Raises:
        HeaderError: a column is missing, stands twice, has no name, or is not in the schema.
    """

    def __init__(self, header: Cells, kind: Kind, schema: Schema | None = None) -> None:
        self.header = tuple(header)
        self._kind = kind
        self._places = _places(header)
        _check_required(self._places, kind)
        if schema is not None:
            _check_against(schema, self._places, header, kind)
        members = {folded(name): member for name, member in MEMBERS[kind].items()}
        self._fields = [
            _Field(place, header[place], members[name])
            for name, place in self._places.items()
            if name in members
        ]
        self._properties = [
            _Property(place, header[place], property_key(header[place]), _reader(name, schema))
            for name, place in self._places.items()
            if name not in members and name not in _NOT_SENT
        ]

    def place(self, column: str) -> int | None:
        """Return where in a row a column stands; None where the file does not have it."""
        return self._places.get(folded(column))

    @property
    def has_sessions(self) -> bool:
        """Whether the records belong to sessions."""
        return self._kind in HAS_SESSIONS

    def record(self, cells: Cells) -> tuple[IngestRecord, list[Problem]]:
        """Return the record that a row is, and what is wrong with it."""
        record = IngestRecord()
        message: Any = getattr(record, RECORD_FIELDS[self._kind])
        message.SetInParent()
        problems = [*_fill(message, self._fields, cells)]
        properties: dict[str, PropertyValue] = {}
        problems += _collect(properties, self._properties, cells)
        if properties:
            message.properties.update(properties)
        return record, problems

    def moment(self, cells: Cells) -> Moment | None:
        """Return who did something when; None where the session of the row need not be derived.

        That is where it names one, or cannot have one: no user, no time, or not of such a kind.
        """
        if not self.has_sessions or self._cell(cells, "SESSION_ID"):
            return None
        user_id = self._cell(cells, "USER_ID")
        try:
            seconds = read_integer(self._cell(cells, "TIMESTAMP"), 64)
        except Unfit:
            return None
        return Moment(user_id, seconds) if user_id else None

    def _cell(self, cells: Cells, column: str) -> str:
        place = self.place(column)
        return "" if place is None else cells[place]


def _fill(message: Any, fields: list[_Field], cells: Cells) -> Iterator[Problem]:  # noqa: ANN401 - of any kind
    for place, column, member in fields:
        cell = cells[place]
        if cell:
            try:
                member.set(message, cell)
            except Unfit as error:
                yield Problem(column, error.rule, str(error))
        elif member.required:
            yield Problem(column, "REQUIRED", "is empty")


def _collect(
    found: dict[str, PropertyValue], properties: list[_Property], cells: Cells
) -> Iterator[Problem]:
    for place, column, key, read in properties:
        try:
            value = read(cells[place])
        except Unfit as error:
            yield Problem(column, error.rule, str(error))
        else:
            if value is not None:
                found[key] = value


def _reader(name: str, schema: Schema | None) -> Callable[[str], PropertyValue | None]:
    """Return what reads the cells of a property; None for a cell that is left out."""
    if schema is None:
        return lambda cell: cell or None
    read = READERS[schema[name].name]
    if schema[name].nullable:
        return lambda cell: read(cell) if cell else None
    return read if read is str else lambda cell: _required(cell, read)


def _required(cell: str, read: Callable[[str], PropertyValue]) -> PropertyValue:
    if not cell:
        raise Unfit("MISSING_PROPERTY", "is empty, and the schema requires it")
    return read(cell)


def _places(header: Cells) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, column in enumerate(header):
        name = folded(column)
        if not name:
            raise HeaderError(f"column {place + 1} has no name")
        if name in places:
            other = header[places[name]]
            raise HeaderError(f"the columns {other!r} and {column!r} are the same")
        places[name] = place
    return places


def _check_required(places: Mapping[str, int], kind: Kind) -> None:
    required = [name for name, member in MEMBERS[kind].items() if member.required]
    missing = [name for name in required if folded(name) not in places]
    if kind in HAS_SESSIONS and not {"userid", "sessionid"} & places.keys():
        missing.append("USER_ID or SESSION_ID")
    if missing:
        raise HeaderError(f"the file has no column {', '.join(missing)}")


def _check_against(schema: Schema, places: Mapping[str, int], header: Cells, kind: Kind) -> None:
    known = {folded(name) for name in MEMBERS[kind]} | schema.keys() | _NOT_SENT
    unknown = [header[place] for name, place in places.items() if name not in known]
    if unknown:
        raise HeaderError(f"the schema has no column {', '.join(unknown)}")
    needed = (type_ for name, type_ in schema.items() if name not in places and not type_.nullable)
    missing = [type_.column for type_ in needed]
    if missing:
        raise HeaderError(f"the file has no column {', '.join(missing)}, which the schema requires")
