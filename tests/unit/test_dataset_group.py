"""What is known of a dataset group."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from gateway.dataset_group import UNKNOWN, DatasetGroupFacts
from gateway.records import Kind
from tests.support.any_facts import any_facts
from tests.support.discovery import ACTS, ARN, GROUP_ARN, ITEMS, SHOP, TRACKER

NOTHING = DatasetGroupFacts("shop", GROUP_ARN)


def test_each_kind_has_a_target_and_its_status() -> None:
    """The tracking ID of the tracker, that of the dataset of action interactions, or an ARN."""
    status = {Kind.ACTION_INTERACTIONS: "CREATE PENDING"}
    acts = replace(ACTS, status=status[Kind.ACTION_INTERACTIONS])
    shop = replace(SHOP, datasets={**SHOP.datasets, Kind.ACTION_INTERACTIONS: acts})
    assert {kind: (shop.target(kind), shop.status(kind)) for kind in Kind} == {
        Kind.EVENTS: ("track-1", "ACTIVE"),
        Kind.ACTION_INTERACTIONS: ("act-1", "CREATE PENDING"),
        Kind.ITEMS: (f"{ARN}dataset/shop/ITEMS", "ACTIVE"),
        Kind.USERS: (None, UNKNOWN),
        Kind.ACTIONS: (None, UNKNOWN),
    }


def test_events_need_a_tracker_and_not_only_a_dataset() -> None:
    """An Interactions dataset has no tracking ID."""
    shop = replace(SHOP, tracker=None, datasets={Kind.EVENTS: ITEMS})
    assert (shop.takes(Kind.EVENTS), shop.schema(Kind.EVENTS)) == (False, ITEMS.schema)


@pytest.mark.parametrize(("refreshed_at_s", "unknown"), [(None, None), (1.0, False)])
def test_what_is_not_known_is_not_denied(
    refreshed_at_s: float | None, *, unknown: bool | None
) -> None:
    """Before AWS has told anything, a dataset group may take all."""
    shop = replace(NOTHING, datasets={Kind.ITEMS: ITEMS}, refreshed_at_s=refreshed_at_s)
    expected = dict.fromkeys(Kind, unknown) | {Kind.ITEMS: True}
    assert {kind: shop.takes(kind) for kind in Kind} == expected


def test_what_is_withheld_may_be_there() -> None:
    """A tracker and the datasets are asked for apart."""
    shop = replace(NOTHING, refreshed_at_s=1.0)
    without_tracker = replace(shop, tracker_withheld=True)
    without_datasets = replace(shop, datasets_withheld=True)
    assert {kind: without_tracker.takes(kind) for kind in Kind} == {
        kind: None if kind is Kind.EVENTS else False for kind in Kind
    }
    assert {kind: without_datasets.takes(kind) for kind in Kind} == {
        kind: False if kind is Kind.EVENTS else None for kind in Kind
    }


@pytest.mark.parametrize(
    ("tracker", "items", "passing"),
    [
        ("ACTIVE", "ACTIVE", False),
        ("CREATE PENDING", "ACTIVE", True),
        ("ACTIVE", "CREATE IN_PROGRESS", True),
        ("DELETE PENDING", "ACTIVE", True),
        ("CREATE FAILED", "ACTIVE", False),
    ],
)
def test_a_state_that_ends_by_itself_is_passing(tracker: str, items: str, *, passing: bool) -> None:
    """Of the tracker, or of a dataset."""
    shop = replace(
        SHOP,
        tracker=replace(TRACKER, status=tracker),
        datasets={Kind.ITEMS: replace(ITEMS, status=items)},
    )
    assert shop.is_passing is passing


@given(any_facts)
def test_the_document_of_facts_restores_them(shop: DatasetGroupFacts) -> None:
    """Through JSON, with the time, and with the schema read again."""
    restored = DatasetGroupFacts.restore(json.loads(json.dumps(shop.document())))
    assert (restored, restored.refreshed_at_s) == (shop, shop.refreshed_at_s)


def test_a_restored_schema_is_read() -> None:
    """It is kept as AWS has it."""
    restored = DatasetGroupFacts.restore(SHOP.document())
    assert restored.schema(Kind.ITEMS) == ITEMS.schema
    assert ITEMS.schema is not None


@pytest.mark.parametrize(
    "damage",
    [
        {"name": 1},
        {"tracker": {"name": "x"}},
        {"tracker": []},
        {"datasets": None},
        {"datasets": {"clicks": {}}},
        {"datasets": {"items": {"arn": None}}},
        {"refreshed_at_s": "now"},
    ],
)
def test_what_is_no_document_of_facts_is_refused(damage: dict[str, Any]) -> None:
    """A file may hold anything."""
    with pytest.raises(ValueError, match=r"."):
        DatasetGroupFacts.restore(SHOP.document() | damage)
