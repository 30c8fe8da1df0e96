"""A retailer's whole data goes through `import`, `serve` and `emulator`, each its own process."""

import asyncio
import csv
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from gateway.api import Event, Item, PutEventsRequest, PutItemsRequest, PutUsersRequest, User
from gateway.dataset_schema import DatasetSchema
from gateway.encoding.element import RecordMessage, encode
from gateway.personalize.emulator.avro import parse_schema
from gateway.personalize.emulator.properties import problem_of
from gateway.personalize.emulator.resources import DatasetType
from gateway.records import Kind
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.validator import Validator
from tests.support.commands import finish, run, start, worries

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "retail"
SCHEMAS = DATA / "schemas"
GAP_S = 30 * 60

KEYS = {"AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the retailer's data is not here")


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the processes listen."""

    gateway: str
    emulator: str

    async def get(self, path: str) -> str:
        """Return what the emulator tells."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.emulator}/_emulator/{path}") as answer,
        ):
            return await answer.text()

    async def records(self, kind: str, count: int) -> list[dict[str, Any]]:
        """Wait until so many records of a kind have arrived, and return all of them."""
        async with asyncio.timeout(120):
            while await self.taken() < count:  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.1)
        return [json.loads(line) for line in (await self.get(f"records?kind={kind}")).splitlines()]

    async def taken(self) -> int:
        """Return how many records have arrived."""
        operations = json.loads(await self.get("stats"))["operations"]
        return sum(operation["records"] for operation in operations.values())


@asynccontextmanager
async def process(pattern: str, *arguments: object) -> AsyncIterator[str]:
    """Run a server, yield what the pattern finds in its first line, and stop it."""
    server = await start(*arguments)
    try:
        assert server.stdout is not None
        line = (await asyncio.wait_for(server.stdout.readline(), 60)).decode()
        found = re.search(pattern, line)
        assert found is not None, line
        yield found[1]
    finally:
        server.terminate()
        finished = await finish(server)
    assert (finished.status, worries(finished.errors)) == (0, [])


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    """An emulator with the retailer's datasets, and a gateway that is configured for them."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    seed = tmp_path / "seed.yaml"
    schemas = {name: str(SCHEMAS / f"{name}.json") for name in ("interactions", "items", "users")}
    seed.write_text(yaml.safe_dump({"dataset_groups": [{"name": "retail", "schemas": schemas}]}))
    quotas = [f"--quota={name}=none" for name in ("PutEvents", "PutItems", "PutUsers")]
    async with process(
        r"at (http://\S+)", "emulator", "--listen", "127.0.0.1:0", "--seed", seed, *quotas
    ) as emulator:
        (group,) = json.loads(await Shop("", emulator).get("dataset_groups"))["dataset_groups"]
        config = tmp_path / "gateway.yaml"
        config.write_text(yaml.safe_dump(configuration(emulator, group, tmp_path / "outbox")))
        async with process(r"at ([0-9.:]+), ", "serve", "--config", config) as gateway:
            yield Shop(gateway, emulator)


def configuration(emulator: str, group: Mapping[str, Any], outbox: Path) -> dict[str, Any]:
    """Return the configuration of a gateway that need not wait for quotas."""
    arns = group["dataset_arns"]
    return {
        "server": {"listen": "127.0.0.1:0", "workers": 2},
        "admin": {"listen": "127.0.0.1:0"},
        "outbox": {"path": str(outbox)},
        "dataset_groups": {
            "retail": {
                "arn": group["arn"],
                "tracking_id": group["tracking_id"],
                "datasets": {"items": arns["ITEMS"], "users": arns["USERS"]},
                "endpoint_url": emulator,
            }
        },
        "routes": [
            {
                "name": "history",
                "callers": ["importer"],
                "kinds": ["events", "items", "users"],
                "dataset_group": "retail",
            }
        ],
        "delivery": {
            "quotas": {"events": 5000, "items": 5000, "users": 5000},
            # However busy the machine is, no call is made twice.
            "connect_timeout": "1m",
            "call_timeout": "1m",
        },
    }


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a file, read by nothing of the gateway's."""
    with (DATA / name).open(newline="") as file:
        return [*csv.DictReader(file)]


async def imported(shop: Shop, kind: str, name: str, *options: object) -> str:
    """Import a file and return its summary without the time that it took."""
    arguments = ("import", kind, DATA / name, "--to", shop.gateway, "--caller", "importer")
    finished = await run(*arguments, *options)
    assert finished.status == 0, finished.errors
    return finished.output.strip().rpartition(", in ")[0]


def sessions(interactions: list[dict[str, str]]) -> set[frozenset[tuple[str, ...]]]:
    """Return the rows of each session by its definition: a user's rows without a long gap."""
    by_user: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in sorted(interactions, key=lambda row: int(row["TIMESTAMP"])):
        by_user[row["USER_ID"]].append(row)
    found: list[set[tuple[str, ...]]] = []
    for of_user in by_user.values():
        before_s = None
        for row in of_user:
            now_s = int(row["TIMESTAMP"])
            if before_s is None or now_s - before_s > GAP_S:
                found.append(set())
            found[-1].add(tuple(row.values()))
            before_s = now_s
    return {frozenset(session) for session in found}


async def test_items_arrive(shop: Shop) -> None:
    """All 2,465, with the types of the schema, and nothing else."""
    schema = ("--schema", SCHEMAS / "items.json")
    summary = await imported(shop, "items", "items.csv", *schema)
    assert summary == "2,465 rows, 2,465 sent: 2,465 accepted, 0 refused"
    records = await shop.records("items", 2_465)
    found = [record["element"] for record in records]
    expected = {
        row["ITEM_ID"]: {
            "price": float(row["PRICE"]),
            "categoryL1": row["CATEGORY_L1"],
            "categoryL2": row["CATEGORY_L2"],
            "productName": row["PRODUCT_NAME"],
            "productDescription": row["PRODUCT_DESCRIPTION"],
            "gender": row["GENDER"],
            "promoted": row["PROMOTED"],
        }
        for row in rows("items.csv")
    }
    assert len(found) == 2_465
    assert {item["itemId"]: json.loads(item["properties"]) for item in found} == expected


async def test_users_arrive(shop: Shop) -> None:
    """All 6,000, sent as text; the gateway knows from the dataset's schema that AGE is a number."""
    summary = await imported(shop, "users", "users.csv")
    assert summary == "6,000 rows, 6,000 sent: 6,000 accepted, 0 refused"
    records = await shop.records("users", 6_000)
    found = [record["element"] for record in records]
    expected = {
        row["USER_ID"]: {"age": int(row["AGE"]), "gender": row["GENDER"]}
        for row in rows("users.csv")
    }
    assert len(found) == 6_000
    assert {user["userId"]: json.loads(user["properties"]) for user in found} == expected


async def test_interactions_arrive(shop: Shop) -> None:
    """All 20,000, each with an event ID of its own, in sessions by the gap of half an hour."""
    summary = await imported(shop, "events", "interactions.csv")
    assert summary == "20,000 rows, 20,000 sent: 20,000 accepted, 0 refused"
    records = await shop.records("events", 20_000)
    expected = rows("interactions.csv")
    assert sorted(map(as_row, records)) == sorted(tuple(row.values()) for row in expected)
    assert len({record["element"]["eventId"] for record in records}) == 20_000
    by_session: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for record in records:
        by_session[record["session_id"]].add(as_row(record))
    assert {frozenset(session) for session in by_session.values()} == sessions(expected)


def as_row(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the row that a record was, of the same columns in the same order."""
    event = record["element"]
    assert event.keys() == {"eventId", "itemId", "eventType", "sentAt", "properties"}
    discount = json.loads(event["properties"])["discount"]
    return event["itemId"], record["user_id"], event["eventType"], str(event["sentAt"]), discount


def message(kind: Kind, row: dict[str, str]) -> RecordMessage:
    """Return a row as a record whose properties are text alone, under the names of the file."""
    match kind:
        case Kind.ITEMS:
            return Item(item_id=row.pop("ITEM_ID"), properties=row)
        case Kind.USERS:
            return User(user_id=row.pop("USER_ID"), properties=row)
        case _:
            return Event(
                session_id="s",
                user_id=row.pop("USER_ID"),
                item_id=row.pop("ITEM_ID"),
                event_type=row.pop("EVENT_TYPE"),
                event_time={"seconds": int(row.pop("TIMESTAMP"))},
                properties=row,
            )


@pytest.mark.parametrize(
    ("kind", "name", "type_", "request_type", "types"),
    [
        (
            *(Kind.EVENTS, "interactions", DatasetType.INTERACTIONS, PutEventsRequest),
            {"discount": str},
        ),
        (
            *(Kind.ITEMS, "items", DatasetType.ITEMS, PutItemsRequest),
            {
                **dict.fromkeys(("categoryL1", "categoryL2", "productName"), str),
                **dict.fromkeys(("productDescription", "gender", "promoted"), str),
                "price": float,
            },
        ),
        (
            *(Kind.USERS, "users", DatasetType.USERS, PutUsersRequest),
            {"age": int, "gender": str},
        ),
    ],
    ids=["events", "items", "users"],
)
def test_every_row_fits_the_schema_of_its_dataset(
    kind: Kind, name: str, type_: DatasetType, request_type: type[Any], types: dict[str, type]
) -> None:
    """Text becomes what the schema says, and an independent judge finds no fault with it."""
    text = (SCHEMAS / f"{name}.json").read_text()
    expected, judged_by = ExpectedColumns(kind, DatasetSchema.parse(text)), parse_schema(text)
    validator, given = Validator(), rows(f"{name}.csv")
    for start_at in range(0, len(given), 500):
        messages = [message(kind, dict(row)) for row in given[start_at : start_at + 500]]
        request = request_type(**{kind.value: messages})
        assert validator.violations(request, {kind: expected}) == []
        for sent in messages:
            element = json.loads(encode(kind, sent, "e", expected.schema).element)
            assert problem_of(element, type_, judged_by) is None
            properties = json.loads(element["properties"])
            assert {key: type(value) for key, value in properties.items()} == types
