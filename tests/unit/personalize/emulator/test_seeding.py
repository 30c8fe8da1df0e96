"""Dataset groups that are there from the start."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from pydantic import ValidationError

from gateway.personalize.emulator.seeding import (
    Outline,
    Seeder,
    SeedError,
    SeedGroup,
    load_seed,
)

ARN = "arn:aws:personalize:eu-west-1:123456789012"


class Account(Protocol):
    backend: Any

    def call(self, operation: str, **parameters: Any) -> Any: ...

    def seed(self, name: str = "shop", **schemas: Any) -> Outline: ...


@pytest.fixture
def account(account_of: Callable[..., Account]) -> Account:
    """Return an account of its own in a region of its own."""
    return account_of(region="eu-west-1", account_id="123456789012")


def test_identifiers_are_known_beforehand(account: Account) -> None:
    """ARNs follow from account, region and names, tracking IDs from the ARNs: they never change."""
    assert account.seed() == Outline(
        name="shop",
        arn=f"{ARN}:dataset-group/shop",
        tracking_id="9f4bc6a7-20ce-5049-afba-8f5971a5afd7",
        action_tracking_id="18102da7-9db0-5d8f-ada0-50ac3c013b0f",
        dataset_arns={
            name: f"{ARN}:dataset/shop/{name}"
            for name in ("ACTIONS", "ACTION_INTERACTIONS", "INTERACTIONS", "ITEMS", "USERS")
        },
    )


def test_everything_is_active_at_once(account: Account) -> None:
    """Group, datasets and tracker are ACTIVE when the seeding returns."""
    group = account.seed()
    shown = [
        account.call("DescribeDatasetGroup", datasetGroupArn=group.arn)["datasetGroup"],
        *account.call("ListDatasets", datasetGroupArn=group.arn)["datasets"],
        *account.call("ListEventTrackers", datasetGroupArn=group.arn)["eventTrackers"],
    ]

    assert [one["status"] for one in shown] == ["ACTIVE"] * 7


def test_a_group_that_exists_is_left(account: Account) -> None:
    """Seeding twice changes nothing."""
    first = account.seed()
    account.call("DeleteDataset", datasetArn=first.dataset_arns["ITEMS"])

    assert account.seed() == first
    assert len(account.call("ListEventTrackers")["eventTrackers"]) == 1


def test_a_group_without_a_tracker(account: Account) -> None:
    """A group may have neither tracker nor datasets."""
    backend = account.backend
    seeder = Seeder(backend.config, backend.clock, backend.resources)

    assert seeder.seed(SeedGroup(name="bare", event_tracker=False)) == Outline(
        "bare", f"{ARN}:dataset-group/bare", None, None, {}
    )


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"name": "a b"}, "regular expression"),
        ({"name": "shop", "domain": "GAMES"}, "enum value set"),
        ({"name": "shop", "schemas": {"items": {}}}, "not an Avro record"),
        (
            {
                "name": "shop",
                "schemas": {
                    "users": {
                        "type": "record",
                        "name": "Items",
                        "fields": [{"name": "ITEM_ID", "type": "string"}],
                    }
                },
            },
            "needs USER_ID",
        ),
    ],
)
def test_seeds_that_are_not_valid(account: Account, group: Any, message: str) -> None:
    """A name or a schema that AWS would refuse is refused, and nothing is created."""
    backend = account.backend
    seeder = Seeder(backend.config, backend.clock, backend.resources)

    with pytest.raises(SeedError, match=message):
        seeder.seed(SeedGroup.model_validate(group))
    assert account.call("ListDatasetGroups") == {"datasetGroups": []}


def test_a_type_that_does_not_exist() -> None:
    """A schema of an unknown dataset type is refused by its name."""
    with pytest.raises(ValidationError, match="PURCHASES"):
        SeedGroup.model_validate({"name": "shop", "schemas": {"purchases": {}}})


@pytest.mark.parametrize("name", ["seed.yaml", "seed.json"])
def test_seed_files(tmp_path: Path, name: str, avro: dict[str, Any]) -> None:
    """A seed in YAML or JSON has its schemas in place or in files beside it."""
    (tmp_path / "items.json").write_text(json.dumps(avro["items"]))
    schemas = {"Interactions": avro["interactions"], "items": "items.json"}
    document = {"dataset_groups": [{"name": "shop", "schemas": schemas}, {"name": "bare"}]}
    (tmp_path / name).write_text(json.dumps(document))

    assert load_seed(tmp_path / name) == [
        SeedGroup.model_validate(
            {
                "name": "shop",
                "schemas": {"INTERACTIONS": avro["interactions"], "ITEMS": avro["items"]},
            }
        ),
        SeedGroup(name="bare"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[1]",
        "{",
        "groups: []",
        "dataset_groups: shop",
        "dataset_groups: [shop]",
        "dataset_groups: [{title: shop}]",
        "dataset_groups: [{name: shop, schemas: [items]}]",
        "dataset_groups: [{name: shop, schemas: {items: missing.json}}]",
        "dataset_groups: [{name: shop, schemas: {items: seed.yaml}}]",
    ],
)
def test_files_that_are_no_seed(tmp_path: Path, text: str) -> None:
    """A file that is no seed is refused by its name."""
    path = tmp_path / "seed.yaml"
    path.write_text(text)

    with pytest.raises(SeedError, match=r"seed\.yaml"):
        load_seed(path)
