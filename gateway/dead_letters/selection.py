"""Which dead letters a request is about."""

from collections.abc import Iterator, Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from gateway import api
from gateway.acceptance import InvalidRequest
from gateway.api import (
    DeleteDeadLettersRequest,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
)
from gateway.outbox.dead_letters import DeadLetterFilter
from gateway.outbox.interface import DeadLetterReason
from gateway.records import Kind
from gateway.validation.times import check_time
from gateway.validation.validator import Validator
from gateway.validation.violation import Fault, Violation

Request = ListDeadLettersRequest | ReplayDeadLettersRequest | DeleteDeadLettersRequest

_KINDS: Mapping[int, Kind] = {
    api.RecordKind.Value(f"RECORD_KIND_{kind.name}"): kind for kind in Kind
}
_REASONS: Mapping[int, DeadLetterReason] = {
    api.DeadLetterReason.Value(f"DEAD_LETTER_REASON_{reason.name}"): reason
    for reason in DeadLetterReason
}

_MS_PER_S = 1_000
_NS_PER_MS = 1_000_000


def selected(request: Request, validator: Validator) -> DeadLetterFilter:
    """Return what the filter of a request chooses.

    Raises:
        InvalidRequest: the request breaks a rule.
    """
    violations = [*validator.violations(request), *_time_violations(request.filter)]
    if violations:
        raise InvalidRequest(violations)
    named = request.filter
    return DeadLetterFilter(
        dataset_group=named.dataset_group or None,
        kind=_KINDS.get(named.kind),
        reason=_REASONS.get(named.reason),
        since_ms=_ms(named.since) if named.HasField("since") else None,
        until_ms=_ms(named.until) if named.HasField("until") else None,
        ids=tuple(named.dead_letter_ids) or None,
    )


def _time_violations(named: api.DeadLetterFilter) -> Iterator[Violation]:
    faults: list[Fault] = []
    check_time("filter.since", named.since, faults)
    check_time("filter.until", named.until, faults)
    for fault in faults:
        yield Violation(fault.field, fault.rule, fault.description, None)


def _ms(time: Timestamp) -> int:
    # Dead letters have times in whole milliseconds: those from 1.5 ms on are those from 2 ms on.
    return time.seconds * _MS_PER_S - (-time.nanos // _NS_PER_MS)
