"""The control plane on a clock that is set by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import pytest

from gateway.personalize.emulator.errors import AwsError
from gateway.personalize.emulator.lifecycle import Status
from gateway.personalize.emulator.resources import EventTracker, Resource

ARN = "arn:aws:personalize:us-east-1:000000000000"
SHOP = f"{ARN}:dataset-group/shop"


class Clock(Protocol):
    now: float


class Account(Protocol):
    backend: Any

    def call(self, operation: str, **parameters: Any) -> Any: ...

    def seed(self, name: str = "shop", **schemas: Any) -> Any: ...


def error_of(account: Account, operation: str, **parameters: Any) -> tuple[str, str]:
    """Return the code and message that an operation is answered with."""
    with pytest.raises(AwsError) as caught:
        account.call(operation, **parameters)
    return caught.value.code, caught.value.message


def status_of(account: Account, operation: str, **parameters: Any) -> str:
    """Return the status in a description, or the code of the error."""
    try:
        (described,) = account.call(operation, **parameters).values()
    except AwsError as error:
        return error.code
    return str(described["status"])


def force(account: Account, arn: str, status: Status) -> None:
    """Force the state of a resource."""
    resources = account.backend.resources
    resource = resources.find(Resource, arn)
    resources.put(replace(resource, lifetime=replace(resource.lifetime, forced=status)))


@pytest.fixture
def shop(account: Account, clock: Clock) -> str:
    """Return the ARN of an ACTIVE dataset group."""
    arn: str = account.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
    clock.now += 30
    return arn


@pytest.fixture
def schema_arn(account: Account, avro: dict[str, Any]) -> str:
    """Return the ARN of a schema for items."""
    text = json.dumps(avro["items"])
    arn: str = account.call("CreateSchema", name="items", schema=text)["schemaArn"]
    return arn


def create_items(account: Account, group_arn: str, schema_arn: str, **changes: Any) -> Any:
    """Create a dataset of items."""
    parameters = {
        "name": "items",
        "schemaArn": schema_arn,
        "datasetGroupArn": group_arn,
        "datasetType": "Items",
    }
    return account.call("CreateDataset", **parameters | changes)


def test_a_dataset_group_from_creation_to_deletion(account: Account, clock: Clock) -> None:
    """A dataset group passes its states with the clock alone, and its name is free again after."""
    created = account.call("CreateDatasetGroup", name="shop", domain="ECOMMERCE")
    seen = []
    for step_s in (0, 10, 20):
        clock.now += step_s
        seen.append(status_of(account, "DescribeDatasetGroup", datasetGroupArn=SHOP))
    account.call("DeleteDatasetGroup", datasetGroupArn=SHOP)
    for step_s in (0, 30, 40):
        clock.now += step_s
        seen.append(status_of(account, "DescribeDatasetGroup", datasetGroupArn=SHOP))
    again = account.call("CreateDatasetGroup", name="shop")

    assert (created, again) == (
        {"datasetGroupArn": SHOP, "domain": "ECOMMERCE"},
        {"datasetGroupArn": SHOP},
    )
    assert seen == [
        "CREATE PENDING",
        "CREATE IN_PROGRESS",
        "ACTIVE",
        "DELETE PENDING",
        "DELETE IN_PROGRESS",
        "ResourceNotFoundException",
    ]


def test_description_of_a_dataset_group(account: Account, clock: Clock) -> None:
    """A description has the members of the model that were given."""
    keys = {"roleArn": "arn:aws:iam::0:role/r", "kmsKeyArn": "arn:aws:kms:::key/k"}
    account.call("CreateDatasetGroup", name="shop", domain="ECOMMERCE", **keys)

    assert account.call("DescribeDatasetGroup", datasetGroupArn=SHOP) == {
        "datasetGroup": {
            "name": "shop",
            "datasetGroupArn": SHOP,
            "status": "CREATE PENDING",
            "domain": "ECOMMERCE",
            "creationDateTime": clock.now,
            "lastUpdatedDateTime": clock.now,
            **keys,
        }
    }


def test_a_role_needs_a_key(account: Account) -> None:
    """A role without a KMS key is refused, as the model says."""
    assert error_of(account, "CreateDatasetGroup", name="shop", roleArn="r") == (
        "InvalidInputException",
        "roleArn is valid only together with kmsKeyArn",
    )


def test_a_schema_is_there_at_once(account: Account, schema_arn: str, avro: Any) -> None:
    """A schema has no states: it is described as it was given, and gone when it is deleted."""
    described = account.call("DescribeSchema", schemaArn=schema_arn)["schema"]
    account.call("DeleteSchema", schemaArn=schema_arn)

    assert (described["schemaArn"], json.loads(described["schema"])) == (
        f"{ARN}:schema/items",
        avro["items"],
    )
    assert error_of(account, "DescribeSchema", schemaArn=schema_arn) == (
        "ResourceNotFoundException",
        f"No resource with Arn {schema_arn}",
    )


def test_a_schema_must_be_one(account: Account) -> None:
    """What is no flat Avro record is no schema."""
    code, _ = error_of(account, "CreateSchema", name="s", schema="{}")

    assert code == "InvalidInputException"


@pytest.mark.parametrize("spelling", ["Items", "items", "ITEMS"])
def test_a_dataset(account: Account, shop: str, schema_arn: str, spelling: str) -> None:
    """The case of a dataset's type does not count; its ARN is made of group and type."""
    arn = create_items(account, shop, schema_arn, datasetType=spelling)["datasetArn"]
    described = account.call("DescribeDataset", datasetArn=arn)["dataset"]

    assert arn == f"{ARN}:dataset/shop/ITEMS"
    assert {name: described[name] for name in described if "DateTime" not in name} == {
        "name": "items",
        "datasetArn": arn,
        "datasetGroupArn": shop,
        "datasetType": "ITEMS",
        "schemaArn": schema_arn,
        "status": "CREATE PENDING",
    }


def test_action_interactions_have_a_tracking_id(account: Account, shop: str, avro: Any) -> None:
    """The dataset of action interactions is described with the tracking ID of its puts."""
    text = json.dumps(avro["action_interactions"])
    schema_arn = account.call("CreateSchema", name="ai", schema=text)["schemaArn"]
    created = create_items(account, shop, schema_arn, datasetType="Action_Interactions")
    described = account.call("DescribeDataset", datasetArn=created["datasetArn"])["dataset"]

    assert described["datasetArn"] == f"{ARN}:dataset/shop/ACTION_INTERACTIONS"
    assert len(described["trackingId"]) == 36


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"datasetType": "Purchases"}, "InvalidInputException"),
        ({"datasetType": "Users"}, "InvalidInputException"),
        ({"schemaArn": f"{ARN}:schema/none"}, "ResourceNotFoundException"),
        ({"datasetGroupArn": f"{ARN}:dataset-group/none"}, "ResourceNotFoundException"),
        ({"datasetGroupArn": f"{ARN}:schema/items"}, "ResourceNotFoundException"),
    ],
)
def test_what_is_no_dataset(
    account: Account, shop: str, schema_arn: str, changes: dict[str, str], code: str
) -> None:
    """A type that does not exist, a schema of another type and unknown ARNs are refused."""
    with pytest.raises(AwsError) as caught:
        create_items(account, shop, schema_arn, **changes)

    assert caught.value.code == code


def test_one_dataset_of_each_type(account: Account, shop: str, schema_arn: str) -> None:
    """A second dataset of a type is refused by the ARN that it would have."""
    arn = create_items(account, shop, schema_arn)["datasetArn"]

    with pytest.raises(AwsError) as caught:
        create_items(account, shop, schema_arn, name="others")

    assert (caught.value.code, caught.value.message) == (
        "ResourceAlreadyExistsException",
        f"Another resource with Arn {arn} already exists.",
    )


def test_a_group_that_is_not_active_takes_nothing(account: Account, schema_arn: str) -> None:
    """Datasets and trackers have to wait until their group is ACTIVE."""
    account.call("CreateDatasetGroup", name="shop")
    with pytest.raises(AwsError) as caught:
        create_items(account, SHOP, schema_arn)

    assert caught.value.code == "ResourceInUseException"
    assert error_of(account, "CreateEventTracker", name="t", datasetGroupArn=SHOP) == (
        "ResourceInUseException",
        f"{SHOP} is not ACTIVE",
    )


def test_an_event_tracker(account: Account, shop: str, clock: Clock) -> None:
    """A tracker is described with its account and tracking ID."""
    created = account.call("CreateEventTracker", name="clicks", datasetGroupArn=shop)

    assert account.call("DescribeEventTracker", eventTrackerArn=created["eventTrackerArn"]) == {
        "eventTracker": {
            "name": "clicks",
            "eventTrackerArn": created["eventTrackerArn"],
            "accountId": "000000000000",
            "trackingId": created["trackingId"],
            "datasetGroupArn": shop,
            "status": "CREATE PENDING",
            "creationDateTime": clock.now,
            "lastUpdatedDateTime": clock.now,
        }
    }


def test_one_event_tracker_for_a_group(account: Account, shop: str, clock: Clock) -> None:
    """A second tracker is refused until the first is gone; it then has another tracking ID."""
    first = account.call("CreateEventTracker", name="clicks", datasetGroupArn=shop)
    clock.now += 30
    codes = [error_of(account, "CreateEventTracker", name="t", datasetGroupArn=shop)[0]]
    account.call("DeleteEventTracker", eventTrackerArn=first["eventTrackerArn"])
    codes.append(error_of(account, "CreateEventTracker", name="t", datasetGroupArn=shop)[0])
    clock.now += 70
    second = account.call("CreateEventTracker", name="clicks", datasetGroupArn=shop)
    resources = account.backend.resources

    assert codes == ["ResourceAlreadyExistsException"] * 2
    assert first["trackingId"] != second["trackingId"]
    assert resources.by_tracking_id(EventTracker, first["trackingId"]) is None
    assert resources.by_tracking_id(EventTracker, second["trackingId"]) is not None


@pytest.mark.parametrize("operation", ["Describe", "Delete"])
@pytest.mark.parametrize("noun", ["DatasetGroup", "Schema", "Dataset", "EventTracker"])
def test_what_does_not_exist(account: Account, operation: str, noun: str) -> None:
    """Describing and deleting what is not there is answered ResourceNotFoundException."""
    member = f"{noun[0].lower()}{noun[1:]}Arn"

    code, _ = error_of(account, operation + noun, **{member: f"{ARN}:schema/none"})

    assert code == "ResourceNotFoundException"


def test_an_arn_of_another_type(account: Account, shop: str) -> None:
    """An ARN that is there, but of another type of resource, is not found."""
    code, _ = error_of(account, "DescribeSchema", schemaArn=shop)

    assert code == "ResourceNotFoundException"


def test_deletion_waits_for_what_depends_on_it(account: Account, clock: Clock) -> None:
    """A group goes after its datasets and tracker, a schema after its datasets."""
    outline = account.seed()
    items = outline.dataset_arns["ITEMS"]
    schema_arn = account.call("DescribeDataset", datasetArn=items)["dataset"]["schemaArn"]
    (tracker,) = account.call("ListEventTrackers", datasetGroupArn=outline.arn)["eventTrackers"]
    codes = [
        error_of(account, "DeleteDatasetGroup", datasetGroupArn=outline.arn)[0],
        error_of(account, "DeleteSchema", schemaArn=schema_arn)[0],
    ]
    for arn in outline.dataset_arns.values():
        account.call("DeleteDataset", datasetArn=arn)
    account.call("DeleteEventTracker", eventTrackerArn=tracker["eventTrackerArn"])
    codes.append(error_of(account, "DeleteSchema", schemaArn=schema_arn)[0])
    clock.now += 70
    account.call("DeleteSchema", schemaArn=schema_arn)
    account.call("DeleteDatasetGroup", datasetGroupArn=outline.arn)

    assert codes == ["ResourceInUseException"] * 3


def test_the_dataset_stays_when_its_tracker_goes(account: Account, clock: Clock) -> None:
    """Deleting an event tracker leaves the dataset of interactions."""
    outline = account.seed()
    (tracker,) = account.call("ListEventTrackers")["eventTrackers"]
    account.call("DeleteEventTracker", eventTrackerArn=tracker["eventTrackerArn"])
    clock.now += 70

    assert account.call("ListEventTrackers") == {"eventTrackers": []}
    assert (
        status_of(account, "DescribeDataset", datasetArn=outline.dataset_arns["INTERACTIONS"])
        == "ACTIVE"
    )


def test_only_what_is_stable_is_deleted(account: Account, clock: Clock) -> None:
    """What is being created or deleted cannot be deleted; what failed can."""
    account.call("CreateDatasetGroup", name="shop")
    codes = [error_of(account, "DeleteDatasetGroup", datasetGroupArn=SHOP)[0]]
    force(account, SHOP, Status.CREATE_FAILED)
    account.call("DeleteDatasetGroup", datasetGroupArn=SHOP)
    codes.append(error_of(account, "DeleteDatasetGroup", datasetGroupArn=SHOP)[0])
    clock.now += 70

    assert codes == ["ResourceInUseException"] * 2
    assert account.call("ListDatasetGroups") == {"datasetGroups": []}


def test_lists_by_pages(account: Account, clock: Clock) -> None:
    """Pages follow one another without a gap, also where something is deleted between them."""
    for number in range(5):
        account.call("CreateDatasetGroup", name=f"group-{number}")
        clock.now += 30
    first = account.call("ListDatasetGroups", maxResults=2)
    account.call("DeleteDatasetGroup", datasetGroupArn=f"{ARN}:dataset-group/group-1")
    clock.now += 70
    second = account.call("ListDatasetGroups", maxResults=2, nextToken=first["nextToken"])
    third = account.call("ListDatasetGroups", maxResults=2, nextToken=second["nextToken"])

    names = [[g["name"] for g in page["datasetGroups"]] for page in (first, second, third)]
    assert names == [["group-0", "group-1"], ["group-2", "group-3"], ["group-4"]]
    assert "nextToken" not in third


def test_a_full_last_page_has_no_token(account: Account) -> None:
    """A page that ends with the last resource names no next one."""
    account.call("CreateDatasetGroup", name="shop")

    assert "nextToken" not in account.call("ListDatasetGroups", maxResults=1)


@pytest.mark.parametrize("token", ["", "x", "é", "W10=", "MQ==", "e30=", "WyJhIiwgImIiXQ=="])
def test_a_token_of_somebody_else(account: Account, token: str) -> None:
    """A token that was not given out is refused."""
    code, _ = error_of(account, "ListSchemas", nextToken=token)

    assert code == "InvalidNextTokenException"


def test_lists_of_a_group(account: Account) -> None:
    """Datasets and trackers are listed for one group, or for all."""
    shop = account.seed("shop")
    account.seed("other")

    def count(operation: str, member: str, **parameters: str) -> int:
        return len(account.call(operation, **parameters)[member])

    assert [
        count("ListDatasets", "datasets"),
        count("ListDatasets", "datasets", datasetGroupArn=shop.arn),
        count("ListEventTrackers", "eventTrackers"),
        count("ListEventTrackers", "eventTrackers", datasetGroupArn=shop.arn),
        count("ListEventTrackers", "eventTrackers", datasetGroupArn=SHOP + "-none"),
        count("ListSchemas", "schemas"),
        count("ListDatasetGroups", "datasetGroups"),
    ] == [10, 5, 2, 1, 0, 10, 2]


def test_too_many_tags(account: Account) -> None:
    """Fifty tags are the most."""
    tags = [{"tagKey": str(number), "tagValue": ""} for number in range(51)]
    code, _ = error_of(account, "CreateDatasetGroup", name="shop", tags=tags)
    account.call("CreateDatasetGroup", name="shop", tags=tags[:50])

    assert code == "TooManyTagsException"


def test_too_many_resources(account_of: Callable[..., Account]) -> None:
    """One resource more than the account may have is refused; of another type it is not."""
    account = account_of(resource_limit=2)
    for name in ("a", "b"):
        account.call("CreateDatasetGroup", name=name)

    assert error_of(account, "CreateDatasetGroup", name="c")[0] == "LimitExceededException"
    assert error_of(account, "CreateDatasetGroup", name="a")[0] == "ResourceAlreadyExistsException"
