"""IngestBatch: records of any kind, each taken or refused for itself."""

from tests.vectors.source.case import (
    Json,
    Vectors,
    action_interaction,
    actions_call,
    catalogue_call,
    event,
    events_call,
    ingest,
    sent,
    sent_action,
)

_INVALID = "INVALID_FIELDS"


def ingest_batch() -> Vectors:
    """Return the cases."""
    vectors = Vectors("ingest_batch", "Records of any kind, each taken or refused for itself.")
    _all_kinds(vectors)
    _refused(vectors)
    _requests(vectors)
    return vectors


def _all_kinds(vectors: Vectors) -> None:
    item, user, action = ({f"{kind}Id": f"batch-{kind}"} for kind in ("item", "user", "action"))
    vectors.takes(
        "one of each kind",
        "IngestBatch",
        ingest(
            {"event": event("batch-event", itemId="i1")},
            {"actionInteraction": action_interaction("batch-act")},
            {"item": {**item, "properties": {"note": "x"}}},
            {"user": user},
            {"action": action},
        ),
        events_call(sent("batch-event", itemId="i1")),
        actions_call(sent_action("batch-act")),
        catalogue_call("items", {**item, "properties": '{"note":"x"}'}),
        catalogue_call("users", user),
        catalogue_call("actions", action),
    )
    vectors.takes(
        "an event without an ID",
        "IngestBatch",
        ingest({"event": event(None, sessionId="s-batch-without-id")}),
        events_call(sent("${event_id}"), session="s-batch-without-id"),
    )
    keys = [f"batch-many-{number}" for number in range(500)]
    vectors.takes(
        "500 records",
        "IngestBatch",
        ingest(*({"event": event(key, sessionId="s-batch-many")} for key in keys)),
        events_call(*map(sent, keys), session="s-batch-many"),
    )


def _refused(vectors: Vectors) -> None:
    vectors.takes_part(
        "one bad record of each kind among good ones",
        ingest(
            {"event": event("batch-good")},
            {"event": event("batch-bad", userId="null")},
            {"actionInteraction": action_interaction("batch-bad", actionId="")},
            {"item": {"itemId": "i1", "properties": {"a": None}}},
            {"user": {"userId": "x" * 257}},
            {"action": {}},
            {"item": {"itemId": "batch-good-item"}},
        ),
        (
            ("records[1].event.user_id", "PLACEHOLDER_ID"),
            ("records[2].action_interaction.action_id", "REQUIRED"),
            ('records[3].item.properties["a"]', "NULL_PROPERTY"),
            ("records[4].user.user_id", "MAX_LENGTH"),
            ("records[5].action.action_id", "REQUIRED"),
        ),
        [(index, _INVALID) for index in range(1, 6)],
        (
            events_call(sent("batch-good")),
            catalogue_call("items", {"itemId": "batch-good-item"}),
        ),
    )
    vectors.takes_part(
        "a record of no kind",
        ingest({}, {"user": {"userId": "batch-user-beside"}}),
        (("records[0].kind", "KIND"),),
        ((0, _INVALID),),
        (catalogue_call("users", {"userId": "batch-user-beside"}),),
    )
    vectors.takes_part(
        "every record is bad",
        ingest({}, {"event": {}}),
        (
            ("records[0].kind", "KIND"),
            ("records[1].event.session_id", "REQUIRED"),
            ("records[1].event.event_type", "REQUIRED"),
            ("records[1].event.event_time", "REQUIRED"),
        ),
        ((0, _INVALID), (1, _INVALID)),
        (),
    )
    nothing: list[Json] = [{}] * 100
    vectors.takes_part(
        "more faults than a status has room for",
        ingest(*nothing),
        [(f"records[{index}].kind", "KIND") for index in range(100)],
        [(index, _INVALID) for index in range(100)],
        (),
    )


def _requests(vectors: Vectors) -> None:
    one = {"event": event("batch-one")}
    vectors.refuses("no records", "IngestBatch", ingest(), ("records", "MIN_ITEMS"))
    vectors.refuses("501 records", "IngestBatch", ingest(*[one] * 501), ("records", "MAX_ITEMS"))
    vectors.takes_part(
        "an unknown dataset group",
        ingest(one, group="shpo"),
        (),
        ((0, "DATASET_GROUP_UNKNOWN"),),
        (),
    )
    vectors.takes_part(
        "a dataset group to which no route leads",
        ingest(one, group="closed"),
        (),
        ((0, "ROUTE_MISSING"),),
        (),
    )
