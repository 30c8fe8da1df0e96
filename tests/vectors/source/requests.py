"""Requests as a whole: how many records, which dataset group, which level of acknowledgement."""

from tests.vectors.source.case import (
    Json,
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

_MAX_RECORDS = 500
_MAX_SHOWN = 20
"""So many violations fit into a status."""


def requests() -> Vectors:
    """Return the cases."""
    vectors = Vectors("requests", "How many records, to which dataset group, acknowledged when.")
    _every_member(vectors)
    _counts(vectors)
    _dataset_groups(vectors)
    _acknowledgement(vectors)
    _several_faults(vectors)
    _ignored_impression(vectors)
    return vectors


def _every_member(vectors: Vectors) -> None:
    full = {
        "itemId": "i1",
        "eventValue": 9.5,
        "recommendationId": "r1",
        "impression": ["i1", "i2"],
    }
    vectors.takes(
        "every member of an event",
        "PutEvents",
        put_events(
            event(
                "every",
                sessionId="s-every",
                userId="u-every",
                eventAttributionSource="mail",
                properties={"a": "b"},
                **full,
            )
        ),
        events_call(
            sent(
                "every",
                metricAttribution={"eventAttributionSource": "mail"},
                properties='{"a":"b"}',
                **full,
            ),
            user="u-every",
        ),
    )
    acting = {"userId": "u1", "recommendationId": "r1", "impression": ["a1", "a2"]}
    vectors.takes(
        "every member of an action interaction",
        "PutActionInteractions",
        put_action_interactions(
            action_interaction("every-act", properties={"note": "x"}, **acting)
        ),
        actions_call(sent_action("every-act", properties='{"note":"x"}', **acting)),
    )
    vectors.takes(
        "an event without an ID gets one",
        "PutEvents",
        put_events(event(None, sessionId="s-without-id")),
        events_call(sent("${event_id}"), session="s-without-id"),
    )
    vectors.takes(
        "an action interaction without an ID gets one",
        "PutActionInteractions",
        put_action_interactions(action_interaction(None, sessionId="s-without-id")),
        actions_call(sent_action("${event_id}", sessionId="s-without-id")),
    )


def _counts(vectors: Vectors) -> None:
    keys = [f"many-{number}" for number in range(_MAX_RECORDS)]
    many = [event(key, sessionId="s-many") for key in keys]
    vectors.takes(
        "500 events",
        "PutEvents",
        put_events(*many),
        events_call(*map(sent, keys), session="s-many"),
    )
    vectors.refuses(
        "501 events", "PutEvents", put_events(*many, event("one-more")), ("events", "MAX_ITEMS")
    )
    vectors.refuses("no events", "PutEvents", put_events(), ("events", "MIN_ITEMS"))
    vectors.refuses(
        "no action interactions",
        "PutActionInteractions",
        put_action_interactions(),
        ("action_interactions", "MIN_ITEMS"),
    )
    for list_name in ("items", "users", "actions"):
        member = f"{list_name.removesuffix('s')}Id"
        records = [{member: f"many-{number}"} for number in range(_MAX_RECORDS)]
        rpc = f"Put{list_name.title()}"
        vectors.takes(
            f"500 {list_name}", rpc, put(list_name, *records), catalogue_call(list_name, *records)
        )
        over = put(list_name, *records, {member: "one-more"})
        vectors.refuses(f"501 {list_name}", rpc, over, (list_name, "MAX_ITEMS"))
        vectors.refuses(f"no {list_name}", rpc, put(list_name), (list_name, "MIN_ITEMS"))
    _of_several_users(vectors)


def _of_several_users(vectors: Vectors) -> None:
    """Sessions and users are told apart: an anonymous event is not one of the user's."""
    heads = (("s-1", None), ("s-1", "u-1"), ("s-1", "u-2"), ("s-2", "u-1"), ("s-1", "u-1"))
    keyed = list(numbered("several", heads))
    vectors.takes(
        "events of several sessions and users",
        "PutEvents",
        put_events(*(event(key, sessionId=s, userId=u) for key, (s, u) in keyed)),
        *(events_call(sent(key), session=s, user=u) for key, (s, u) in keyed),
    )


def _dataset_groups(vectors: Vectors) -> None:
    one = event("group")
    vectors.answers(
        "none, where there are several",
        "PutEvents",
        put_events(one, group=None),
        "INVALID_ARGUMENT",
        "DATASET_GROUP_AMBIGUOUS",
    )
    for name, group in (
        ("unknown", "shpo"),
        ("63 characters", "g" * 63),
        ("64 characters", "g" * 64),
        ("100,000 characters", "g" * 100_000),
        ("with a space", "pl ain"),
        ("that begins with a hyphen", "-plain"),
        ("beyond ASCII", "pl\u00e4in"),
        ("in capitals", "PLAIN"),
    ):
        vectors.answers(
            f"a dataset group: {name}",
            "PutEvents",
            put_events(one, group=group),
            "NOT_FOUND",
            "DATASET_GROUP_UNKNOWN",
        )
    vectors.answers(
        "a dataset group to which no route leads",
        "PutItems",
        put("items", {"itemId": "i"}, group="closed"),
        "PERMISSION_DENIED",
        "ROUTE_MISSING",
    )


def _acknowledgement(vectors: Vectors) -> None:
    for level in ("ACK_LEVEL_UNSPECIFIED", "ACK_LEVEL_DURABLE", "ACK_LEVEL_DELIVERED", 2):
        key = f"ack-{level}"
        vectors.takes(
            f"acknowledged by {level}",
            "PutEvents",
            put_events(event(key), ackLevel=level),
            events_call(sent(key)),
        )
    vectors.refuses(
        "a level that there is not",
        "PutEvents",
        put_events(event("ack"), ackLevel=9),
        ("ack_level", "ENUM"),
    )


def _several_faults(vectors: Vectors) -> None:
    vectors.refuses(
        "one bad event among good ones",
        "PutEvents",
        put_events(event("good-1"), event("bad", userId=""), event("good-2")),
        ("events[1].user_id", "MIN_LENGTH"),
    )
    nothing: list[Json] = [{"sessionId": "s", "eventTime": "2026-09-20T12:00:00Z"}] * 25
    vectors.refuses(
        "more faults than a status has room for",
        "PutEvents",
        put_events(*nothing),
        *((f"events[{index}].event_type", "REQUIRED") for index in range(_MAX_SHOWN)),
    )
    vectors.refuses(
        "faults of the request and of its records",
        "PutEvents",
        put_events(event("bad", itemId=""), event("bad", sessionId=""), ackLevel=7),
        ("ack_level", "ENUM"),
        ("events[0].item_id", "MIN_LENGTH"),
        ("events[1].session_id", "REQUIRED"),
    )


def _ignored_impression(vectors: Vectors) -> None:
    shown = action_interaction("ignored", impression=["a1"])
    vectors.refuses(
        "an impression of an action interaction, where the route refuses it",
        "PutActionInteractions",
        put_action_interactions(shown, group="strict"),
        ("action_interactions[0].impression", "IGNORED_IMPRESSION"),
    )
