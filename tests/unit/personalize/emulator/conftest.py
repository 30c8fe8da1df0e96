"""A clock that is set by hand, and an emulated account on it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.personalize.emulator.backend import Backend
from gateway.personalize.emulator.config import Delays, EmulatorConfig
from gateway.personalize.emulator.control_plane import ControlPlane
from gateway.personalize.emulator.data_plane import Batch, DataPlane, Taken
from gateway.personalize.emulator.seeding import Outline, Seeder, SeedGroup

AVRO: dict[str, dict[str, Any]] = {
    "interactions": {
        "type": "record",
        "name": "Interactions",
        "fields": [
            {"name": "USER_ID", "type": "string"},
            {"name": "ITEM_ID", "type": "string"},
            {"name": "TIMESTAMP", "type": "long"},
            {"name": "EVENT_VALUE", "type": ["null", "float"]},
            {"name": "NUMBER_OF_RATINGS", "type": ["null", "int"]},
        ],
    },
    "items": {
        "type": "record",
        "name": "Items",
        "fields": [
            {"name": "ITEM_ID", "type": "string"},
            {"name": "PRICE", "type": "float"},
            {"name": "GENRES", "type": ["null", "string"], "categorical": True},
        ],
    },
    "users": {
        "type": "record",
        "name": "Users",
        "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}],
    },
    "actions": {
        "type": "record",
        "name": "Actions",
        "fields": [{"name": "ACTION_ID", "type": "string"}, {"name": "VALUE", "type": "long"}],
    },
    "action_interactions": {
        "type": "record",
        "name": "ActionInteractions",
        "fields": [
            {"name": "USER_ID", "type": "string"},
            {"name": "ACTION_ID", "type": "string"},
            {"name": "EVENT_TYPE", "type": "string"},
            {"name": "TIMESTAMP", "type": "long"},
        ],
    },
}


class FakeClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Account:
    """An emulated account without a server."""

    backend: Backend
    control_plane: ControlPlane
    data_plane: DataPlane

    def call(self, operation: str, **parameters: Any) -> Any:
        return self.control_plane.perform(operation, parameters)

    def seed(self, name: str = "shop", **schemas: dict[str, Any]) -> Outline:
        backend = self.backend
        seeder = Seeder(backend.config, backend.clock, backend.resources)
        group = SeedGroup.model_validate({"name": name, "schemas": schemas or AVRO})
        return seeder.seed(group)

    def put(self, operation: str, records_member: str, **parameters: Any) -> Taken:
        elements = parameters[records_member]
        texts = [json.dumps(element) for element in elements]
        return self.data_plane.put(operation, Batch(parameters, elements, texts, "request"))


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still."""
    return FakeClock()


@pytest.fixture
def avro() -> dict[str, dict[str, Any]]:
    """Return a schema of each dataset type, by its name in lower case."""
    return AVRO


@pytest.fixture
def account_of(clock: FakeClock) -> Iterator[Callable[..., Account]]:
    """Return a function that opens an account with the settings that it is given."""
    opened: list[Backend] = []

    def open_account(**settings: Any) -> Account:
        settings.setdefault("delays", Delays(10, 20, 30, 40))
        config = EmulatorConfig(**settings)
        backend = Backend.open(config, clock)
        opened.append(backend)
        resources = backend.resources
        control_plane = ControlPlane(config, clock, resources)
        data_plane = DataPlane(config, clock, resources, backend.store)
        return Account(backend, control_plane, data_plane)

    yield open_account
    for backend in opened:
        backend.store.close()


@pytest.fixture
def account(account_of: Callable[..., Account]) -> Account:
    """Return an account with the default settings and long delays."""
    return account_of()
