"""Validates requests: the annotations of the protos, then what only code can say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple, Protocol

from google.protobuf.message import Message

from gateway.api import (
    IngestBatchRequest,
    IngestRecord,
    IngestRequest,
    PutActionInteractionsRequest,
    PutActionsRequest,
    PutEventsRequest,
    PutItemsRequest,
    PutUsersRequest,
    Rule,
)
from gateway.encoding.element import RecordMessage, unwrap
from gateway.records import Kind
from gateway.validation.annotations import Annotations, shortened
from gateway.validation.conditions import message_condition
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.records import CHECKS
from gateway.validation.violation import Fault, Violation, first_of_each_first


class _RecordList(NamedTuple):
    """The field of a request that holds its records, and their kind; None where they are mixed."""

    field: str
    kind: Kind | None


_RECORD_LISTS: Mapping[type[Message], _RecordList] = {
    PutEventsRequest: _RecordList("events", Kind.EVENTS),
    PutActionInteractionsRequest: _RecordList("action_interactions", Kind.ACTION_INTERACTIONS),
    PutItemsRequest: _RecordList("items", Kind.ITEMS),
    PutUsersRequest: _RecordList("users", Kind.USERS),
    PutActionsRequest: _RecordList("actions", Kind.ACTIONS),
    IngestRequest: _RecordList("records", None),
    IngestBatchRequest: _RecordList("records", None),
}


class Expected(Protocol):
    """Knows the columns of the datasets that records go to."""

    def get(self, kind: Kind, /) -> ExpectedColumns | None:
        """Return those for records of a kind; None where they are not known."""


_NOTHING_KNOWN: Mapping[Kind, ExpectedColumns] = MappingProxyType({})

_SAYS_MORE_THAN_RANGE = {Rule.RULE_FINITE, Rule.RULE_TIMESTAMP, Rule.RULE_MILLISECONDS}


class Validator:
    """Finds what is wrong with a request. Safe to share; makes no I/O.

    Raises:
        protovalidate.CompilationError: the annotations of a request that holds records are broken.
    """

    def __init__(self) -> None:
        self._annotations = Annotations(*_RECORD_LISTS)
        self._conditions = {request: message_condition(request) for request in _RECORD_LISTS}

    def is_surely_good(self, request: Message) -> bool:
        """Tell whether nothing is wrong with a request that holds records, but perhaps with those.

        Where it is not sure, `violations` says what is wrong, if anything is.
        """
        return self._conditions[type(request)](request)

    def violations_among(
        self, request: Message, indices: Sequence[int], expected: Expected = _NOTHING_KNOWN
    ) -> list[Violation]:
        """Return what `violations` would, where it is known which records may break rules.

        Args:
            request: good, but perhaps for its records.
            indices: of the records that may break rules, rising.
            expected: as there.
        """
        field = _RECORD_LISTS[type(request)].field
        records = getattr(request, field)
        if len(indices) == len(records):
            return self.violations(request, expected)
        part = type(request)()
        for other, value in request.ListFields():
            if other.name != field:
                setattr(part, other.name, value)
        getattr(part, field).extend(records[index] for index in indices)
        return [_renumbered(found, field, indices) for found in self.violations(part, expected)]

    def violations(self, request: Message, expected: Expected = _NOTHING_KNOWN) -> list[Violation]:
        """Return every violation of a request, the first of each record first.

        They are those of all rules, also of rules that only count: see `strictness`.

        Two things end the list early, so that no request of 4 MiB can fill the memory: a list that
        is too long is judged up to the first entry too many, and the properties of one record up to
        the hundredth fault.

        Args:
            request: a put request or an ingest request with its records. Of any other message the
                annotations alone are judged. It is left as it is,
                but for fields that are not known.
            expected: what is known of the datasets that its records go to.
        """
        broken = self._annotations.broken(request)
        if broken:
            request = shortened(request)
        records = _RECORD_LISTS.get(type(request))
        found = [] if records is None else list(_beyond_annotations(request, records, expected))
        if broken:
            judged = self._annotations.violations(request, records and records.field)
            found = _without_repetition(judged + found)
        return first_of_each_first(found)


def _beyond_annotations(
    request: Message, records: _RecordList, expected: Expected
) -> Iterator[Violation]:
    faults: list[Fault] = []
    columns = None if records.kind is None else expected.get(records.kind)
    for index, record in enumerate(getattr(request, records.field)):
        kind, message = _kind_and_message(record, records.kind)
        if kind is None:
            continue
        if records.kind is None:
            columns = expected.get(kind)
        CHECKS[kind](message, faults, columns)
        if faults:
            yield from _violations(faults, records, index, record)
            faults.clear()


def _kind_and_message(
    record: RecordMessage | IngestRecord, kind: Kind | None
) -> tuple[Kind, RecordMessage] | tuple[None, None]:
    if isinstance(record, IngestRecord):
        return unwrap(record) or (None, None)
    assert kind is not None
    return kind, record


def _violations(
    faults: list[Fault], records: _RecordList, index: int, record: Message
) -> Iterator[Violation]:
    path = f"{records.field}[{index}]"
    if isinstance(record, IngestRecord):
        path = f"{path}.{record.WhichOneof('kind')}"
    for fault in faults:
        field = f"{path}.{fault.field}" if fault.field else path
        yield Violation(field, fault.rule, fault.description, index)


def _renumbered(violation: Violation, field: str, indices: Sequence[int]) -> Violation:
    assert violation.record_index is not None, "the request itself is good"
    index = indices[violation.record_index]
    path = violation.field.removeprefix(f"{field}[{violation.record_index}]")
    return replace(violation, field=f"{field}[{index}]{path}", record_index=index)


def _without_repetition(violations: list[Violation]) -> list[Violation]:
    """Leave out that a number or time is out of range where another rule says what it is."""
    explained = {v.field for v in violations if v.rule in _SAYS_MORE_THAN_RANGE}
    return [v for v in violations if v.rule != Rule.RULE_RANGE or v.field not in explained]
