"""Records of every kind as Hypothesis draws them: ordinary ones, and ordinary but for a little."""

from typing import Any

from hypothesis import strategies as st

from gateway.api import Action, ActionInteraction, Event, Item, User
from gateway.encoding.element import RecordMessage
from gateway.records import Kind
from tests.support.schemas import KEYS, VALUES

_id = st.from_regex(
    r"[A-Za-z0-9][A-Za-z0-9 _.:-]{0,30}[A-Za-z0-9]", fullmatch=True
) | st.sampled_from(["x" * 256, "é" * 256, "日本", "a|b"])
_short_id = st.from_regex("RID-[a-f0-9-]{1,36}", fullmatch=True)
_time = st.builds(
    lambda seconds, nanos: {"seconds": seconds, "nanos": nanos},
    st.sampled_from([1, 253402300799]) | st.integers(1, 2**33),
    st.sampled_from([0, 999_999_999]) | st.integers(0, 999_999_999),
)
_plain_text = st.from_regex(r"[ -~]{1,40}", fullmatch=True) | st.sampled_from(
    ["é", "日本", "y" * 300]
)
_properties = st.dictionaries(
    st.sampled_from(["channel", "DISCOUNT", "quantity", "genres"]),
    _plain_text | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9) | st.booleans(),
    max_size=4,
)
_interaction: dict[str, st.SearchStrategy[Any]] = {
    "session_id": _id,
    "user_id": st.none() | _id,
    "event_id": st.none() | _id,
    "event_type": _id,
    "event_time": _time,
    "recommendation_id": st.none() | _short_id,
    "properties": st.none() | _properties,
}
_MEMBERS: dict[Kind, dict[str, st.SearchStrategy[Any]]] = {
    Kind.EVENTS: {
        **_interaction,
        "item_id": st.none() | _id,
        "event_value": st.none() | st.floats(-1e9, 1e9),
        "impression": st.lists(_id, max_size=3),
        "event_attribution_source": st.none() | st.sampled_from(["mail", "a b", "x" * 1024]),
    },
    Kind.ACTION_INTERACTIONS: {**_interaction, "action_id": _id},
    Kind.ITEMS: {"item_id": _id, "properties": _properties},
    Kind.USERS: {"user_id": _id, "properties": _properties},
    Kind.ACTIONS: {"action_id": _id, "properties": _properties},
}
_TYPES: dict[Kind, type[RecordMessage]] = {
    Kind.EVENTS: Event,
    Kind.ACTION_INTERACTIONS: ActionInteraction,
    Kind.ITEMS: Item,
    Kind.USERS: User,
    Kind.ACTIONS: Action,
}

_text = st.text(max_size=20) | st.sampled_from(
    [
        *(
            "",
            " ",
            " a",
            "a ",
            "null",
            "None",
            " null",
            "\x7f",
            "a\x80b",
            "a\nb",
            "\0",
            "\u200d",
            "\u00a0",
        ),
        *(
            '"',
            "\\",
            "|",
            " |",
            "| ",
            "x" * 40,
            "x" * 41,
            "x" * 256,
            "x" * 257,
            "é" * 257,
            "x" * 1024,
        ),
        *("x" * 1025, " " * 1024, "x" * 1023 + "é", "\U0001f45f" * 256),
    ]
)
_odd_seconds = st.sampled_from([0, -1, 253402300800, 1787462253000, 2**63 - 1, -(2**63)])
_ODD: dict[str, st.SearchStrategy[Any]] = {
    "event_time": st.builds(
        lambda seconds, nanos: {"seconds": seconds, "nanos": nanos},
        _odd_seconds | st.just(5),
        st.sampled_from([0, -1, 10**9, 2**31 - 1]),
    ),
    "event_value": st.floats()
    | st.sampled_from([3.4028234663852886e38, 3.402823466385289e38, -0.0]),
    "impression": st.lists(_text, max_size=30)
    | st.lists(st.just("x" * 40), min_size=24, max_size=26),
    "properties": st.dictionaries(
        KEYS | _text | st.sampled_from(["userId", "a", "A", "_a", "itemId", "eventValue"]),
        VALUES
        | _text
        | st.none()
        | st.floats()
        | st.sampled_from([2.0**53, -(2.0**53), "z" * 990, "z" * 1010])
        | st.lists(_text, max_size=3)
        | st.just({"a": 1}),
        max_size=7,
    ),
}


def ordinary(kind: Kind) -> st.SearchStrategy[RecordMessage]:
    """Draw a record with which nothing is wrong where no schema is known."""
    return st.fixed_dictionaries(_MEMBERS[kind]).map(lambda members: _TYPES[kind](**members))


@st.composite
def nearly_ordinary(draw: st.DrawFn, kind: Kind) -> RecordMessage:
    """Draw a record of which at most two fields are what they rarely are."""
    members = draw(st.fixed_dictionaries(_MEMBERS[kind]))
    for name in draw(st.lists(st.sampled_from(sorted(members)), max_size=2, unique=True)):
        members[name] = draw(st.none() | _ODD.get(name, _text))
    return _TYPES[kind](**members)
