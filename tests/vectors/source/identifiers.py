"""IDs and names: empty, placeholders, control characters, lengths, Unicode."""

from tests.vectors.source.case import (
    Vectors,
    action_interaction,
    actions_call,
    catalogue_call,
    event,
    events_call,
    numbered,
    put,
    put_action_interactions,
    put_events,
    sent,
    sent_action,
)

_PLACEHOLDERS = (
    "null", "NULL", "(null)", "<null>", "undefined", "None", "NaN", "nan", "nil", "<nil>",
    " ", "\u3000\u00a0", " null ", "undefined\n",
)  # fmt: skip
_NO_PLACEHOLDERS = ("Null", "Nan", "none", "none-1", "nullable", "NIL", "0", "false", "-", "N/A")
_CONTROLS = ("\u0000", "\u0001", "\t", "\n", "\u001f", "\u007f", "\u0080", "\u0085", "\u009f")
_UNICODE = {
    "accents": "Zo\u00eb-\u00c5ngstr\u00f6m",
    "decomposed accent": "e\u0301",
    "beyond the first plane": "\U0001f9e6\U0001f45f",
    "family joined by U+200D": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "right to left": "\u05e9\u05dc\u05d5\u05dd-\u0633\u0644\u0627\u0645",
    "CJK": "\u65e5\u672c\u8a9e\u30c6\u30b9\u30c8",
    "line separator U+2028": "a\u2028b",
    "zero width space": "a\u200bb",
    "private use and noncharacter": "\ue000\uffff",
    "last code point": "\U0010ffff",
    "replacement character": "\ufffd",
    "quotes and backslashes": '"a\\b"\'</script>',
    "space no-break": "a\u00a0b",
    "byte order mark inside": "a\ufeffb",
}


def identifiers() -> Vectors:
    """Return the cases."""
    vectors = Vectors("identifiers", "IDs and names of every kind.")
    _empty(vectors)
    _empty_elsewhere(vectors)
    _placeholders(vectors)
    _control_characters(vectors)
    _unicode(vectors)
    return vectors


def _empty(vectors: Vectors) -> None:
    for member, field in (
        ("sessionId", "session_id"),
        ("eventType", "event_type"),
        ("eventTime", "event_time"),
    ):
        bad = event("id-unset", **{member: None})
        vectors.refuses(
            f"event without {field}",
            "PutEvents",
            put_events(bad),
            (f"events[0].{field}", "REQUIRED"),
        )
    for member, field in (
        ("userId", "user_id"),
        ("eventId", "event_id"),
        ("itemId", "item_id"),
        ("recommendationId", "recommendation_id"),
    ):
        bad = event("id-empty") | {member: ""}
        vectors.refuses(
            f"empty {field}", "PutEvents", put_events(bad), (f"events[0].{field}", "MIN_LENGTH")
        )
    vectors.refuses(
        "empty session_id",
        "PutEvents",
        put_events(event("id-empty-session", sessionId="")),
        ("events[0].session_id", "REQUIRED"),
    )
    vectors.refuses(
        "empty attribution source",
        "PutEvents",
        put_events(event("id-empty-source", eventAttributionSource="")),
        ("events[0].event_attribution_source", "PATTERN"),
    )
    vectors.refuses(
        "empty ID in an impression",
        "PutEvents",
        put_events(event("id-empty-shown", impression=["i1", "", "i3"])),
        ("events[0].impression[1]", "MIN_LENGTH"),
    )


def _empty_elsewhere(vectors: Vectors) -> None:
    vectors.refuses(
        "action interaction without action_id",
        "PutActionInteractions",
        put_action_interactions(action_interaction("id-no-action", actionId=None)),
        ("action_interactions[0].action_id", "REQUIRED"),
    )
    vectors.refuses(
        "action interaction of nothing",
        "PutActionInteractions",
        put_action_interactions({}),
        ("action_interactions[0].session_id", "REQUIRED"),
        ("action_interactions[0].event_type", "REQUIRED"),
        ("action_interactions[0].event_time", "REQUIRED"),
        ("action_interactions[0].action_id", "REQUIRED"),
    )
    for kind in ("item", "user", "action"):
        vectors.refuses(
            f"{kind} without an ID",
            f"Put{kind.title()}s",
            put(f"{kind}s", {f"{kind}Id": ""}),
            (f"{kind}s[0].{kind}_id", "REQUIRED"),
        )
    vectors.takes(
        "null for members that are optional",
        "PutEvents",
        put_events(event("id-nulls") | {"userId": None, "itemId": None, "eventValue": None}),
        events_call(sent("id-nulls")),
    )


def _placeholders(vectors: Vectors) -> None:
    for name, word in numbered("placeholder", _PLACEHOLDERS):
        vectors.refuses(
            f"{name} for a session",
            "PutEvents",
            put_events(event("id-placeholder", sessionId=word)),
            ("events[0].session_id", "PLACEHOLDER_ID"),
        )
    every = event(
        "NaN", sessionId="s", userId="null", itemId="None", recommendationId="nil",
        impression=["i1", "undefined"],
    )  # fmt: skip
    vectors.refuses(
        "placeholders in every ID of an event",
        "PutEvents",
        put_events(every),
        ("events[0].user_id", "PLACEHOLDER_ID"),
        ("events[0].event_id", "PLACEHOLDER_ID"),
        ("events[0].item_id", "PLACEHOLDER_ID"),
        ("events[0].recommendation_id", "PLACEHOLDER_ID"),
        ("events[0].impression[1]", "PLACEHOLDER_ID"),
    )
    vectors.refuses(
        "placeholder for an action",
        "PutActionInteractions",
        put_action_interactions(action_interaction("id-null-action", actionId="null")),
        ("action_interactions[0].action_id", "PLACEHOLDER_ID"),
    )
    for kind in ("item", "user", "action"):
        vectors.refuses(
            f"placeholder for the ID of the {kind}",
            f"Put{kind.title()}s",
            put(f"{kind}s", {f"{kind}Id": "undefined"}),
            (f"{kind}s[0].{kind}_id", "PLACEHOLDER_ID"),
        )
    for name, word in numbered("id-no-placeholder", _NO_PLACEHOLDERS):
        vectors.takes(
            f"{name} is a user",
            "PutEvents",
            put_events(event(name, userId=word)),
            events_call(sent(name), user=word),
        )
    vectors.takes(
        "an event type is no ID",
        "PutEvents",
        put_events(event("id-type-null", eventType="null")),
        events_call(sent("id-type-null", eventType="null")),
    )


def _control_characters(vectors: Vectors) -> None:
    for name, character in numbered("control character", _CONTROLS):
        vectors.refuses(
            f"{name} in an item",
            "PutEvents",
            put_events(event("id-control", itemId=f"a{character}b")),
            ("events[0].item_id", "CONTROL_CHARACTER"),
        )
    vectors.refuses(
        "control character in an event type",
        "PutEvents",
        put_events(event("id-control-type", eventType="View\n")),
        ("events[0].event_type", "CONTROL_CHARACTER"),
    )
    vectors.refuses(
        "control character in the ID of an item",
        "PutItems",
        put("items", {"itemId": "a\u0000"}),
        ("items[0].item_id", "CONTROL_CHARACTER"),
    )


def _unicode(vectors: Vectors) -> None:
    for name, text in _UNICODE.items():
        key = f"id-{name.replace(' ', '-')}"
        members = {"itemId": text, "properties": {"note": text}}
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        vectors.takes(
            f"{name} everywhere in an event",
            "PutEvents",
            put_events(event(key, sessionId=f"s-{text}", userId=f"u-{text}", **members)),
            events_call(
                sent(key, itemId=text, properties=f'{{"note":"{quoted}"}}'),
                session=f"s-{text}",
                user=f"u-{text}",
            ),
        )
    shoe = "\U0001f45f"
    vectors.takes(
        "emoji in an action interaction",
        "PutActionInteractions",
        put_action_interactions(action_interaction("id-emoji", actionId=shoe, userId=shoe)),
        actions_call(sent_action("id-emoji", actionId=shoe, userId=shoe)),
    )
    for kind in ("item", "user", "action"):
        vectors.takes(
            f"emoji as the ID of the {kind}",
            f"Put{kind.title()}s",
            put(f"{kind}s", {f"{kind}Id": f"{shoe}-{kind}"}),
            catalogue_call(f"{kind}s", {f"{kind}Id": f"{shoe}-{kind}"}),
        )
