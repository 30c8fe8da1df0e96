"""Extremes of every length: as long as it may be, and one more."""

from tests.vectors.source.case import (
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


def lengths() -> Vectors:
    """Return the cases."""
    vectors = Vectors("lengths", "Every length, just allowed and just not.")
    _event_members(vectors)
    _attribution_sources(vectors)
    _action_interaction_members(vectors)
    _catalogue(vectors)
    _impressions(vectors)
    return vectors


def _event_members(vectors: Vectors) -> None:
    for letter, name in (("x", "letters"), (_SHOE, "emoji")):
        full, key = letter * 256, f"len-{name}"
        members = {"eventType": full, "itemId": full}
        vectors.takes(
            f"256 {name} in every member",
            "PutEvents",
            put_events(event(key, sessionId=full, userId=full, **members)),
            events_call(sent(key, **members), session=full, user=full),
        )
        over = letter * 257
        fields = ("session_id", "user_id", "event_id", "event_type", "item_id")
        bad = event(over, sessionId=over, userId=over, eventType=over, itemId=over)
        vectors.refuses(
            f"257 {name} in every member",
            "PutEvents",
            put_events(bad),
            *((f"events[0].{field}", "MAX_LENGTH") for field in fields),
        )
    long_id = "e" * 256
    vectors.takes(
        "an event ID of 256 letters",
        "PutEvents",
        put_events(event(long_id, sessionId="len-s")),
        events_call(sent(long_id), session="len-s"),
    )
    vectors.takes(
        "one letter in every member",
        "PutEvents",
        put_events(
            event("z", sessionId="s", userId="u", eventType="V", itemId="i", recommendationId="r")
        ),
        events_call(
            sent("z", eventType="V", itemId="i", recommendationId="r"), session="s", user="u"
        ),
    )
    _limited(vectors, "recommendationId", "recommendation_id", 40)


def _attribution_sources(vectors: Vectors) -> None:
    source = "s" * 1024
    vectors.takes(
        "an attribution source of 1024 characters",
        "PutEvents",
        put_events(event("len-source", eventAttributionSource=source)),
        events_call(sent("len-source", metricAttribution={"eventAttributionSource": source})),
    )
    vectors.refuses(
        "an attribution source of 1025 characters",
        "PutEvents",
        put_events(event("len-source-over", eventAttributionSource=source + "s")),
        ("events[0].event_attribution_source", "MAX_LENGTH"),
    )
    for name, text in (("not ASCII", "caf\u00e9"), ("only spaces", "   "), ("a tab", "a\tb")):
        vectors.refuses(
            f"an attribution source with {name}",
            "PutEvents",
            put_events(event("len-source-pattern", eventAttributionSource=text)),
            ("events[0].event_attribution_source", "PATTERN"),
        )
    vectors.takes(
        "an attribution source of spaces and the last printable character",
        "PutEvents",
        put_events(event("len-source-tilde", eventAttributionSource="  ~ ")),
        events_call(sent("len-source-tilde", metricAttribution={"eventAttributionSource": "  ~ "})),
    )


def _limited(vectors: Vectors, member: str, field: str, limit: int) -> None:
    key = f"len-{field}"
    vectors.takes(
        f"{field} of {limit} emoji",
        "PutEvents",
        put_events(event(key, **{member: _SHOE * limit})),
        events_call(sent(key, **{member: _SHOE * limit})),
    )
    vectors.refuses(
        f"{field} of {limit + 1} letters",
        "PutEvents",
        put_events(event(key, **{member: "r" * (limit + 1)})),
        (f"events[0].{field}", "MAX_LENGTH"),
    )


def _action_interaction_members(vectors: Vectors) -> None:
    full, over = _SHOE * 256, "x" * 257
    members = {"userId": full, "eventType": full, "actionId": full, "sessionId": full}
    vectors.takes(
        "256 emoji in every member of an action interaction",
        "PutActionInteractions",
        put_action_interactions(action_interaction("len-act", **members)),
        actions_call(sent_action("len-act", **members)),
    )
    bad = action_interaction(
        over, userId=over, eventType=over, actionId=over, sessionId=over, recommendationId="r" * 41
    )
    fields = ("session_id", "user_id", "event_id", "event_type", "action_id", "recommendation_id")
    vectors.refuses(
        "one letter too many in every member of an action interaction",
        "PutActionInteractions",
        put_action_interactions(bad),
        *((f"action_interactions[0].{field}", "MAX_LENGTH") for field in fields),
    )


def _catalogue(vectors: Vectors) -> None:
    for list_name in ("items", "users", "actions"):
        kind = list_name.removesuffix("s")
        full = {f"{kind}Id": (f"len-{kind}-" + "x" * 256)[:256]}
        rpc = f"Put{list_name.title()}"
        vectors.takes(
            f"the ID of the {kind} has 256 letters",
            rpc,
            put(list_name, full),
            catalogue_call(list_name, full),
        )
        vectors.refuses(
            f"the ID of the {kind} has 257 letters",
            rpc,
            put(list_name, {f"{kind}Id": "x" * 257}),
            (f"{list_name}[0].{kind}_id", "MAX_LENGTH"),
        )


def _impressions(vectors: Vectors) -> None:
    shown = [f"{number:03}" + "i" * 253 for number in range(25)]
    vectors.takes(
        "an impression of 25 IDs of 256 letters",
        "PutEvents",
        put_events(event("len-shown", impression=shown)),
        events_call(sent("len-shown", impression=shown)),
    )
    vectors.refuses(
        "an impression of 26 IDs",
        "PutEvents",
        put_events(event("len-shown-over", impression=["i"] * 26)),
        ("events[0].impression", "MAX_ITEMS"),
    )
    vectors.refuses(
        "an ID of 257 letters in an impression",
        "PutEvents",
        put_events(event("len-shown-long", impression=["i", "i" * 257])),
        ("events[0].impression[1]", "MAX_LENGTH"),
    )
    vectors.takes(
        "an impression with an ID twice, and one that is empty",
        "PutEvents",
        put_events(
            event("len-shown-twice", impression=["i", "i"]),
            event("len-shown-none", sessionId="s-len-shown-twice", impression=[]),
        ),
        events_call(sent("len-shown-twice", impression=["i", "i"]), sent("len-shown-none")),
    )
