import pytest

from gateway.dataset_group import DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.records import Kind
from gateway.targets import EventsNotTaken, KindNotAvailable, Target, Targets
from tests.support.schemas import schema

ITEMS = schema("ITEM_ID", "PRICE")


def facts(
    *, status: str = "ACTIVE", refreshed_at_s: float | None = 1.0, with_tracker: bool = True
) -> DatasetGroupFacts:
    """Return what is known of a dataset group with items."""
    items = DatasetFacts("arn:items", "ACTIVE", schema=schema("ITEM_ID", "PRICE"))
    tracker = TrackerFacts("t", "arn:t", "tracking-id", status) if with_tracker else None
    return DatasetGroupFacts("shop", "arn:shop", tracker, {Kind.ITEMS: items}, refreshed_at_s)


def test_where_nothing_is_known_everything_is_taken() -> None:
    """No dataset group, and no answer of AWS yet."""
    unknown = [
        Targets({}).target("shop", Kind.EVENTS),
        Targets({"shop": facts(refreshed_at_s=None, with_tracker=False)}).target(
            "shop", Kind.EVENTS
        ),
        Targets({"shop": facts()}).target("outlet", Kind.ITEMS),
    ]
    assert unknown == [Target()] * 3
    assert Target().schema is None


def test_what_aws_does_not_have_does_not_exist() -> None:
    """Each kind by itself."""
    targets = Targets({"shop": facts(with_tracker=False)})
    exists = {kind: targets.target("shop", kind).exists for kind in Kind}
    assert exists == {kind: kind is Kind.ITEMS for kind in Kind}


@pytest.mark.parametrize(
    ("status", "is_active"),
    [("ACTIVE", True), ("", True), ("CREATE PENDING", False), ("DELETE IN_PROGRESS", False)],
)
def test_a_tracker_takes_events_while_it_is_active(status: str, is_active: bool) -> None:  # noqa: FBT001 - a case
    """Of one that was configured and not discovered nobody knows better; items need none."""
    targets = Targets({"shop": facts(status=status)})
    assert targets.target("shop", Kind.EVENTS) == Target(is_active=is_active)
    assert targets.target("shop", Kind.ITEMS).is_active


def test_equal_schemas_are_the_same_object() -> None:
    """So records are encoded once for all the dataset groups that share one."""
    targets = Targets({"shop": facts(), "next": facts()})
    found = [targets.target(group, Kind.ITEMS).schema for group in ("shop", "next")]
    assert found == [ITEMS, ITEMS]
    assert found[0] is found[1]


def test_errors_say_what_to_do() -> None:
    """A caller knows nothing of AWS, but its operator does."""
    assert [
        *map(str, (KindNotAvailable("shop", Kind.EVENTS), KindNotAvailable("shop", Kind.ACTIONS))),
        str(EventsNotTaken("shop")),
    ] == [
        "dataset group 'shop' has no event tracker in Personalize: create it, or send elsewhere",
        (
            "dataset group 'shop' has no dataset for actions in Personalize: create it, or send"
            " elsewhere"
        ),
        (
            "the event tracker of dataset group 'shop' is not ACTIVE, and the route refuses events"
            " until it is: send them later"
        ),
    ]
