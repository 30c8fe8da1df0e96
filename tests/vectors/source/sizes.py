"""Sizes as JSON: `properties` in characters, an event in bytes; just allowed, and one more."""

import json
from typing import Any

from tests.vectors.source.case import (
    Json,
    Vectors,
    action_interaction,
    actions_call,
    catalogue_call,
    event,
    events_call,
    put,
    put_action_interactions,
    put_events,
    sent,
    sent_action,
)

_SHOE = "\U0001f45f"
_RECORD_MAX_BYTES = 10_000
_FRAME = len('{"note":""}')
_MAX_CHARS = {"actionInteractions": 1024, "items": 32_000, "users": 24_000, "actions": 32_000}


def sizes() -> Vectors:
    """Return the cases."""
    vectors = Vectors("sizes", "Sizes as JSON, just allowed and just not.")
    for list_name, limit in _MAX_CHARS.items():
        _properties(vectors, list_name, limit)
    _properties_of_events(vectors)
    _record_size(vectors)
    return vectors


def _properties(vectors: Vectors, list_name: str, limit: int) -> None:
    """Add properties of just the length that a kind may have as JSON, and of one more."""
    text = f'{{"note":"{_SHOE * 100}{"x" * (limit - _FRAME - 100)}"}}'
    assert len(text) == limit
    fits, over = json.loads(text), {"note": json.loads(text)["note"] + "x"}
    for properties in (fits, over):
        request, rpc, delivered = _with_properties(list_name, properties, text)
        name = f"properties of {list_name} with {limit + (properties is over):,} characters"
        if properties is fits:
            vectors.takes(name, rpc, request, delivered)
        else:
            path = "action_interactions" if list_name == "actionInteractions" else list_name
            vectors.refuses(name, rpc, request, (f"{path}[0].properties", "PROPERTIES_LENGTH"))


def _with_properties(list_name: str, properties: Json, text: str) -> tuple[Json, str, Json]:
    if list_name == "actionInteractions":
        sending = action_interaction("len-act-note", properties=properties)
        delivered = actions_call(sent_action("len-act-note", properties=text))
        return put_action_interactions(sending), "PutActionInteractions", delivered
    key = {f"{list_name.removesuffix('s')}Id": f"len-note-{list_name}"}
    delivered = catalogue_call(list_name, {**key, "properties": text})
    return put(list_name, {**key, "properties": properties}), f"Put{list_name.title()}", delivered


def _properties_of_events(vectors: Vectors) -> None:
    """A character of JSON is not one of the text: quotes take two, control characters six."""
    for name, character, written in (
        ("letters", "x", "x"),
        ("emoji", _SHOE, _SHOE),
        ("quotes", '"', '\\"'),
        ("line breaks", "\n", "\\n"),
        ("control characters", "\u0001", "\\u0001"),
    ):
        count, rest = divmod(1024 - _FRAME, len(written))
        fits, text = character * count + "y" * rest, written * count + "y" * rest
        key = f"len-note-{name.replace(' ', '-')}"
        vectors.takes(
            f"properties of an event with 1024 characters, of {name}",
            "PutEvents",
            put_events(event(key, properties={"note": fits})),
            events_call(sent(key, properties=f'{{"note":"{text}"}}')),
        )
        vectors.refuses(
            f"properties of an event with one character more, of {name}",
            "PutEvents",
            put_events(event(key, properties={"note": fits + "y"})),
            ("events[0].properties", "PROPERTIES_LENGTH"),
        )


def _record_size(vectors: Vectors) -> None:
    """An event may have 10,000 bytes as JSON, with its event ID and without session and user."""
    shown = [_SHOE * 256] * 9 + ["i" * 256] * 2
    fits = _padded("len-size", impression=shown)
    vectors.takes(
        "an event of 10,000 bytes",
        "PutEvents",
        put_events(event("len-size", userId="u" * 256, impression=fits["impression"])),
        events_call(fits, user="u" * 256),
    )
    over = [*fits["impression"][:-1], fits["impression"][-1] + "x"]
    vectors.refuses(
        "an event of 10,001 bytes",
        "PutEvents",
        put_events(event("len-size", impression=over)),
        ("events[0]", "RECORD_SIZE"),
    )


def _padded(event_id: str, impression: list[str], **members: Any) -> Json:
    """Return an event as Personalize gets it, with a last ID that fills it up."""
    missing = _RECORD_MAX_BYTES - _size_bytes(sent(event_id, impression=[*impression, ""]))
    element = sent(event_id, impression=[*impression, "x" * missing], **members)
    assert _size_bytes(element) == _RECORD_MAX_BYTES
    return element


def _size_bytes(element: Json) -> int:
    return len(json.dumps(element, ensure_ascii=False, separators=(",", ":")).encode())
