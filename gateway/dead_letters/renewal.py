"""A dead letter made into what the outbox takes, after the same checks as any record."""

from collections.abc import Callable
from dataclasses import replace

from gateway.acceptance import InvalidRequest
from gateway.api import IngestRecord, Rule
from gateway.dead_letters.patch import Patch
from gateway.encoding.inverse import ElementUnreadable, decode
from gateway.identity import Caller
from gateway.outbox.dead_letters import DeadLetter
from gateway.records import Chunk, Lane, Record
from gateway.validation.violation import Violation

_FIRST = "records[0]"
_PATH = "record"

Renew = Callable[[Lane, Caller, IngestRecord], Record]
"""Checks and encodes a record that was accepted once: `Acceptance.renew`."""


def renewed(dead_letter: DeadLetter, patch: Patch | None, renew: Renew, *, as_new: bool) -> Chunk:
    """Return the chunk that replaces a dead letter.

    Dataset group, kind, caller and route stay: what was routed once is not routed anew. An event
    keeps its event ID, also a derived one, unless the patch names another; where the patch takes it
    away, one is derived from the content as it is then. An item, user or action keeps the time of
    its first acceptance, so that it replaces nothing newer, unless the patch names another ID.

    Args:
        dead_letter: what is replaced.
        patch: put on the record.
        renew: checks and encodes it, as what is known of its dataset group says now.
        as_new: let it replace whatever there is.

    Raises:
        InvalidRequest: the record breaks a rule still, or the patch is not for its kind. Paths
            start at the record: `record.event.event_type`.
    """
    message = _patched(_decoded(dead_letter), patch)
    try:
        record = renew(dead_letter.lane, dead_letter.caller, message)
    except InvalidRequest as error:
        raise InvalidRequest([_of_record(violation) for violation in error.violations]) from None
    chunk = Chunk(dead_letter.lane, dead_letter.caller, dead_letter.route, (record,))
    same_id = record.record_id == dead_letter.record.record_id
    if as_new or not (chunk.lane.kind.replaces and same_id):
        return chunk
    return replace(chunk, origin=dead_letter.origin, dead_letter_id=dead_letter.dead_letter_id)


def _decoded(dead_letter: DeadLetter) -> IngestRecord:
    try:
        return decode(dead_letter.lane.kind, dead_letter.record)
    except ElementUnreadable as error:
        raise _invalid(_PATH, f"{error}: delete it, or keep it for whoever mends that") from None


def _patched(message: IngestRecord, patch: Patch | None) -> IngestRecord:
    if patch is None:
        return message
    kind = message.WhichOneof("kind")
    if kind != patch.kind:
        raise _invalid(f"{_PATH}.{kind}", f"the patch is for records of the kind `{patch.kind}`")
    return patch.apply(message)


def _of_record(violation: Violation) -> Violation:
    field = f"{_PATH}{violation.field.removeprefix(_FIRST)}"
    return replace(violation, field=field, record_index=None)


def _invalid(field: str, description: str) -> InvalidRequest:
    return InvalidRequest([Violation(field, Rule.RULE_KIND, description, None)])
