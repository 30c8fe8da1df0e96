"""`personalize-gateway put`, as a process, against a gateway in this one."""

import json
from collections.abc import AsyncIterator

import pytest

from gateway import embedded
from gateway.app import Gateway
from gateway.cli.put_rpcs import PUT_RPCS
from gateway.cli.skeleton import skeleton
from gateway.personalize.emulator import Emulator
from gateway.records import Kind
from tests.support.commands import run
from tests.support.running import patient, started


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A Personalize that gateways without a configuration deliver to."""
    async with Emulator() as running:
        yield running


@pytest.fixture
async def address(emulator: Emulator) -> AsyncIterator[str]:
    """Where a gateway listens that delivers to the emulator."""
    config = patient(embedded.configuration(emulator, "127.0.0.1:0"))
    gateway = Gateway(config, embedded.credentials(emulator))
    try:
        yield await started(gateway)
    finally:
        await gateway.stop()


@pytest.mark.parametrize("kind", Kind)
async def test_skeleton_is_delivered(kind: Kind, emulator: Emulator, address: str) -> None:
    """It passes validation, and its columns are those of the emulator's datasets."""
    request = json.loads(skeleton(PUT_RPCS[kind].request)) | {"ackLevel": "ACK_LEVEL_DELIVERED"}
    arguments = ("put", kind, "--to", address, "--json", "-", "--dataset-group", "demo")
    finished = await run(*arguments, stdin=json.dumps(request))
    assert (finished.status, finished.errors) == (0, "")
    response = json.loads(finished.output)
    assert response.pop("eventIds", ["event-1"]) == ["event-1"]
    assert response == {
        "ackLevel": "ACK_LEVEL_DELIVERED",
        "outcomes": [{"state": "OUTCOME_STATE_DELIVERED"}],
    }
    assert [record.kind for record in emulator.records()] == [kind.value]


async def test_refusal_is_shown_by_field(address: str) -> None:
    """The status first, then a line for each violation; and nothing on stdout."""
    request = {"users": [{"userId": "null"}, {"userId": ""}]}
    arguments = ("put", "users", "--to", address, "--json", "-", "--caller", "crm")
    finished = await run(*arguments, stdin=json.dumps(request))
    assert (finished.status, finished.output) == (2, "")
    head, *violations = finished.errors.splitlines()
    assert head.startswith("INVALID_ARGUMENT INVALID_FIELDS: users[")
    assert {line.split(": ")[0].strip() for line in violations} == {
        "users[0].user_id",
        "users[1].user_id",
    }
    assert {line.split(": ")[1] for line in violations} == {"PLACEHOLDER_ID", "REQUIRED"}


async def test_unknown_dataset_group_is_a_status(address: str) -> None:
    """Every error of the gateway is shown the same way."""
    arguments = ("put", "users", "--to", address, "--json", "-", "--dataset-group", "shpo")
    finished = await run(*arguments, stdin='{"users": [{"userId": "u"}]}')
    assert (finished.status, finished.output) == (2, "")
    assert finished.errors == (
        "NOT_FOUND DATASET_GROUP_UNKNOWN: there is no dataset group 'shpo'; name one of demo\n"
    )
