"""When batches must not be sent. What calls look like is tested with the engine."""

from dataclasses import replace

import pytest

from gateway.dataset_group import UNKNOWN
from gateway.delivery.destination import NOWHERE, Destination
from gateway.delivery.pending import Pending
from gateway.errors import LaneBlocked
from gateway.records import Kind
from tests.support.discovery import ENDPOINT, ITEMS, SHOP, TRACKER
from tests.unit.delivery.conftest import MakePending


def _answer(destination: Destination, kind: Kind, pending: Pending) -> str:
    """Return the code for which a call of the kind may not be made; else whose call it is."""
    try:
        return destination.call(kind, [pending]).operation.name
    except LaneBlocked as error:
        return error.code


@pytest.mark.parametrize(
    ("status", "events", "items"),
    [
        ("ACTIVE", "PUT_EVENTS", "PUT_ITEMS"),
        (UNKNOWN, "PUT_EVENTS", "PUT_ITEMS"),
        ("CREATE PENDING", "TrackerNotActive", "DatasetNotActive"),
        ("CREATE FAILED", "TrackerNotActive", "DatasetNotActive"),
        ("DELETE IN_PROGRESS", "TrackerNotActive", "DatasetNotActive"),
        ("SOMETHING NEW", "TrackerNotActive", "DatasetNotActive"),
    ],
)
def test_only_what_is_active_is_sent_to(
    pending: MakePending, status: str, events: str, items: str
) -> None:
    """Or what is configured by hand, of which nobody knows."""
    shop = replace(
        SHOP,
        tracker=replace(TRACKER, status=status),
        datasets={Kind.ITEMS: replace(ITEMS, status=status)},
    )
    destination = Destination(ENDPOINT, shop)
    record = pending("a", session="s")
    answers = [_answer(destination, kind, record) for kind in (Kind.EVENTS, Kind.ITEMS, Kind.USERS)]
    assert answers == [events, items, "NotConfigured"]


@pytest.mark.parametrize("kind", Kind)
def test_nowhere_takes_nothing(pending: MakePending, kind: Kind) -> None:
    """The records of a dataset group that is no longer configured stay."""
    assert _answer(NOWHERE, kind, pending("a")) == "NotConfigured"
