"""What Personalize must have received, and what it did.

How records are spread over calls is not compared: each is taken for itself, with what its call says
of it.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from gateway.personalize.emulator import Record
from tests.conformance.case import Case

Received = tuple[str, str, str]
"""Dataset group, operation, and the record with session and user of its call, as JSON."""

_LISTS: Mapping[str, str] = {
    "PutEvents": "eventList",
    "PutActionInteractions": "actionInteractions",
    "PutItems": "items",
    "PutUsers": "users",
    "PutActions": "actions",
}
_OPERATIONS: Mapping[str, str] = {
    "events": "PutEvents",
    "action_interactions": "PutActionInteractions",
    "items": "PutItems",
    "users": "PutUsers",
    "actions": "PutActions",
}
_ADDRESSES: Mapping[str, tuple[str, str]] = {
    "PutEvents": ("trackingId", "${tracking_id}"),
    "PutActionInteractions": ("trackingId", "${action_tracking_id}"),
    "PutItems": ("datasetArn", "${items_arn}"),
    "PutUsers": ("datasetArn", "${users_arn}"),
    "PutActions": ("datasetArn", "${actions_arn}"),
}
_ANY_EVENT_ID = "${event_id}"


def due(case: Case) -> Iterator[Received]:
    """Yield what must be received of a case."""
    for call in case.delivered:
        operation, body = call["operation"], dict(call["body"])
        for element in body[_LISTS[operation]]:
            head = _head(operation, body.get("sessionId"), body.get("userId"))
            yield case.dataset_group, operation, _text({**head, "record": element})


def received(records: Iterable[Record], expected: Iterable[Received]) -> Counter[Received]:
    """Count what was received.

    An event ID that no expectation has stands for any: the vector's request had none.
    """
    known = {_event_id(one) for one in expected}
    return Counter(_of(record, known) for record in records)


def call_of(record: Record, own_event_ids: Collection[str]) -> dict[str, Any]:
    """Return the call that brings a record alone, in the form of the vectors.

    Args:
        record: what was received.
        own_event_ids: those that the request named; any may stand in the place of another.
    """
    operation, element = _OPERATIONS[record.kind], record.parsed()
    if "eventId" in element and element["eventId"] not in own_event_ids:
        element["eventId"] = _ANY_EVENT_ID
    body: dict[str, Any] = dict([_ADDRESSES[operation]])
    if operation == "PutEvents":
        body["sessionId"] = record.session_id
        if record.user_id is not None:
            body["userId"] = record.user_id
    return {"operation": operation, "body": {**body, _LISTS[operation]: [element]}}


def _of(record: Record, known: Iterable[str | None]) -> Received:
    operation, element = _OPERATIONS[record.kind], record.parsed()
    if element.get("eventId") not in known:
        element["eventId"] = _ANY_EVENT_ID
    head = _head(operation, record.session_id, record.user_id)
    return record.dataset_group, operation, _text({**head, "record": element})


def _event_id(expected: Received) -> str | None:
    found: str | None = json.loads(expected[2])["record"].get("eventId")
    return found


def _head(operation: str, session_id: str | None, user_id: str | None) -> dict[str, Any]:
    """Return what a call says of its records: only PutEvents says anything."""
    return {"session": session_id, "user": user_id} if operation == "PutEvents" else {}


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
