"""Requests to fill in: every field of a put request, with a value that passes validation."""

import json
from collections.abc import Mapping
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

_EXAMPLES: Mapping[str, Any] = {
    "dataset_group": "",
    "ack_level": "ACK_LEVEL_DURABLE",
    "session_id": "session-1",
    "user_id": "user-1",
    "event_id": "event-1",
    "event_type": "View",
    "event_time": "2026-01-31T12:00:00Z",
    "item_id": "item-1",
    "action_id": "action-1",
    "event_value": 9.99,
    "recommendation_id": "RID-1",
    "event_attribution_source": "newsletter",
}

# Columns are a dataset's own. These are those of the emulator that a gateway without a
# configuration starts.
_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "Event": {"discount": "Yes", "quantity": 1},
    "ActionInteraction": {},
    "Item": {"price": 9.99, "category": ["Shoes", "Sale"], "promoted": True},
    "User": {"age": 31, "membership": "gold"},
    "Action": {"value": 100, "channel": "email"},
}
_IMPRESSIONS: Mapping[str, list[str]] = {
    "Event": ["item-1", "item-2"],
    "ActionInteraction": ["action-1", "action-2"],
}


def skeleton(request: type[Message]) -> str:
    """Return a request as JSON with every field of it, and of one record, filled in."""
    return json.dumps(_filled(cast("Descriptor", request.DESCRIPTOR)), indent=2)


def _filled(descriptor: Descriptor) -> dict[str, Any]:
    return {field.json_name: _value(field, descriptor.name) for field in descriptor.fields}


def _value(field: FieldDescriptor, of: str) -> Any:  # noqa: ANN401 - JSON of any form
    if field.name == "properties":
        return _COLUMNS[of]
    if field.name == "impression":
        return _IMPRESSIONS[of]
    if field.name in _EXAMPLES:
        return _EXAMPLES[field.name]
    assert field.message_type is not None, field.full_name
    return [_filled(field.message_type)]
