"""Whether records take the fast pass or not, what is taken, refused and counted is the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.acceptance import Acceptance
from gateway.api import (
    Event,
    IngestBatchRequest,
    IngestRecord,
    IngestRequest,
    PutEventsRequest,
)
from gateway.config import Config, DatasetGroup, Route
from gateway.dataset_group import DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.encoding.element import KINDS, RecordMessage
from gateway.errors import GatewayError
from gateway.outbox.memory import MemoryOutbox
from gateway.preparation import InvalidRequest, Prepared
from gateway.records import Kind
from gateway.routing.router import Router
from gateway.telemetry.metrics import RULES_BROKEN
from gateway.validation.fast_pass import FastPass
from gateway.validation.validator import Validator
from tests.support.records_of import nearly_ordinary, ordinary
from tests.support.schemas import optional, schema

VALIDATOR = Validator()

_ARN = "arn:aws:personalize:eu-west-1:123456789012:dataset-group"
_GROUPS = {name: DatasetGroup(arn=f"{_ARN}/{name}") for name in ("shop", "next")}
_ROUTE = {"callers": ["web"], "dataset_group": "shop", "mirror_to": ["next"]}
_COUNTED = {"PLACEHOLDER_ID": "count", "METADATA_COLUMNS": "count"}
_ROUTES = (
    _ROUTE | {"name": "events", "kinds": ["events"], "rules": _COUNTED},
    _ROUTE | {"name": "others", "kinds": ["items", "action_interactions"]},
)
_CONFIG = Config(dataset_groups=_GROUPS, routes=tuple(map(Route.model_validate, _ROUTES)))
_ITEMS = schema("ITEM_ID", optional("CHANNEL", "string"), optional("QUANTITY", "long"))
_FACTS = {
    "next": DatasetGroupFacts(
        "next",
        "arn:next",
        TrackerFacts("t", "arn:t", "id", "ACTIVE"),
        {
            Kind.ITEMS: DatasetFacts(schema=_ITEMS),
            Kind.EVENTS: DatasetFacts(schema=schema("EVENT_TYPE", optional("QUANTITY", "string"))),
        },
    ),
    "shop": DatasetGroupFacts(
        "shop",
        "arn:shop",
        TrackerFacts("t", "arn:t", "id", "ACTIVE"),
        {Kind.ITEMS: DatasetFacts(schema=schema("ITEM_ID", optional("CHANNEL", "string")))},
    ),
}

_GROUP = st.sampled_from(["", "", "shop", "nowhere", "sh op", "x" * 64])


@st.composite
def _record(draw: st.DrawFn) -> IngestRecord:
    member, kind = draw(st.sampled_from(sorted(KINDS.items())))
    message: Any = draw(ordinary(kind) if draw(st.integers(0, 3)) else nearly_ordinary(kind))
    return IngestRecord(**{member: message}) if draw(st.integers(0, 9)) else IngestRecord()


_RECORDS = st.lists(_record(), max_size=6)
_EVENTS: st.SearchStrategy[list[RecordMessage]] = st.lists(
    ordinary(Kind.EVENTS) | nearly_ordinary(Kind.EVENTS), max_size=4
)
_REQUESTS = st.one_of(
    st.builds(IngestBatchRequest, dataset_group=_GROUP, records=_RECORDS),
    st.builds(IngestRequest, sequence=st.integers(0, 2), records=_RECORDS),
    st.builds(PutEventsRequest, dataset_group=_GROUP, events=_EVENTS, ack_level=st.integers(0, 4)),
)


class _Doubting(FastPass):
    def encoded(self, *_: object) -> None:
        """Leave all to the rules."""


@pytest.fixture(scope="module")
def careful() -> Acceptance:
    """Make what judges all records by all rules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.targets.FastPass", _Doubting)
        return _acceptance()


@pytest.fixture(scope="module")
def fast() -> Acceptance:
    """Make what does as the gateway does."""
    return _acceptance()


def _acceptance() -> Acceptance:
    router = Router(_CONFIG.routes, _CONFIG.dataset_groups)
    return Acceptance(router, VALIDATOR, MemoryOutbox(), _FACTS)


@settings(deadline=None, max_examples=300)
@given(_REQUESTS)
def test_the_fast_pass_changes_nothing(
    careful: Acceptance, fast: Acceptance, request_: Any
) -> None:
    """Neither what is stored nor what is told, in which order, nor what is counted."""
    # Twice, for the first may have been new to the fast pass.
    expected = [_outcome(careful, request_) for _ in range(2)]
    assert [_outcome(fast, request_) for _ in range(2)] == expected


def _outcome(acceptance: Acceptance, request: Any) -> list[Any]:
    RULES_BROKEN.values.clear()
    try:
        if isinstance(request, PutEventsRequest):
            found = acceptance.prepare_put("web", Kind.EVENTS, request, request.events)
        else:
            found = acceptance.prepare_batch("web", request)
    except GatewayError as error:
        return [_told(error), dict(RULES_BROKEN.values)]
    return [*_shown(found), dict(RULES_BROKEN.values)]


def _shown(prepared: Prepared) -> list[Any]:
    refused = [(one.index, _told(one.error)) for one in prepared.refused]
    chunks = [*prepared.chunks], [*prepared.mirrors], [list(one) for one in prepared.indices]
    return [list(prepared.event_ids), *chunks, refused]


def _told(error: GatewayError) -> Any:
    if isinstance(error, InvalidRequest):
        return [*error.violations], error.route
    return str(error)


def test_what_is_only_counted_is_counted_each_time() -> None:
    """The fast pass learns nothing from a record that breaks a rule."""
    RULES_BROKEN.values.clear()
    time, columns = {"seconds": 1}, dict.fromkeys("abcdef", 1)
    event = Event(session_id="s", event_type="View", event_time=time, properties=columns)
    acceptance = _acceptance()
    for _ in range(3):
        acceptance.prepare_put("web", Kind.EVENTS, PutEventsRequest(events=[event]), [event])
    assert RULES_BROKEN.values == {("events", "METADATA_COLUMNS", "counted"): 3}


def test_a_doubtful_record_is_judged_among_good_ones() -> None:
    """Its violations name its place in the request."""
    good = {"session_id": "s", "event_type": "View", "event_time": {"seconds": 1}}
    events: list[Any] = [good, good | {"session_id": "x" * 257}, good, good | {"item_id": ""}]
    request = IngestBatchRequest(records=[IngestRecord(event=event) for event in events])
    prepared = _acceptance().prepare_batch("web", request)
    shown = [
        (one.index, violation.field, violation.record_index)
        for one in prepared.refused
        if isinstance(one.error, InvalidRequest)
        for violation in one.error.violations
    ]
    assert shown == [(1, "records[1].event.session_id", 1), (3, "records[3].event.item_id", 3)]
    assert prepared.indices == [[0, 2]]
