"""A gateway that needs nothing: it delivers to an emulator in its own process."""

from typing import Any

from gateway.config import Config, DatasetGroup, embedded
from gateway.personalize.credentials import Credentials, StaticCredentials
from gateway.personalize.emulator import Emulator, SeedGroup
from gateway.personalize.emulator.resources import DatasetType

DATASET_GROUP = "demo"


def _schema(name: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "record",
        "name": name,
        "namespace": "com.amazonaws.personalize.schema",
        "fields": list(fields),
        "version": "1.0",
    }


def _field(name: str, type_: str, *, optional: bool = False, **more: bool) -> dict[str, Any]:
    return {"name": name, "type": ["null", type_] if optional else type_, **more}


SEED = SeedGroup(
    name=DATASET_GROUP,
    schemas={
        DatasetType.INTERACTIONS: _schema(
            "Interactions",
            _field("USER_ID", "string"),
            _field("ITEM_ID", "string"),
            _field("TIMESTAMP", "long"),
            _field("EVENT_TYPE", "string"),
            _field("EVENT_VALUE", "float", optional=True),
            _field("IMPRESSION", "string", optional=True),
            _field("DISCOUNT", "string", optional=True, categorical=True),
            _field("QUANTITY", "int", optional=True),
        ),
        DatasetType.ITEMS: _schema(
            "Items",
            _field("ITEM_ID", "string"),
            _field("PRICE", "float"),
            _field("CATEGORY", "string", categorical=True),
            _field("DESCRIPTION", "string", optional=True, textual=True),
            _field("PROMOTED", "boolean", optional=True),
        ),
        DatasetType.USERS: _schema(
            "Users",
            _field("USER_ID", "string"),
            _field("AGE", "int", optional=True),
            _field("MEMBERSHIP", "string", optional=True, categorical=True),
        ),
        DatasetType.ACTIONS: _schema(
            "Actions",
            _field("ACTION_ID", "string"),
            _field("VALUE", "long", optional=True),
            _field("CHANNEL", "string", optional=True, categorical=True),
        ),
        DatasetType.ACTION_INTERACTIONS: _schema(
            "ActionInteractions",
            _field("USER_ID", "string"),
            _field("ACTION_ID", "string"),
            _field("EVENT_TYPE", "string"),
            _field("TIMESTAMP", "long"),
        ),
    },
)
"""The dataset group of the emulator: a small shop that uses every kind."""


def configuration(emulator: Emulator, listen: str = "127.0.0.1:50051") -> Config:
    """Seed a running emulator and return the configuration of a gateway that delivers to it.

    Raises:
        ConfigError: `listen` is no address, or not on loopback.
    """
    (outline,) = emulator.seed(SEED)
    group = DatasetGroup(arn=outline.arn, endpoint_url=emulator.url)
    return embedded(DATASET_GROUP, group, listen)


def credentials(emulator: Emulator) -> StaticCredentials:
    """Return credentials that an emulator accepts."""
    key, secret = next(iter(emulator.config.credentials.items()))
    return StaticCredentials(Credentials(key, secret))
