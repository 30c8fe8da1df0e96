"""Records for the dataset group `demo`, whose schemas the gateway has discovered.

Interactions: USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE; optional EVENT_VALUE float, IMPRESSION,
DISCOUNT (categories), QUANTITY int. Items: PRICE float, CATEGORY (categories); optional
DESCRIPTION, PROMOTED boolean. Users: optional AGE int, MEMBERSHIP (categories). Actions: optional
VALUE long, CHANNEL (categories). Action interactions have no columns of their own.
"""

from tests.vectors.source.case import (
    DEMO,
    Json,
    Vectors,
    action_interaction,
    actions_call,
    catalogue_call,
    event,
    events_call,
    ingest,
    numbered,
    put,
    put_action_interactions,
    put_events,
    sent,
    sent_action,
)

_EVENT_COLUMNS: tuple[tuple[str, Json, str], ...] = (
    ("digits for an int", {"quantity": "3"}, '{"quantity":3}'),
    ("a double that is whole for an int", {"QUANTITY": 3.0}, '{"quantity":3}'),
    ("the largest int", {"quantity": 2147483647}, '{"quantity":2147483647}'),
    ("the smallest int, as a text", {"quantity": "-2147483648"}, '{"quantity":-2147483648}'),
    ("categories", {"discount": ["summer", "member"]}, '{"discount":"summer|member"}'),
    ("a number for a text", {"discount": 5}, '{"discount":"5"}'),
    ("a fraction for a text", {"discount": 0.5}, '{"discount":"0.5"}'),
    ("1000 characters of categories", {"discount": "x" * 1000}, f'{{"discount":"{"x" * 1000}"}}'),
    ("keys in other spellings", {"Quan_Tity": 1, "DISCOUNT": "x"}, '{"discount":"x","quantity":1}'),
    ("the value as a text in properties", {"EVENT_VALUE": "5.5"}, '{"eventValue":5.5}'),
    ("a whole value in properties", {"eventValue": 5}, '{"eventValue":5.0}'),
)
_EVENT_FAULTS: tuple[tuple[str, Json, str, str], ...] = (
    ("an unknown column", {"colour": "red"}, '["colour"]', "UNKNOWN_PROPERTY"),
    ("a fraction for an int", {"quantity": 1.5}, '["quantity"]', "PROPERTY_TYPE"),
    ("a text for an int", {"quantity": "three"}, '["quantity"]', "PROPERTY_TYPE"),
    ("a boolean for an int", {"quantity": True}, '["quantity"]', "PROPERTY_TYPE"),
    ("a boolean for a text", {"discount": True}, '["discount"]', "PROPERTY_TYPE"),
    ("one beyond an int", {"quantity": 2147483648}, '["quantity"]', "PROPERTY_RANGE"),
    ("one below an int, as a text", {"quantity": "-2147483649"}, '["quantity"]', "PROPERTY_RANGE"),
    ("1001 characters of categories", {"discount": "x" * 1001}, '["discount"]', "CATEGORY_LENGTH"),
    ("1001 characters of two categories", {"discount": ["x" * 500, "y" * 500]}, '["discount"]',
     "CATEGORY_LENGTH"),
    ("a reserved key", {"user_id": "u"}, '["user_id"]', "RESERVED_PROPERTY"),
    ("a null", {"quantity": None}, '["quantity"]', "NULL_PROPERTY"),
    ("two keys of one column", {"quantity": 1, "QUANTITY": 1}, '["quantity"]',
     "DUPLICATE_PROPERTY"),
)  # fmt: skip

_ITEM = {"price": 10, "category": "shoes"}
_ITEM_COLUMNS: tuple[tuple[str, Json, str], ...] = (
    ("a whole price", {}, '{"category":"shoes","price":10.0}'),
    ("a price as a text", {"price": "9.95"}, '{"category":"shoes","price":9.95}'),
    ("the largest float, as a text", {"price": "3.4028234663852886e38"},
     '{"category":"shoes","price":3.4028234663852886e+38}'),
    ("a boolean", {"promoted": True}, '{"category":"shoes","price":10.0,"promoted":true}'),
    ("a boolean as a text", {"PROMOTED": "FALSE"},
     '{"category":"shoes","price":10.0,"promoted":false}'),
    ("a description that is no category", {"description": "d" * 5000},
     f'{{"category":"shoes","description":"{"d" * 5000}","price":10.0}}'),
    ("several categories", {"category": ["shoes", "s\u00e4le"]},
     '{"category":"shoes|s\u00e4le","price":10.0}'),
)  # fmt: skip
_ITEM_FAULTS: tuple[tuple[str, Json, str, str], ...] = (
    ("a price in words", {"price": "cheap"}, '["price"]', "PROPERTY_TYPE"),
    ("a price beyond a float", {"price": "1e39"}, '["price"]', "PROPERTY_RANGE"),
    ("a number for a boolean", {"promoted": 1}, '["promoted"]', "PROPERTY_TYPE"),
    ("the item's ID", {"itemId": "i"}, '["itemId"]', "UNKNOWN_PROPERTY"),
    ("1001 characters of categories", {"category": "x" * 1001}, '["category"]', "CATEGORY_LENGTH"),
    ("a null for what is required", {"price": None}, '["price"]', "NULL_PROPERTY"),
)


def schema() -> Vectors:
    """Return the cases."""
    vectors = Vectors("schema", "Records for a dataset group whose schemas are known.")
    _events(vectors)
    _impressions(vectors)
    _items(vectors)
    _users_and_actions(vectors)
    _others(vectors)
    return vectors


def _events(vectors: Vectors) -> None:
    for key, (name, given, text) in numbered("schema-event", _EVENT_COLUMNS):
        vectors.takes(
            f"event: {name}",
            "PutEvents",
            put_events(event(key, itemId="i1", properties=given), group=DEMO),
            events_call(sent(key, itemId="i1", properties=text)),
        )
    for name, given, path, rule in _EVENT_FAULTS:
        vectors.refuses(
            f"event: {name}",
            "PutEvents",
            put_events(event("schema", itemId="i1", properties=given), group=DEMO),
            (f"events[0].properties{path}", rule),
        )
    vectors.refuses(
        "event: no item",
        "PutEvents",
        put_events(event("schema"), group=DEMO),
        ("events[0].item_id", "MISSING_PROPERTY"),
    )
    vectors.takes(
        "event: the item in properties",
        "PutEvents",
        put_events(event("schema-item", properties={"ITEM_ID": "i1"}), group=DEMO),
        events_call(sent("schema-item", properties='{"itemId":"i1"}')),
    )
    vectors.takes(
        "event: anonymous",
        "PutEvents",
        put_events(event("schema-anonymous", itemId="i1"), group=DEMO),
        events_call(sent("schema-anonymous", itemId="i1")),
    )


def _impressions(vectors: Vectors) -> None:
    shown = ["i" * 100] * 9 + ["j" * 91]
    vectors.takes(
        "event: 1000 characters of an impression",
        "PutEvents",
        put_events(event("schema-shown", itemId="i1", impression=shown), group=DEMO),
        events_call(sent("schema-shown", itemId="i1", impression=shown)),
    )
    over = [*shown[:-1], "j" * 92]
    vectors.refuses(
        "event: 1001 characters of an impression",
        "PutEvents",
        put_events(event("schema-shown", itemId="i1", impression=over), group=DEMO),
        ("events[0].impression", "CATEGORY_LENGTH"),
    )


def _items(vectors: Vectors) -> None:
    for key, (name, given, text) in numbered("schema-item", _ITEM_COLUMNS):
        vectors.takes(
            f"item: {name}",
            "PutItems",
            put("items", {"itemId": key, "properties": _ITEM | given}, group=DEMO),
            catalogue_call("items", {"itemId": key, "properties": text}),
        )
    for name, given, path, rule in _ITEM_FAULTS:
        vectors.refuses(
            f"item: {name}",
            "PutItems",
            put("items", {"itemId": "schema", "properties": _ITEM | given}, group=DEMO),
            (f"items[0].properties{path}", rule),
        )
    nothing: list[tuple[str, Json]] = [("none", {}), ("empty", {"properties": {}})]
    for name, record in nothing:
        vectors.refuses(
            f"item: properties {name}",
            "PutItems",
            put("items", {"itemId": "schema", **record}, group=DEMO),
            ('items[0].properties["price"]', "MISSING_PROPERTY"),
            ('items[0].properties["category"]', "MISSING_PROPERTY"),
        )


def _users_and_actions(vectors: Vectors) -> None:
    vectors.takes(
        "user: columns",
        "PutUsers",
        put(
            "users",
            {"userId": "schema-user", "properties": {"AGE": "31", "membership": ["gold"]}},
            group=DEMO,
        ),
        catalogue_call(
            "users", {"userId": "schema-user", "properties": '{"age":31,"membership":"gold"}'}
        ),
    )
    vectors.refuses(
        "user: an unknown column",
        "PutUsers",
        put("users", {"userId": "schema", "properties": {"ages": 31}}, group=DEMO),
        ('users[0].properties["ages"]', "UNKNOWN_PROPERTY"),
    )
    for key, (given, text) in numbered(
        "schema-action",
        (
            ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("+0007", "7"),
            (9007199254740991, "9007199254740991"),
        ),
    ):
        vectors.takes(
            f"action: a long of {given}",
            "PutActions",
            put("actions", {"actionId": key, "properties": {"value": given}}, group=DEMO),
            catalogue_call("actions", {"actionId": key, "properties": f'{{"value":{text}}}'}),
        )
    for given, rule in (
        ("9223372036854775808", "PROPERTY_RANGE"),
        ("1.0", "PROPERTY_TYPE"),
        (9007199254740993, "PRECISION"),
    ):
        vectors.refuses(
            f"action: a long of {given}",
            "PutActions",
            put("actions", {"actionId": "schema", "properties": {"value": given}}, group=DEMO),
            ('actions[0].properties["value"]', rule),
        )


def _others(vectors: Vectors) -> None:
    vectors.takes(
        "action interaction",
        "PutActionInteractions",
        put_action_interactions(action_interaction("schema-act", userId="u1"), group=DEMO),
        actions_call(sent_action("schema-act", userId="u1")),
    )
    vectors.refuses(
        "action interaction: any column",
        "PutActionInteractions",
        put_action_interactions(action_interaction("schema", properties={"note": 1}), group=DEMO),
        ('action_interactions[0].properties["note"]', "UNKNOWN_PROPERTY"),
    )
    vectors.takes_part(
        "IngestBatch: good and bad",
        ingest(
            {"item": {"itemId": "schema-batch", "properties": _ITEM}},
            {"item": {"itemId": "schema-batch-bad", "properties": {"price": 1}}},
            group=DEMO,
        ),
        (('records[1].item.properties["category"]', "MISSING_PROPERTY"),),
        ((1, "INVALID_FIELDS"),),
        (
            catalogue_call(
                "items",
                {"itemId": "schema-batch", "properties": '{"category":"shoes","price":10.0}'},
            ),
        ),
    )
