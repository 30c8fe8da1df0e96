from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from gateway.acceptance import InvalidRequest
from gateway.api import Event, IngestRecord, Item, Rule
from gateway.dead_letters.patch import MAX_BYTES, Patch, merged

EVENT = Event(
    session_id="s",
    user_id="u",
    event_id="e",
    event_type="view",
    event_time={"seconds": 1787462253},
    item_id="i",
    event_value=1.5,
    impression=["a", "b"],
    properties={"price": 1, "category": "x|y"},
)


def struct(value: dict[str, Any]) -> Struct:
    """Make a Struct of JSON."""
    made = Struct()
    made.update(value)
    return made


def patched(patch: dict[str, Any]) -> Event:
    """Put a patch on the event and return what becomes of it."""
    before = IngestRecord(event=EVENT)
    after = Patch(struct(patch)).apply(before)
    assert before == IngestRecord(event=EVENT)
    return after.event


def changed(**members: Any) -> Event:
    """Return the event with other members; None takes one away."""
    made = Event.FromString(EVENT.SerializeToString())
    for name, value in members.items():
        made.ClearField(name)
        if value is not None:
            made.MergeFrom(Event(**{name: value}))
    return made


# The table of appendix A of RFC 7396.
@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_it_merges_as_the_standard_shows(original: Any, patch: Any, result: Any) -> None:
    """Every example of RFC 7396 gives what stands there."""
    assert merged(original, patch) == result


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"event": {}}, EVENT),
        ({"event": {"eventType": "View"}}, changed(event_type="View")),
        ({"event": {"event_type": "View"}}, changed(event_type="View")),
        ({"event": {"userId": None}}, changed(user_id=None)),
        ({"event": {"user_id": None}}, changed(user_id=None)),
        ({"event": {"eventId": "e2"}}, changed(event_id="e2")),
        ({"event": {"eventType": None}}, changed(event_type=None)),
        ({"event": {"eventTime": "1970-01-01T00:00:02Z"}}, changed(event_time={"seconds": 2})),
        ({"event": {"eventValue": 7}}, changed(event_value=7)),
        ({"event": {"impression": ["c"]}}, changed(impression=["c"])),
        ({"event": {"properties": None}}, changed(properties=None)),
        (
            {"event": {"properties": {"price": None, "n": 2, "c": ["x"]}}},
            changed(properties={"category": "x|y", "n": 2, "c": ["x"]}),
        ),
    ],
)
def test_it_changes_what_it_names(patch: dict[str, Any], expected: Event) -> None:
    """What is named is put, null takes it away, all else stays; either name of a field will do."""
    assert patched(patch) == expected


def test_columns_are_added_where_there_are_none() -> None:
    """A record without properties can be given some."""
    patch = Patch(struct({"item": {"properties": {"price": 2, "gone": None}}}))
    assert patch.kind == "item"
    assert patch.apply(IngestRecord(item=Item(item_id="i"))) == IngestRecord(
        item=Item(item_id="i", properties={"price": 2})
    )


NESTED: dict[str, Any] = {}
for _ in range(90):
    NESTED = {"k": NESTED}


@pytest.mark.parametrize(
    ("patch", "violations"),
    [
        ({}, [("patch", Rule.RULE_KIND)]),
        ({"event": {}, "item": {}}, [("patch", Rule.RULE_KIND)]),
        ({"event": {}, "item": None}, [("patch", Rule.RULE_KIND)]),
        ({"evnt": {}}, [('patch["evnt"]', Rule.RULE_KIND)]),
        ({"event": None}, [('patch["event"]', Rule.RULE_KIND)]),
        ({"event": "x"}, [('patch["event"]', Rule.RULE_KIND)]),
        (
            {"event": {"eventTyp": "x", "event_time": 5, "itemId": "i"}},
            [
                ('patch["event"]["eventTyp"]', Rule.RULE_PATTERN),
                ('patch["event"]["event_time"]', Rule.RULE_PATTERN),
            ],
        ),
        ({"event": {"eventTime": {"seconds": 1}}}, None),
        ({"event": {"eventTime": "tomorrow"}}, None),
        ({"event": {"eventType": 5}}, None),
        ({"event": {"eventType": ["x"]}}, None),
        ({"event": {"impression": "a"}}, None),
        ({"event": {"impression": ["a", None]}}, None),
        ({"event": {"properties": "x"}}, None),
        ({"event": {"properties": NESTED}}, None),
        ({"event": {"[x.y]": 1}}, None),
        (
            {"event": {"itemId": "a", "item_id": "b"}},
            [('patch["event"]["item_id"]', Rule.RULE_UNIQUE)],
        ),
        ({"event": {"eventValue": float("nan")}}, [("patch", Rule.RULE_FINITE)]),
        ({"event": {"itemId": "x" * MAX_BYTES}}, [("patch", Rule.RULE_MAX_LENGTH)]),
    ],
)
def test_what_fits_no_record_is_refused_at_once(
    patch: dict[str, Any], violations: list[tuple[str, Rule]] | None
) -> None:
    """The path is that of the member at fault, and nothing of its value is told."""
    if violations is None:
        ((name, _),) = patch["event"].items()
        violations = [(f'patch["event"]["{name}"]', Rule.RULE_PATTERN)]
    with pytest.raises(InvalidRequest) as caught:
        Patch(struct(patch))
    found = [(one.field, one.rule) for one in caught.value.violations]
    assert sorted(found) == sorted(violations)


def test_a_name_that_cannot_be_shown_is_quoted_and_cut() -> None:
    """What was sent as a key fills no trailer and plays no tricks on a terminal."""
    with pytest.raises(InvalidRequest) as caught:
        Patch(struct({"\x1b[2J" + "x" * 1000: {}}))
    assert caught.value.violations[0].field == 'patch["\\u001b[2J' + "x" * 60 + '..."]'


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(-1e9, 1e9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["price", "s"]), inner, max_size=3)
    ),
)
NAMES = st.sampled_from([field.json_name for field in Event.DESCRIPTOR.fields] + ["item_id", "x"])


@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_a_patch_that_is_taken_can_be_put_on_any_record(members: dict[str, Any]) -> None:
    """What is wrong with a patch is known before the first record is changed."""
    try:
        patch = Patch(struct({"event": members}))
    except InvalidRequest:
        return
    assert patch.apply(IngestRecord(event=EVENT)).WhichOneof("kind") == "event"
    assert patch.apply(IngestRecord(event=Event())).WhichOneof("kind") == "event"
