"""Boto3, unmodified, through every operation of the emulator."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gateway.personalize.emulator import Answer, Delays, Emulator, Fault, Status

ARN = "arn:aws:personalize:us-east-1:000000000000"


def error_of(call: Callable[..., Any], **parameters: Any) -> tuple[str, int, str]:
    """Return the code, the HTTP status and the name of the exception of a call."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], status, type(caught.value).__name__


async def test_control_plane(
    emulator_of: Callable[..., Any], boto3_of: Callable[..., Any], avro: Any, clock: Any
) -> None:
    """A dataset group is built up and taken down, through all states that AWS documents."""
    clock.stop()  # Or a state would pass by itself.
    emulator: Emulator = await emulator_of(delays=Delays(10, 10, 10, 10))
    client = boto3_of("personalize", emulator.url)

    def states(describe: Callable[..., Any], member: str, **arn: str) -> list[str]:
        """Return the states that a resource passes from now on."""
        seen = []
        for _ in range(3):
            try:
                seen.append(describe(**arn)[member]["status"])
            except client.exceptions.ResourceNotFoundException:
                seen.append("gone")
            clock.offset_s += 10
        return seen

    created = ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
    deleted = ["DELETE PENDING", "DELETE IN_PROGRESS", "gone"]

    def build_up_and_take_down() -> None:
        group = {"datasetGroupArn": client.create_dataset_group(name="g")["datasetGroupArn"]}
        assert states(client.describe_dataset_group, "datasetGroup", **group) == created
        text = json.dumps(avro["action_interactions"])
        schema = {"schemaArn": client.create_schema(name="s", schema=text)["schemaArn"]}
        described = client.describe_schema(**schema)["schema"]
        assert (described["name"], described["schema"]) == ("s", text)
        dataset_type = {"datasetType": "Action_Interactions"}
        created_dataset = client.create_dataset(name="d", **schema, **group, **dataset_type)
        dataset = {"datasetArn": created_dataset["datasetArn"]}
        assert states(client.describe_dataset, "dataset", **dataset) == created
        assert client.describe_dataset(**dataset)["dataset"]["trackingId"]
        created_tracker = client.create_event_tracker(name="t", **group)
        tracker = {"eventTrackerArn": created_tracker["eventTrackerArn"]}
        assert states(client.describe_event_tracker, "eventTracker", **tracker) == created
        described = client.describe_event_tracker(**tracker)["eventTracker"]
        assert described["trackingId"] == created_tracker["trackingId"]

        assert _names(client.list_dataset_groups(), "datasetGroups") == ["g"]
        assert _names(client.list_schemas(), "schemas") == ["s"]
        assert _names(client.list_datasets(**group), "datasets") == ["d"]
        assert _names(client.list_event_trackers(**group), "eventTrackers") == ["t"]

        client.delete_event_tracker(**tracker)
        assert states(client.describe_event_tracker, "eventTracker", **tracker) == deleted
        client.delete_dataset(**dataset)
        assert states(client.describe_dataset, "dataset", **dataset) == deleted
        client.delete_schema(**schema)
        client.delete_dataset_group(**group)
        assert states(client.describe_dataset_group, "datasetGroup", **group) == deleted
        assert client.list_schemas()["schemas"] == []

    await asyncio.to_thread(build_up_and_take_down)


def _names(answer: dict[str, Any], member: str) -> list[str]:
    return [one["name"] for one in answer[member]]


async def test_paginators(
    emulator_of: Callable[..., Any], boto3_of: Callable[..., Any], avro: Any
) -> None:
    """Boto3's paginators read all pages of every list operation."""
    emulator: Emulator = await emulator_of()
    client = boto3_of("personalize", emulator.url)
    operations = {
        "list_dataset_groups": "datasetGroups",
        "list_schemas": "schemas",
        "list_datasets": "datasets",
        "list_event_trackers": "eventTrackers",
    }

    def fill_and_list() -> dict[str, list[int]]:
        text = json.dumps(avro["items"])
        for number in range(5):
            name = f"n{number}"
            group = client.create_dataset_group(name=name)["datasetGroupArn"]
            schema = client.create_schema(name=name, schema=text)["schemaArn"]
            client.create_dataset(
                name=name, schemaArn=schema, datasetGroupArn=group, datasetType="Items"
            )
            client.create_event_tracker(name=name, datasetGroupArn=group)
        return {
            operation: [
                len(page[member])
                for page in client.get_paginator(operation).paginate(
                    PaginationConfig={"PageSize": 2}
                )
            ]
            for operation, member in operations.items()
        }

    sizes = await asyncio.to_thread(fill_and_list)

    assert sizes == {operation: [2, 2, 1] for operation in operations}


async def test_modelled_errors_of_the_control_plane(
    emulator_of: Callable[..., Any], boto3_of: Callable[..., Any]
) -> None:
    """Every modelled error of the control plane comes as boto3's own exception, with status 400."""
    emulator: Emulator = await emulator_of(resource_limit=1, delays=Delays(0, 0, 100, 0))
    client = boto3_of("personalize", emulator.url)
    tags = [{"tagKey": str(number), "tagValue": "v"} for number in range(51)]

    def provoke() -> list[tuple[str, int, str]]:
        create = client.create_dataset_group
        group = {"datasetGroupArn": create(name="g")["datasetGroupArn"]}
        found = [
            error_of(create, name="a b"),
            error_of(create, name="g"),
            error_of(create, name="h"),
            error_of(create, name="i", tags=tags),
            error_of(client.list_schemas, nextToken="x"),
            error_of(client.describe_schema, schemaArn=f"{ARN}:schema/none"),
        ]
        client.delete_dataset_group(**group)
        return [*found, error_of(client.delete_dataset_group, **group)]

    assert await asyncio.to_thread(provoke) == [
        (code, 400, code)
        for code in (
            "InvalidInputException",
            "ResourceAlreadyExistsException",
            "LimitExceededException",
            "TooManyTagsException",
            "InvalidNextTokenException",
            "ResourceNotFoundException",
            "ResourceInUseException",
        )
    ]


async def test_puts(emulator: Emulator, boto3_of: Callable[..., Any]) -> None:
    """All members of all five puts arrive as boto3 writes them."""
    client = boto3_of("personalize-events", emulator.url)
    shop = emulator.dataset_group("shop")
    event = {
        "eventId": "e",
        "eventType": "View",
        "eventValue": 1.5,
        "itemId": "i",
        "properties": '{"numberOfRatings": "12"}',
        "recommendationId": "r",
        "impression": ["i", "j"],
        "metricAttribution": {"eventAttributionSource": "newsletter"},
    }
    interaction = {
        "actionId": "a",
        "userId": "u",
        "sessionId": "s",
        "eventType": "Taken",
        "eventId": "e",
        "recommendationId": "r",
        "impression": ["a"],
    }
    item = {"itemId": "i", "properties": '{"price": 129.99}'}
    user = {"userId": "u", "properties": '{"age": 31}'}
    action = {"actionId": "a", "properties": '{"value": 7}'}
    when = datetime(2026, 3, 1, 12, tzinfo=UTC)
    arns = shop.dataset_arns

    def put() -> list[int]:
        answers = [
            client.put_events(
                trackingId=shop.tracking_id,
                sessionId="s",
                userId="u",
                eventList=[event | {"sentAt": when}] * 10,
            ),
            client.put_action_interactions(
                trackingId=shop.action_tracking_id,
                actionInteractions=[interaction | {"timestamp": when}],
            ),
            client.put_items(datasetArn=arns["ITEMS"], items=[item]),
            client.put_users(datasetArn=arns["USERS"], users=[user]),
            client.put_actions(datasetArn=arns["ACTIONS"], actions=[action]),
        ]
        return [answer["ResponseMetadata"]["HTTPStatusCode"] for answer in answers]

    assert await asyncio.to_thread(put) == [200] * 5
    assert [(r.kind, r.session_id, r.user_id, r.parsed()) for r in emulator.records()] == [
        *[("events", "s", "u", event | {"sentAt": when.timestamp()})] * 10,
        ("action_interactions", "s", "u", interaction | {"timestamp": when.timestamp()}),
        ("items", None, None, item),
        ("users", None, None, user),
        ("actions", None, None, action),
    ]


async def test_modelled_errors_of_the_puts(
    emulator: Emulator, boto3_of: Callable[..., Any]
) -> None:
    """The errors of the data plane come as boto3's own exceptions, with the model's statuses."""
    client = boto3_of("personalize-events", emulator.url)
    shop = emulator.dataset_group("shop")
    users = shop.dataset_arns["USERS"]
    user = {"userId": "u", "properties": '{"age": "old"}'}

    def provoke() -> list[tuple[str, int, str]]:
        return [
            error_of(client.put_users, datasetArn=users, users=[user]),
            error_of(client.put_users, datasetArn=f"{ARN}:dataset/no/USERS", users=[user]),
        ]

    found = await asyncio.to_thread(provoke)
    emulator.force_status(users, Status.DELETE_IN_PROGRESS)
    found += await asyncio.to_thread(
        lambda: [error_of(client.put_users, datasetArn=users, users=[user])]
    )

    assert found == [
        ("InvalidInputException", 400, "InvalidInputException"),
        ("ResourceNotFoundException", 404, "ResourceNotFoundException"),
        ("ResourceInUseException", 409, "ResourceInUseException"),
    ]


async def test_throttling_is_known_to_boto3(
    emulator: Emulator, boto3_of: Callable[..., Any]
) -> None:
    """Boto3 reads the code of a throttled call in both statuses that are possible."""
    emulator.faults.add(Fault(answer=Answer.THROTTLE, next=1))
    emulator.faults.add(Fault(answer=Answer.THROTTLE, next=1, status=429))
    client = boto3_of("personalize-events", emulator.url)
    arn = emulator.dataset_group("shop").dataset_arns["USERS"]

    def provoke() -> list[tuple[str, int, str]]:
        call = {"datasetArn": arn, "users": [{"userId": "u"}]}
        return [error_of(client.put_users, **call) for _ in range(2)]

    assert await asyncio.to_thread(provoke) == [
        ("ThrottlingException", 400, "ClientError"),
        ("ThrottlingException", 429, "ClientError"),
    ]


async def test_wrong_credentials(emulator: Emulator, boto3_of: Callable[..., Any]) -> None:
    """A wrong secret and an unknown key are told apart, in both protocols."""
    wrong = {"aws_secret_access_key": "wrong"}
    stranger = {"aws_access_key_id": "stranger"}

    def provoke() -> list[tuple[str, int]]:
        found = []
        for options in (wrong, stranger):
            control = boto3_of("personalize", emulator.url, **options)
            puts = boto3_of("personalize-events", emulator.url, **options)
            found.append(error_of(control.list_schemas)[:2])
            found.append(error_of(puts.put_users, datasetArn="a", users=[{"userId": "u"}])[:2])
        return found

    assert await asyncio.to_thread(provoke) == [
        ("InvalidSignatureException", 400),
        ("InvalidSignatureException", 403),
        ("UnrecognizedClientException", 400),
        ("UnrecognizedClientException", 403),
    ]
