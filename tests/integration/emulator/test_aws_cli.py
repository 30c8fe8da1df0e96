"""The AWS CLI, unmodified, through every operation of the emulator."""

import json
from collections.abc import Callable
from typing import Any

from gateway.personalize.emulator import Emulator

ARN = "arn:aws:personalize:us-east-1:000000000000"


async def test_every_operation(
    emulator: Emulator, aws: Callable[..., Any], avro: dict[str, Any]
) -> None:
    """The CLI makes a dataset group, puts records of each kind into it and takes it down again."""

    async def ok(*arguments: str) -> Any:
        status, answer, errors = await aws(*arguments)
        assert (status, errors) == (0, "")
        return answer

    group = ["--dataset-group-arn", f"{ARN}:dataset-group/cli"]
    assert await ok("personalize", "create-dataset-group", "--name", "cli") == {
        "datasetGroupArn": f"{ARN}:dataset-group/cli"
    }
    described = await ok("personalize", "describe-dataset-group", *group)
    assert described["datasetGroup"]["status"] == "ACTIVE"

    text = json.dumps(avro["items"])
    schema_arn = f"{ARN}:schema/cli-items"
    assert await ok("personalize", "create-schema", "--name", "cli-items", "--schema", text) == {
        "schemaArn": schema_arn
    }
    described = await ok("personalize", "describe-schema", "--schema-arn", schema_arn)
    assert json.loads(described["schema"]["schema"]) == avro["items"]
    listed = await ok("personalize", "list-schemas", "--query", "schemas[].name")
    assert set(listed) == {f"shop-{name}" for name in avro} | {"cli-items"}

    dataset_arn = f"{ARN}:dataset/cli/ITEMS"
    dataset = ["--name", "items", "--dataset-type", "Items", "--schema-arn", schema_arn, *group]
    assert await ok("personalize", "create-dataset", *dataset) == {"datasetArn": dataset_arn}
    described = await ok("personalize", "describe-dataset", "--dataset-arn", dataset_arn)
    assert described["dataset"]["schemaArn"] == schema_arn
    listed = await ok("personalize", "list-datasets", *group)
    assert [one["datasetType"] for one in listed["datasets"]] == ["ITEMS"]

    tracker = await ok("personalize", "create-event-tracker", "--name", "clicks", *group)
    tracker_arn = ["--event-tracker-arn", tracker["eventTrackerArn"]]
    described = await ok("personalize", "describe-event-tracker", *tracker_arn)
    assert described["eventTracker"]["trackingId"] == tracker["trackingId"]
    listed = await ok("personalize", "list-event-trackers", *group)
    assert [one["status"] for one in listed["eventTrackers"]] == ["ACTIVE"]

    await _put_each_kind(emulator, ok, tracker["trackingId"], dataset_arn)

    await ok("personalize", "delete-event-tracker", *tracker_arn)
    await ok("personalize", "delete-dataset", "--dataset-arn", dataset_arn)
    await ok("personalize", "delete-schema", "--schema-arn", schema_arn)
    await ok("personalize", "delete-dataset-group", *group)
    # The CLI reads page after page by itself.
    listed = await ok("personalize", "list-dataset-groups", "--page-size", "1")
    assert [one["name"] for one in listed["datasetGroups"]] == ["shop"]


async def _put_each_kind(
    emulator: Emulator, ok: Callable[..., Any], tracking_id: str, items_arn: str
) -> None:
    shop = emulator.dataset_group("shop")
    event = {"eventType": "View", "itemId": "i", "sentAt": 2, "properties": '{"a": "é"}'}
    action = {"actionId": "a", "sessionId": "s", "timestamp": 2, "eventType": "Taken"}
    item = {"itemId": "i", "properties": '{"price": 1}'}
    user = {"userId": "u", "properties": '{"age": 1}'}
    offer = {"actionId": "a", "properties": '{"value": 1}'}
    puts: list[tuple[list[str], str, dict[str, Any]]] = [
        (
            ["put-events", "--tracking-id", tracking_id, "--session-id", "s", "--event-list"],
            "events",
            event,
        ),
        (
            [
                "put-action-interactions",
                *("--tracking-id", str(shop.action_tracking_id), "--action-interactions"),
            ],
            "action_interactions",
            action,
        ),
        (["put-items", "--dataset-arn", items_arn, "--items"], "items", item),
        (["put-users", "--dataset-arn", shop.dataset_arns["USERS"], "--users"], "users", user),
        (
            ["put-actions", "--dataset-arn", shop.dataset_arns["ACTIONS"], "--actions"],
            "actions",
            offer,
        ),
    ]
    for arguments, kind, record in puts:
        assert await ok("personalize-events", *arguments, json.dumps([record])) is None
        assert [found.parsed() for found in emulator.records(kind)] == [record]


async def test_errors(aws: Callable[..., Any]) -> None:
    """The CLI reads the code and message of the errors of both protocols."""
    event = '[{"eventType": "View", "sentAt": 1}]'
    unknown = ["--event-tracker-arn", f"{ARN}:event-tracker/none"]
    tracking = ["--tracking-id", "none", "--session-id", "s", "--event-list", event]

    answers = [
        await aws("personalize", "describe-event-tracker", *unknown),
        await aws("personalize-events", "put-events", *tracking),
    ]

    not_found = (
        "An error occurred (ResourceNotFoundException) when calling the DescribeEventTracker"
        f" operation: No resource with Arn {ARN}:event-tracker/none"
    )
    refused = (
        "An error occurred (InvalidInputException) when calling the PutEvents operation:"
        " The tracking ID is not that of an ACTIVE event tracker"
    )
    assert [error for _, _, error in answers] == [not_found, refused]
    assert all(status for status, _, _ in answers)
