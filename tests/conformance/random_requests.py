"""Requests of every sort, good and bad, as hypothesis draws them."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from personalize_gateway.v1.action_interaction_pb2 import ActionInteraction
from personalize_gateway.v1.action_pb2 import Action
from personalize_gateway.v1.catalog_service_pb2 import (
    PutActionsRequest,
    PutItemsRequest,
    PutUsersRequest,
)
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import (
    PutActionInteractionsRequest,
    PutEventsRequest,
)
from personalize_gateway.v1.ingest_service_pb2 import IngestBatchRequest, IngestRecord
from personalize_gateway.v1.item_pb2 import Item
from personalize_gateway.v1.user_pb2 import User

from tests.conformance.dataset_groups import DISCOVERED, PLAIN

_SHOE = "\U0001f45f"
_COLUMNS = ("price", "CATEGORY", "description", "promoted", "age", "membership", "value", "channel",
            "discount", "QUANTITY", "timestamp", "itemId", "")  # fmt: skip
_EDGES = (0.0, 0.1, 3.0, 2.0**31, 2.0**31 - 1, 2.0**53, 2.0**53 - 1, 1e39, 5e-324, 1e300)
_SECONDS = (0, 1, -1, 1789905600, 1789905600000, 253402300799, 253402300800, 2**63 - 1)
_ID_MAX_CHARS = 256

_AMONG = 15


def _mostly(usual: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return what draws the rare once among many: a request of faults alone finds but the first."""
    return st.integers(0, _AMONG).flatmap(lambda number: usual if number else rare)


_text = st.text(st.characters(codec="utf-8"), max_size=12)
_id = st.sampled_from(("null", "None", " ", "x" * 256, "x" * 257, _SHOE * 256, "a\u0000")) | _text
# Zero has one sign here: parsers of JSON differ in whether they keep the other.
_number = (st.sampled_from(_EDGES) | st.floats(width=64)).map(lambda number: number + 0.0)
_leaf = (
    st.none()
    | st.booleans()
    | _number
    | st.integers(-(2**63), 2**63).map(str)
    | _text
    | st.lists(_text, max_size=3)
)
_value = _leaf | st.lists(_leaf, max_size=2) | st.dictionaries(_text, _leaf, max_size=2)
_good_properties = st.fixed_dictionaries(
    {"price": st.floats(0, 1e6), "category": st.lists(st.text("abc", min_size=1), max_size=3)},
    optional={"description": st.text("abc\n\u00e9"), "PROMOTED": st.booleans()},
)
_properties = (
    st.none()
    | _good_properties
    | _mostly(st.just({}), st.dictionaries(st.sampled_from(_COLUMNS) | _text, _value, max_size=4))
    | st.fixed_dictionaries({}, optional={"quantity": _number, "discount": _text, "age": _number})
    | st.dictionaries(st.text("abcde", min_size=1), _leaf, max_size=3)
)
_time = st.builds(
    Timestamp,
    seconds=_mostly(st.integers(1, 2**33), st.sampled_from(_SECONDS)),
    nanos=_mostly(st.integers(0, 999_999_999), st.sampled_from((-1, 10**9))),
)


def _struct(properties: dict[str, Any] | None) -> Struct | None:
    if properties is None:
        return None
    return Struct(fields={key: _as_value(value) for key, value in properties.items()})


def _as_value(value: Any) -> Value:
    match value:
        case None:
            return Value(null_value=NULL_VALUE)
        case bool():
            return Value(bool_value=value)
        case float():
            return Value(number_value=value)
        case str():
            return Value(string_value=value)
        case list():
            return Value(list_value=ListValue(values=[_as_value(one) for one in value]))
        case _:
            return Value(struct_value=_struct(value))


_struct_ = _properties.map(_struct)
_good_id = st.text("abcdef0123456789", min_size=1, max_size=8)
_mostly_good_id = _mostly(_good_id, _id)

_event = st.builds(
    Event,
    session_id=_mostly_good_id,
    user_id=st.none() | _mostly_good_id,
    event_id=st.none() | _mostly_good_id,
    event_type=_mostly_good_id,
    event_time=_time,
    item_id=st.none() | _mostly_good_id,
    event_value=st.none() | _mostly(st.floats(-1e6, 1e6, width=32), _number).map(lambda n: n + 0.0),
    recommendation_id=st.none() | _mostly_good_id,
    impression=st.lists(_mostly_good_id, max_size=3),
    event_attribution_source=st.none() | _mostly_good_id,
    properties=_struct_,
)
_action_interaction = st.builds(
    ActionInteraction,
    session_id=_mostly_good_id,
    user_id=st.none() | _mostly_good_id,
    event_id=st.none() | _mostly_good_id,
    event_type=_mostly_good_id,
    event_time=_time,
    action_id=_mostly_good_id,
    recommendation_id=st.none() | _mostly_good_id,
    properties=st.none() | _struct_,
)
_item = st.builds(Item, item_id=_mostly_good_id, properties=_struct_)
_user = st.builds(User, user_id=_mostly_good_id, properties=_struct_)
_action = st.builds(Action, action_id=_mostly_good_id, properties=_struct_)
_record = st.one_of(
    st.builds(IngestRecord, event=_event),
    st.builds(IngestRecord, action_interaction=_action_interaction),
    st.builds(IngestRecord, item=_item),
    st.builds(IngestRecord, user=_user),
    st.builds(IngestRecord, action=_action),
    st.just(IngestRecord()),
)
_group = st.sampled_from((DISCOVERED,))
_any_group = st.sampled_from((PLAIN, DISCOVERED))


def _list(record: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(record, min_size=1, max_size=3)


# `plain` is for events alone: the emulator knows the few columns that its other datasets have.
_request: st.SearchStrategy[Message] = st.one_of(
    st.builds(PutEventsRequest, dataset_group=_any_group, events=_list(_event)),
    st.builds(
        PutActionInteractionsRequest,
        dataset_group=_group,
        action_interactions=_list(_action_interaction),
    ),
    st.builds(PutItemsRequest, dataset_group=_group, items=_list(_item)),
    st.builds(PutUsersRequest, dataset_group=_group, users=_list(_user)),
    st.builds(PutActionsRequest, dataset_group=_group, actions=_list(_action)),
    st.builds(IngestBatchRequest, dataset_group=_group, records=_list(_record)),
)


def random_requests(count: int, seed_: int) -> Sequence[Message]:
    """Return so many requests; the same for the same seed and release of hypothesis."""
    drawn: list[Message] = []

    @seed(seed_)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_request)
    def draw(request: Message) -> None:
        drawn.append(_apart(request, len(drawn)))

    draw()
    return drawn


def _apart(request: Message, number: int) -> Message:
    """Give catalogue IDs an end of their own, so that no record supersedes another."""
    copy = type(request)()
    copy.CopyFrom(request)
    for list_name in ("items", "users", "actions", "records"):
        for index, record in enumerate(getattr(copy, list_name, ())):
            member = record.WhichOneof("kind") if isinstance(record, IngestRecord) else None
            one = getattr(record, member) if member else record
            _append(one, f"-{number}-{index}")
    return copy


def _append(record: Message, end: str) -> None:
    if isinstance(record, Item | User | Action):
        member = record.DESCRIPTOR.fields[0].name
        value = getattr(record, member)
        if 0 < len(value) <= _ID_MAX_CHARS:
            setattr(record, member, value[: _ID_MAX_CHARS - len(end)] + end)
