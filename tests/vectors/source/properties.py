"""`properties` where no schema is known: keys, values, nesting, categories."""

from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from personalize_gateway.v1.catalog_service_pb2 import PutItemsRequest
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.item_pb2 import Item

from tests.vectors.source.case import (
    PLAIN,
    SENT_AT,
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

_SHOE = "\U0001f45f"
_RESERVED = ("userId", "USER_ID", "sessionId", "session_id", "eventType", "EVENTTYPE", "timestamp",
             "TimeStamp", "recommendationId", "Recommendation_Id", "impression",
             "IMPRESSION_")  # fmt: skip

_TAKEN: tuple[tuple[str, Json, str], ...] = (
    ("texts, a number, booleans", {"b": "x", "a": 1.5, "yes": True, "no": False},
     '{"a":1.5,"b":"x","no":false,"yes":true}'),
    ("keys sorted by code point", {"a": 1, "B": 1, "\uffee": 1, "_c": 1, _SHOE: 1},
     f'{{"B":1,"_c":1,"a":1,"\uffee":1,"{_SHOE}":1}}'),
    ("an empty text", {"a": ""}, '{"a":""}'),
    ("the words for nothing are texts here", {"a": "null", "b": "NaN"}, '{"a":"null","b":"NaN"}'),
    ("line breaks, tabs and other control characters in a value",
     {"a": "1\n2\r\n\t\b\f\u0001\u007f\u0085"}, '{"a":"1\\n2\\r\\n\\t\\b\\f\\u0001\u007f\u0085"}'),
    ("slashes and separators of JavaScript", {"a": "</a>\u2028\u2029"}, '{"a":"</a>\u2028\u2029"}'),
    ("one category", {"genres": ["Drama"]}, '{"genres":"Drama"}'),
    ("several categories", {"genres": ["Drama", "Com\u00e9die", "Drama"]},
     '{"genres":"Drama|Com\u00e9die|Drama"}'),
    ("no category", {"genres": []}, '{"genres":""}'),
    ("categories that are joined already", {"genres": "Drama|War"}, '{"genres":"Drama|War"}'),
    ("the item and the value where older callers have them", {"itemId": "i1", "eventValue": 2},
     '{"eventValue":2,"itemId":"i1"}'),
    ("five columns beside item and value",
     {"itemId": "i1", "EVENT_VALUE": 2, "a": 1, "b": 1, "c": 1, "d": 1, "e": 1},
     '{"EVENT_VALUE":2,"a":1,"b":1,"c":1,"d":1,"e":1,"itemId":"i1"}'),
    ("a key of 256 characters", {"k" * 256: 1}, f'{{"{"k" * 256}":1}}'),
    ("a key of 256 emoji", {_SHOE * 256: 1}, f'{{"{_SHOE * 256}":1}}'),
    ("a key with spaces, quotes and a dot", {' a."b" ': 1}, '{" a.\\"b\\" ":1}'),
    ("keys that JavaScript has for itself", {"__proto__": "a", "constructor": "b", "length": 3},
     '{"__proto__":"a","constructor":"b","length":3}'),
)  # fmt: skip

_REFUSED: tuple[tuple[str, Json, list[tuple[str, str]]], ...] = (
    ("an empty key", {"": 1}, [('[""]', "PROPERTY_KEY")]),
    ("a key of 257 characters", {"k" * 257: 1}, [(f'["{"k" * 64}..."]', "PROPERTY_KEY")]),
    ("a control character in a key", {"a\u0007": 1}, [('["a\\u0007"]', "CONTROL_CHARACTER")]),
    ("a null", {"color": None}, [('["color"]', "NULL_PROPERTY")]),
    ("a null by a key beyond ASCII", {"\u00e9": None}, [('["\\u00e9"]', "NULL_PROPERTY")]),
    ("a null by a key of emoji", {"\U0001f45f": None}, [('["\\ud83d\\udc5f"]', "NULL_PROPERTY")]),
    ("a null by a key with quotes", {'a"b': None}, [('["a\\"b"]', "NULL_PROPERTY")]),
    ("an object", {"size": {"width": 3}}, [('["size"]', "NESTED_PROPERTY")]),
    ("an empty object", {"size": {}}, [('["size"]', "NESTED_PROPERTY")]),
    ("ten objects in each other",
     {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}},
     [('["a"]', "NESTED_PROPERTY")]),
    ("a list with a number", {"sizes": ["S", 3]}, [('["sizes"][1]', "NESTED_PROPERTY")]),
    ("a list with a null", {"sizes": [None]}, [('["sizes"][0]', "NESTED_PROPERTY")]),
    ("a list with a boolean", {"sizes": [True]}, [('["sizes"][0]', "NESTED_PROPERTY")]),
    ("a list with a list", {"sizes": [["S"]]}, [('["sizes"][0]', "NESTED_PROPERTY")]),
    ("an empty category", {"genres": ["Drama", ""]}, [('["genres"][1]', "CATEGORY")]),
    ("a category with the separator", {"genres": ["a|b"]}, [('["genres"][0]', "CATEGORY")]),
    ("NUL in a text", {"a": "x\u0000"}, [('["a"]', "CONTROL_CHARACTER")]),
    ("NUL in a category", {"a": ["x", "\u0000"]}, [('["a"][1]', "CONTROL_CHARACTER")]),
    ("two keys of one column", {"itemSize": 1, "ITEM_SIZE": 2},
     [('["itemSize"]', "DUPLICATE_PROPERTY")]),
    ("three keys of one column", {"aB": 1, "a_b": 2, "AB": 3},
     [('["aB"]', "DUPLICATE_PROPERTY"), ('["a_b"]', "DUPLICATE_PROPERTY")]),
    ("six columns", dict.fromkeys("abcdef", 1), [("", "METADATA_COLUMNS")]),
    ("a text of 2,000 characters", {"a": "x" * 2000}, [("", "PROPERTIES_LENGTH")]),
    ("a text of 100,000 characters", {"a": "x" * 100_000}, [("", "PROPERTIES_LENGTH")]),
    ("faults of several kinds", {"a": None, "b": {}, "c": [""], "timestamp": 1},
     [('["a"]', "NULL_PROPERTY"), ('["b"]', "NESTED_PROPERTY"), ('["c"][0]', "CATEGORY"),
      ('["timestamp"]', "RESERVED_PROPERTY")]),
)  # fmt: skip


def properties() -> Vectors:
    """Return the cases."""
    vectors = Vectors("properties", "Properties for a dataset group whose schemas are not known.")
    _taken(vectors)
    for name, given, faults in _REFUSED:
        violations = [(f"events[0].properties{path}", rule) for path, rule in faults]
        request = put_events(event("property-refused", properties=given))
        vectors.refuses(name, "PutEvents", request, *violations)
    _reserved(vectors)
    _unset_values(vectors)
    return vectors


def _taken(vectors: Vectors) -> None:
    for key, (name, given, text) in numbered("properties", _TAKEN):
        vectors.takes(
            name,
            "PutEvents",
            put_events(event(key, properties=given)),
            events_call(sent(key, properties=text)),
        )
    for name, empty in (
        ("none", {}),
        ("empty", {"properties": {}}),
        ("null", {"properties": None}),
    ):
        key = f"properties-{name}"
        request = put_events({**event(key), **empty})
        vectors.takes(f"properties: {name}", "PutEvents", request, events_call(sent(key)))
        for kind in ("item", "user", "action"):
            record = {f"{kind}Id": f"{key}-{kind}"}
            vectors.takes(
                f"properties: {name}, of {kind}s",
                f"Put{kind.title()}s",
                put(f"{kind}s", {**record, **empty}),
                catalogue_call(f"{kind}s", record),
            )
    vectors.takes(
        "properties of an action interaction",
        "PutActionInteractions",
        put_action_interactions(
            action_interaction("properties-act", properties={"tags": ["a", "b"], "score": 2})
        ),
        actions_call(sent_action("properties-act", properties='{"score":2,"tags":"a|b"}')),
    )
    columns = {"tags": ["a", "b"], "score": -1.25, "note": "\u00fc", "flag": True}
    text = '{"flag":true,"note":"\u00fc","score":-1.25,"tags":"a|b"}'
    for kind in ("item", "user", "action"):
        record = {f"{kind}Id": f"properties-{kind}"}
        vectors.takes(
            f"properties of a {kind}",
            f"Put{kind.title()}s",
            put(f"{kind}s", {**record, "properties": columns}),
            catalogue_call(f"{kind}s", {**record, "properties": text}),
        )
        vectors.refuses(
            f"a null property of a {kind}",
            f"Put{kind.title()}s",
            put(f"{kind}s", {**record, "properties": {"note": None}}),
            (f'{kind}s[0].properties["note"]', "NULL_PROPERTY"),
        )


def _reserved(vectors: Vectors) -> None:
    for key in _RESERVED:
        path = f'properties["{key}"]'
        vectors.refuses(
            f"the reserved key {key}",
            "PutEvents",
            put_events(event("property-reserved", properties={key: "1"})),
            (f"events[0].{path}", "RESERVED_PROPERTY"),
        )
        vectors.refuses(
            f"the reserved key {key} of an action interaction",
            "PutActionInteractions",
            put_action_interactions(action_interaction("property-reserved", properties={key: "1"})),
            (f"action_interactions[0].{path}", "RESERVED_PROPERTY"),
        )


def _unset_values(vectors: Vectors) -> None:
    """A Struct can hold a value that is not set, which JSON cannot say."""
    bad = Event(session_id="s", event_type="View", event_time=Timestamp(seconds=SENT_AT))
    bad.properties.fields["a"].CopyFrom(Value())
    vectors.refuses(
        "a value that is not set",
        "PutEvents",
        PutEventsRequest(dataset_group=PLAIN, events=[bad]),
        ('events[0].properties["a"]', "NULL_PROPERTY"),
    )
    entries = Value(list_value=ListValue(values=[Value(string_value="a"), Value()]))
    item = Item(item_id="i1", properties=Struct(fields={"tags": entries}))
    vectors.refuses(
        "an entry of a list that is not set",
        "PutItems",
        PutItemsRequest(dataset_group=PLAIN, items=[item]),
        ('items[0].properties["tags"][1]', "NESTED_PROPERTY"),
    )
