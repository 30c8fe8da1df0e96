from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.api import Action, ActionInteraction, Event, IngestRecord, Item, User
from gateway.encoding.element import encode, unwrap
from gateway.encoding.inverse import ElementUnreadable, decode
from gateway.records import Kind, Record
from tests.support.schemas import KEYS, VALUES, fields, schema

TEXT = st.text(max_size=20) | st.sampled_from(['"\\\x01\x1f\x7f\u2028😀', "|", "1", "true", "null"])
NUMBER = st.floats(-(2.0**53), 2.0**53, exclude_min=True, exclude_max=True)
COLUMNS = st.dictionaries(TEXT, TEXT | NUMBER | st.booleans() | st.lists(TEXT), max_size=5)
TIMES = st.fixed_dictionaries(
    {"seconds": st.integers(1, 253402300799), "nanos": st.integers(0, 999_999_999)}
)
OPTIONAL = st.none() | TEXT
INTERACTION: dict[str, Any] = {
    "session_id": TEXT,
    "user_id": OPTIONAL,
    "event_type": TEXT,
    "event_time": TIMES,
    "recommendation_id": OPTIONAL,
    "impression": st.lists(TEXT, max_size=3),
    "properties": st.none() | COLUMNS,
}
EVENTS = st.builds(
    Event,
    **INTERACTION,
    item_id=OPTIONAL,
    event_value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    event_attribution_source=OPTIONAL,
)
MESSAGES = st.one_of(
    st.builds(IngestRecord, event=EVENTS),
    st.builds(
        IngestRecord, action_interaction=st.builds(ActionInteraction, **INTERACTION, action_id=TEXT)
    ),
    st.builds(IngestRecord, item=st.builds(Item, item_id=TEXT, properties=COLUMNS)),
    st.builds(IngestRecord, user=st.builds(User, user_id=TEXT, properties=COLUMNS)),
    st.builds(IngestRecord, action=st.builds(Action, action_id=TEXT, properties=COLUMNS)),
)


@settings(max_examples=300)
@given(MESSAGES, TEXT)
def test_a_decoded_record_is_encoded_as_it_was(message: IngestRecord, event_id: str) -> None:
    """Encoding, decoding and encoding again gives the first record, of any valid message."""
    unwrapped = unwrap(message)
    assert unwrapped is not None
    record = encode(*unwrapped, event_id)
    decoded = unwrap(decode(unwrapped[0], record))
    assert decoded is not None
    assert decoded[0] is unwrapped[0]
    assert encode(*decoded, getattr(decoded[1], "event_id", "")) == record


def _without_duplicates(columns: dict[str, Any]) -> dict[str, Any]:
    """Leave one key for each column, as validation does."""
    by_column = {key.replace("_", "").lower(): key for key in columns}
    return {key: columns[key] for key in by_column.values()}


TYPED_COLUMNS = st.dictionaries(KEYS | TEXT, VALUES | NUMBER, max_size=6).map(_without_duplicates)


@settings(max_examples=300, deadline=None)
@given(
    st.builds(Event, **INTERACTION | {"properties": TYPED_COLUMNS})
    | st.builds(Item, item_id=TEXT, properties=TYPED_COLUMNS),
    fields(),
)
def test_a_record_of_a_schema_is_encoded_as_it_was(
    message: Event | Item, of_schema: list[dict[str, Any]]
) -> None:
    """Also a whole number that no double holds, and values that did not fit their columns."""
    kind = Kind.EVENTS if isinstance(message, Event) else Kind.ITEMS
    known = schema("A_COLUMN", *of_schema)
    record = encode(kind, message, "e1", known)
    decoded = unwrap(decode(kind, record))
    assert decoded is not None
    assert encode(*decoded, "e1", known) == record


def test_a_zero_has_no_sign() -> None:
    """A Struct's number would lose it on the way back."""
    known = schema("ITEM_ID", {"name": "CHANGE", "type": "float"})
    record = encode(Kind.ITEMS, Item(item_id="i", properties={"CHANGE": "-0"}), schema=known)
    assert record.element == b'{"itemId":"i","properties":"{\\"change\\":0.0}"}'


def test_a_whole_number_of_a_long_comes_back_as_its_digits() -> None:
    """A Struct's number would be another one."""
    long = schema("ITEM_ID", {"name": "CODE", "type": "long"})
    item = Item(item_id="i", properties={"CODE": "9007199254740993"})
    record = encode(Kind.ITEMS, item, schema=long)
    assert record.element == b'{"itemId":"i","properties":"{\\"code\\":9007199254740993}"}'
    expected = IngestRecord(item=Item(item_id="i", properties={"code": "9007199254740993"}))
    assert decode(Kind.ITEMS, record) == expected


FULL = Event(
    session_id="s",
    user_id="u",
    event_type="View",
    event_time={"seconds": 1787462253},
    item_id="i",
    event_value=12.5,
    recommendation_id="RID-1",
    impression=["a", "b"],
    event_attribution_source="mail",
    properties={"price": 129.99, "ratings": 31, "large": "9007199254740993", "ok": False},
)
INTERACTION_FULL = ActionInteraction(
    session_id="s",
    user_id="u",
    event_type="Taken",
    event_time={"seconds": 1},
    action_id="a",
    recommendation_id="RID-1",
    impression=["a"],
    properties={"k": "v"},
)
BARE = Event(session_id="s", event_type="View", event_time={"seconds": 1})


@pytest.mark.parametrize("event", [FULL, BARE, INTERACTION_FULL])
def test_an_interaction_comes_back_with_the_id_that_it_went_by(
    event: Event | ActionInteraction,
) -> None:
    """Every member is as it was sent, and the event ID stands in the message."""
    kind = Kind.EVENTS if isinstance(event, Event) else Kind.ACTION_INTERACTIONS
    decoded = unwrap(decode(kind, encode(kind, event, "e1")))
    expected = type(event).FromString(event.SerializeToString())
    expected.event_id = "e1"
    assert decoded == (kind, expected)


def test_what_personalize_is_not_sent_does_not_come_back() -> None:
    """The fraction of a second, a list of categories and an empty object are lost by design."""
    event = Event(event_time={"seconds": 5, "nanos": 9}, properties={"c": ["x", "y"]})
    decoded = decode(Kind.EVENTS, encode(Kind.EVENTS, event, "e"))
    assert decoded.event == Event(
        event_id="e", event_time={"seconds": 5}, properties={"c": "x|y"}, session_id=""
    )
    item = decode(Kind.ITEMS, encode(Kind.ITEMS, Item(item_id="i", properties={})))
    assert item == IngestRecord(item=Item(item_id="i"))


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        (Kind.ITEMS, b""),
        (Kind.ITEMS, b"\xff"),
        (Kind.ITEMS, b"[]"),
        (Kind.ITEMS, b'"itemId"'),
        (Kind.ITEMS, b"{}"),
        (Kind.ITEMS, b'{"itemId":1}'),
        (Kind.ITEMS, b'{"userId":"u"}'),
        (Kind.ITEMS, b'{"itemId":"i","properties":"x"}'),
        (Kind.ITEMS, b'{"itemId":"i","properties":{"a":1}}'),
        (Kind.ITEMS, b'{"itemId":"i","properties":"[1]"}'),
        (Kind.ITEMS, b'{"itemId":"i","more":"x"}'),
        (Kind.EVENTS, b'{"eventId":"e","eventType":"t","sentAt":"x"}'),
        (Kind.EVENTS, b'{"eventId":"e","eventType":"t","sentAt":1,"metricAttribution":1}'),
        (Kind.EVENTS, b'{"eventId":"e","eventType":"t","sentAt":1,"impression":[1]}'),
    ],
)
def test_an_element_of_another_form_is_not_guessed_at(kind: Kind, element: bytes) -> None:
    """Nothing is dropped in silence, and the error quotes nothing of it."""
    with pytest.raises(ElementUnreadable) as caught:
        decode(kind, Record("id", element))
    text = f"a stored record is not in the form in which {kind} are stored"
    shown = None if caught.value.__suppress_context__ else caught.value.__context__
    assert (str(caught.value), shown) == (text, None)
