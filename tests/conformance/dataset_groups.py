"""The dataset groups that the vectors are for, and the gateway's configuration for them.

See tests/vectors/README.md.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway import embedded
from gateway.personalize.emulator import Outline, SeedGroup
from gateway.personalize.emulator.resources import DatasetType

DISCOVERED = embedded.DATASET_GROUP
"""The dataset group whose schemas the gateway knows once it has asked for them."""

PLAIN = "plain"
"""The one that takes events with any properties."""

_STRICT, _CLOSED = "strict", "closed"
_CALLS_PER_S = 1000.0
_OPTIONAL = {"NOTE": "string", "TAGS": "string", "SCORE": "double", "FLAG": "boolean"}
_ACTION_INTERACTIONS = {
    "USER_ID": "string",
    "ACTION_ID": "string",
    "EVENT_TYPE": "string",
    "TIMESTAMP": "long",
}


def _schema(name: str, required: Mapping[str, str]) -> dict[str, Any]:
    fields = [{"name": column, "type": type_} for column, type_ in required.items()]
    optional = [{"name": column, "type": ["null", type_]} for column, type_ in _OPTIONAL.items()]
    return {
        "type": "record",
        "name": name,
        "namespace": "com.amazonaws.personalize.schema",
        "fields": fields + optional,
        "version": "1.0",
    }


def _plain(name: str) -> SeedGroup:
    """Return one that has no Interactions dataset, so that events may have any properties."""
    schemas = {
        DatasetType.ITEMS: _schema("Items", {"ITEM_ID": "string"}),
        DatasetType.USERS: _schema("Users", {"USER_ID": "string"}),
        DatasetType.ACTIONS: _schema("Actions", {"ACTION_ID": "string"}),
        DatasetType.ACTION_INTERACTIONS: _schema("ActionInteractions", _ACTION_INTERACTIONS),
    }
    return SeedGroup(name=name, schemas=schemas)


_ROUTES: Sequence[Mapping[str, Any]] = (
    {"name": PLAIN, "callers": ["*"], "dataset_group": PLAIN},
    {"name": DISCOVERED, "callers": ["*"], "dataset_group": DISCOVERED},
    {
        "name": _STRICT,
        "callers": ["*"],
        "dataset_group": _STRICT,
        "rules": {"IGNORED_IMPRESSION": "refuse"},
    },
    {"name": _CLOSED, "callers": ["nobody"], "dataset_group": _CLOSED},
)

SEEDS: Sequence[SeedGroup] = (_plain(PLAIN), embedded.SEED, _plain(_STRICT), _plain(_CLOSED))
"""What the emulator has from the start."""


def seed_text() -> str:
    """Return the seed file of an emulator."""
    return json.dumps({"dataset_groups": [seed.model_dump(mode="json") for seed in SEEDS]})


def configuration(
    groups: Mapping[str, Outline],
    endpoint_url: str,
    *,
    listen: str = "127.0.0.1:0",
    routes: Sequence[str] | None = None,
    **sections: Mapping[str, Any],
) -> str:
    """Return the configuration file of the gateway: JSON, which is YAML, too.

    Args:
        groups: what the emulator has, by name.
        endpoint_url: where the emulator is.
        listen: where the gateway is to be.
        routes: names of those that it has; None for all.
        sections: besides, such as `outbox`.
    """
    kinds = ("events", "action_interactions", "items", "users", "actions")
    document = {
        "server": {"listen": listen},
        "delivery": {"linger": "5ms", "quotas": dict.fromkeys(kinds, _CALLS_PER_S)},
        "dataset_groups": {
            name: _dataset_group(group, endpoint_url) for name, group in groups.items()
        },
        "routes": [one for one in _ROUTES if routes is None or one["name"] in routes],
    }
    return json.dumps({**document, **sections}, indent=1)


def _dataset_group(group: Outline, endpoint_url: str) -> dict[str, Any]:
    arns = {kind.lower(): group.dataset_arns[kind] for kind in ("ITEMS", "USERS", "ACTIONS")}
    return {
        "arn": group.arn,
        "discover": group.name == DISCOVERED,
        "tracking_id": group.tracking_id,
        "action_interactions_tracking_id": group.action_tracking_id,
        "datasets": arns,
        "endpoint_url": endpoint_url,
    }
