"""What is configured by hand beside what AWS tells."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.dataset_group import UNKNOWN, DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.discovery.merging import Disagreement, merged
from gateway.records import Kind
from tests.support.any_facts import any_facts
from tests.support.discovery import GROUP_ARN, ITEMS, SHOP

NOTHING = DatasetGroupFacts("shop", GROUP_ARN)
BY_HAND = TrackerFacts("", "", "by-hand", UNKNOWN)


def test_what_is_configured_wins() -> None:
    """AWS's word is kept where both name the same; where they differ, nothing of it is."""
    stated = replace(
        NOTHING,
        tracker=BY_HAND,
        datasets={
            Kind.ITEMS: DatasetFacts(ITEMS.arn),
            Kind.USERS: DatasetFacts("users"),
            Kind.ACTION_INTERACTIONS: DatasetFacts(tracking_id="by-hand"),
        },
    )
    found, disagreements = merged(stated, SHOP)
    assert found == replace(stated, datasets={**stated.datasets, Kind.ITEMS: ITEMS})
    assert found.refreshed_at_s == 1000.0
    assert disagreements == (
        Disagreement("tracking_id", "by-hand", "track-1"),
        Disagreement("action_interactions_tracking_id", "by-hand", "act-1"),
        Disagreement("datasets.users", "users", ""),
    )


def test_without_discovery_there_is_what_is_configured() -> None:
    """And nothing to disagree with."""
    stated = replace(NOTHING, tracker=BY_HAND)
    assert merged(stated, None) == (stated, ())


@given(any_facts, st.none() | any_facts)
def test_merging_loses_nothing(stated: DatasetGroupFacts, told: DatasetGroupFacts | None) -> None:
    """Each kind goes where it is stated, else where AWS tells; the rest is what AWS tells."""
    found, disagreements = merged(stated, told)
    told = told or stated
    for kind in Kind:
        named, discovered = stated.target(kind), told.target(kind)
        assert found.target(kind) == (discovered if named is None else named)
    assert [d.configured for d in disagreements] == [
        stated.target(kind)
        for kind in Kind
        if stated.target(kind) not in (None, told.target(kind)) and told.takes(kind) is not None
    ]
    assert found.name == stated.name
