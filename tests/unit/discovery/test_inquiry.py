"""From the ARN of a dataset group to all that is known of it."""

from dataclasses import replace

import pytest
import structlog

from gateway.dataset_group import DatasetGroupFacts
from gateway.discovery.inquiry import Inquiry
from gateway.errors import (
    AccessDenied,
    ControlPlaneError,
    ControlPlaneUnavailable,
    ResourceNotFound,
)
from gateway.records import Kind
from tests.support.discovery import (
    ARN,
    ENDPOINT,
    ITEMS,
    ITEMS_AVRO,
    SHOP,
    SOURCE,
    TRACKER,
    FailingOnce,
    FakeControlPlane,
    dataset,
    tracker,
)

THROTTLED = ControlPlaneUnavailable("X", "ThrottlingException")
DENIED = AccessDenied("X", "AccessDeniedException")


async def test_everything_follows_from_the_arn() -> None:
    """As the role, in the region and at the endpoint of the source."""
    plane = FakeControlPlane()
    found = await Inquiry(plane, SOURCE).ask(1000.0)
    assert (found, found.refreshed_at_s) == (SHOP, 1000.0)
    assert found.schema(Kind.ITEMS) == ITEMS.schema
    assert plane.endpoints == {ENDPOINT}


async def test_lists_are_read_to_their_end() -> None:
    """Page by page."""
    plane = FakeControlPlane(trackers=[tracker(1, "DELETE PENDING"), tracker(2)])
    found = await Inquiry(plane, SOURCE, page_size=1).ask(0.0)
    second = replace(TRACKER, arn=f"{ARN}event-tracker/2", tracking_id="track-2")
    assert found == replace(SHOP, tracker=second)
    assert (plane.calls["ListEventTrackers"], plane.calls["ListDatasets"]) == (2, 2)


async def test_a_list_without_an_end_is_given_up() -> None:
    """Whoever answers so is no Personalize."""

    class _Endless(FakeControlPlane):
        async def perform(self, *_: object, **__: object) -> dict[str, object]:
            return {"eventTrackers": [], "nextToken": "again"}

    with pytest.raises(ControlPlaneUnavailable, match="EndlessList"):
        await Inquiry(_Endless(), SOURCE).ask(0.0)


@pytest.mark.parametrize(
    ("statuses", "chosen"),
    [
        ([], None),
        (["CREATE FAILED"], 0),
        (["ACTIVE", "CREATE PENDING"], 0),
        (["CREATE PENDING", "ACTIVE"], 1),
        (["DELETE IN_PROGRESS", "CREATE PENDING"], 1),
        (["CREATE PENDING", "DELETE IN_PROGRESS"], 0),
        (["DELETE PENDING", "DELETE PENDING"], 1),
    ],
)
async def test_of_several_trackers_the_one_that_is_of_use(
    statuses: list[str], chosen: int | None
) -> None:
    """While one is being deleted the next may be there already."""
    plane = FakeControlPlane(trackers=[tracker(n, status) for n, status in enumerate(statuses)])
    found = (await Inquiry(plane, SOURCE).ask(0.0)).tracker
    assert (found and found.tracking_id) == (None if chosen is None else f"track-{chosen}")


async def test_what_has_not_changed_is_not_described_again() -> None:
    """Two lists are all that is asked; after that, only what they show to be different."""
    plane = FakeControlPlane()
    inquiry = Inquiry(plane, SOURCE)
    await inquiry.ask(0.0)
    plane.calls.clear()
    assert await inquiry.ask(1.0) == SHOP
    assert plane.calls == {"ListEventTrackers": 1, "ListDatasets": 1}

    plane.trackers[0]["status"] = "DELETE PENDING"
    plane.datasets[0]["lastUpdatedDateTime"] = 1
    plane.schemas[ITEMS.schema_arn] = ITEMS_AVRO.replace("PRICE", "COST")
    plane.calls.clear()
    changed = await inquiry.ask(2.0)
    assert plane.calls == {
        "ListEventTrackers": 1,
        "DescribeEventTracker": 1,
        "ListDatasets": 1,
        "DescribeDataset": 1,
        "DescribeSchema": 1,
    }
    assert changed.tracker == replace(TRACKER, status="DELETE PENDING")
    assert "COST" in changed.datasets[Kind.ITEMS].schema_json


async def test_all_is_asked_again_after_a_stumble() -> None:
    """Whoever forgets does not believe what the lists show."""
    plane = FakeControlPlane()
    inquiry = Inquiry(plane, SOURCE)
    await inquiry.ask(0.0)
    plane.schemas[ITEMS.schema_arn] = ITEMS_AVRO.replace("PRICE", "COST")
    inquiry.forget()
    assert "COST" in (await inquiry.ask(0.0)).datasets[Kind.ITEMS].schema_json


@pytest.mark.parametrize(
    "operation",
    [
        "DescribeDatasetGroup",
        "ListEventTrackers",
        "DescribeEventTracker",
        "ListDatasets",
        "DescribeDataset",
        "DescribeSchema",
    ],
)
async def test_throttling_only_delays(operation: str) -> None:
    """What was learnt before is not asked again."""
    plane = FakeControlPlane(failures=FailingOnce({operation: THROTTLED}))
    inquiry = Inquiry(plane, SOURCE)
    with pytest.raises(ControlPlaneUnavailable):
        await inquiry.ask(0.0)
    assert await inquiry.ask(0.0) == SHOP
    assert plane.calls["DescribeDatasetGroup"] == 1 + (operation == "DescribeDatasetGroup")
    assert plane.calls["DescribeEventTracker"] == 1 + (operation == "DescribeEventTracker")


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("DescribeDatasetGroup", ResourceNotFound("X", "ResourceNotFoundException")),
        ("DescribeDatasetGroup", DENIED),
        ("ListDatasets", ResourceNotFound("X", "ResourceNotFoundException")),
    ],
)
async def test_what_aws_does_not_tell_is_an_error(operation: str, error: ControlPlaneError) -> None:
    """An empty list would say that the dataset group takes nothing."""
    with pytest.raises(type(error)):
        await Inquiry(FakeControlPlane(failures={operation: error}), SOURCE).ask(0.0)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("ListEventTrackers", replace(SHOP, tracker=None, tracker_withheld=True)),
        ("DescribeEventTracker", replace(SHOP, tracker=None, tracker_withheld=True)),
        ("ListDatasets", replace(SHOP, datasets={}, datasets_withheld=True)),
        ("DescribeDataset", replace(SHOP, datasets={}, datasets_withheld=True)),
    ],
)
async def test_where_aws_withholds_one_half_the_other_is_used(
    operation: str, expected: DatasetGroupFacts
) -> None:
    """What is withheld may be there. It is said once, and is over when AWS lets the gateway ask."""
    plane = FakeControlPlane(failures={operation: AccessDenied(operation, "Denied")})
    inquiry = Inquiry(plane, SOURCE)
    with structlog.testing.capture_logs() as said:
        found = [await inquiry.ask(0.0) for _ in range(2)]
    assert (found, [(line["operation"], line["why"]) for line in said]) == (
        [expected, expected],
        [(operation, "Denied")],
    )
    plane.failures.clear()
    assert await inquiry.ask(0.0) == SHOP


async def test_where_aws_withholds_both_halves_nothing_is_told() -> None:
    """Facts of which nothing is known would only take the place of older ones."""
    plane = FakeControlPlane(failures=dict.fromkeys(("ListEventTrackers", "ListDatasets"), DENIED))
    with pytest.raises(AccessDenied):
        await Inquiry(plane, SOURCE).ask(0.0)


async def test_what_is_deleted_between_two_questions_is_not_there() -> None:
    """The list still had it."""
    gone = dataset("Items", schemaArn=f"{ARN}schema/items", gone=True)
    plane = FakeControlPlane(
        trackers=[tracker() | {"gone": True}], datasets=[gone, dataset("Users")]
    )
    found = await Inquiry(plane, SOURCE).ask(0.0)
    assert (found.tracker, set(found.datasets)) == (None, {Kind.USERS})


async def test_a_dataset_of_a_type_that_nobody_knows_is_passed_over() -> None:
    """Personalize may have new ones."""
    plane = FakeControlPlane(datasets=[dataset("Wishes"), dataset("ITEMS")])
    found = await Inquiry(plane, SOURCE).ask(0.0)
    assert set(found.datasets) == {Kind.ITEMS}


@pytest.mark.parametrize(
    ("failures", "schema", "why"),
    [
        ({"DescribeSchema": DENIED}, ITEMS_AVRO, "AccessDeniedException"),
        ({}, "no Avro", "SchemaUnreadable"),
    ],
)
async def test_without_its_schema_a_dataset_is_still_sent_to(
    failures: dict[str, Exception], schema: str, why: str
) -> None:
    """It is said once, and not each time that AWS is asked."""
    plane = FakeControlPlane(failures=failures, schemas={ITEMS.schema_arn: schema})
    inquiry = Inquiry(plane, SOURCE)
    with structlog.testing.capture_logs() as said:
        found = [await inquiry.ask(0.0), await inquiry.ask(0.0)]
    assert [(f.takes(Kind.ITEMS), f.schema(Kind.ITEMS)) for f in found] == [(True, None)] * 2
    assert [(line["log_level"], line["schema"], line["why"]) for line in said] == [
        ("warning", ITEMS.schema_arn, why)
    ]


async def test_a_schema_that_was_withheld_is_asked_for_again() -> None:
    """The IAM policy may have been mended."""
    plane = FakeControlPlane(failures=FailingOnce({"DescribeSchema": DENIED}))
    inquiry = Inquiry(plane, SOURCE)
    await inquiry.ask(0.0)
    assert (await inquiry.ask(0.0)).schema(Kind.ITEMS) == ITEMS.schema
