"""`personalize-gateway import`, as a process, against a gateway in this one."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.personalize.emulator import Record
from tests.support.commands import Finished, run
from tests.support.received import received
from tests.support.running import Running

EVENTS = "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP"


@pytest.fixture
def write(tmp_path: Path) -> "Write":
    """Write files."""
    return Write(tmp_path)


class Write:
    """Writes files into a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lines(self, name: str, *lines: str) -> Path:
        """Write a file of lines and return it."""
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path

    def schema(self, **types: object) -> Path:
        """Write an Avro schema and return its file."""
        fields = [{"name": name, "type": type_} for name, type_ in types.items()]
        return self.lines("schema.avsc", json.dumps({"type": "record", "fields": fields}))


def elements(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return records as they arrived, with their properties parsed."""
    found = [record.parsed() for record in records]
    for element in found:
        if "properties" in element:
            element["properties"] = json.loads(element["properties"])
    return found


def happened(record: Record) -> int:
    """Return when an event happened."""
    at: int = record.parsed()["sentAt"]
    return at


def summary(finished: Finished) -> str:
    """Return the first line of the summary without the time that it took."""
    return finished.output.splitlines()[0].rpartition(", in ")[0]


async def test_csv_arrives_with_every_column(running: Running, write: Write) -> None:
    """With a schema, numbers are numbers; session and impression are what the columns say."""
    path = write.lines(
        "events.csv",
        f"{EVENTS},SESSION_ID,EVENT_VALUE,IMPRESSION,RECOMMENDATION_ID,QUANTITY,DISCOUNT",
        'u,"i,1",Purchase,1787462253,s,9.5,"a|b",RID,2,Süß 🦊',
        ",i2,View,1787462254,s,,,,,",
    )
    schema = write.schema(
        EVENT_VALUE="float", QUANTITY=["null", "int"], DISCOUNT=["string", "null"]
    )
    finished = await run("import", "events", path, "--to", running.address, "--schema", schema)
    assert (finished.status, summary(finished)) == (0, "2 rows, 2 sent: 2 accepted, 0 refused")
    # They are not of one session and user: each has a call of its own.
    first, second = sorted(await received(running.emulator, "events", 2), key=happened)
    assert [(record.session_id, record.user_id) for record in (first, second)] == [
        ("s", "u"),
        ("s", None),
    ]
    found = elements([first, second])
    assert len({element.pop("eventId") for element in found}) == 2
    assert found == [
        {
            "eventType": "Purchase",
            "sentAt": 1787462253,
            "itemId": "i,1",
            "eventValue": 9.5,
            "impression": ["a", "b"],
            "recommendationId": "RID",
            "properties": {"quantity": 2, "discount": "Süß 🦊"},
        },
        {"eventType": "View", "sentAt": 1787462254, "itemId": "i2"},
    ]


async def test_without_a_schema_columns_are_sent_as_text(running: Running, write: Write) -> None:
    """The gateway makes of them what the dataset's schema names; zeros of a text are kept."""
    path = write.lines("items.csv", "ITEM_ID,PRICE,CATEGORY,PROMOTED", "007,12.50,0042,true")
    finished = await run("import", "items", path, "--to", running.address)
    assert finished.status == 0
    assert elements(await received(running.emulator, "items", 1)) == [
        {
            "itemId": "007",
            "properties": {"price": 12.5, "category": "0042", "promoted": True},
        }
    ]


@pytest.mark.parametrize(
    ("kind", "record", "element"),
    [
        (
            "actions",
            {"actionId": "a", "properties": {"value": 5}},
            {"actionId": "a", "properties": {"value": 5}},
        ),
        (
            "action_interactions",
            {
                "sessionId": "s",
                "userId": "u",
                "eventId": "e",
                "eventType": "Taken",
                "eventTime": "2026-08-23T05:17:33Z",
                "actionId": "a",
            },
            {
                "sessionId": "s",
                "userId": "u",
                "eventId": "e",
                "eventType": "Taken",
                "timestamp": 1787462253,
                "actionId": "a",
            },
        ),
    ],
)
async def test_json_lines_arrive(
    running: Running, write: Write, kind: str, record: object, element: object
) -> None:
    """Each line is a record of the kind."""
    path = write.lines("records.jsonl", json.dumps(record))
    finished = await run("import", kind, path, "--to", running.address, "--caller", "crm")
    assert (finished.status, finished.errors) == (0, "1 of 1 rows, 0 refused\n")
    assert elements(await received(running.emulator, kind, 1)) == [element]


async def test_importing_again_sends_the_same_events(running: Running, write: Write) -> None:
    """Sessions and event IDs follow from the content, whatever the order and size of requests."""
    lines = [f"user-{n % 7},item-{n},View,{1787462253 + 977 * n}" for n in range(60)]
    path = write.lines("events.csv", EVENTS, *lines)
    await run("import", "events", path, "--to", running.address)
    await run("import", "events", path, "--to", running.address, "--batch", "7", "--skip", "10")
    records = await received(running.emulator, "events", 110)
    seen = [(record.parsed()["eventId"], record.session_id, record.user_id) for record in records]
    assert len(set(seen)) == 60
    assert len({event_id for event_id, *_ in seen}) == 60


async def test_refused_rows_can_be_mended_and_imported(running: Running, write: Write) -> None:
    """They are in a file with line and reasons, and come into the session that they were in."""
    path = write.lines(
        "events.csv",
        EVENTS,
        "u,i1,View,1787462253",
        "null,i2,View,1787462254",
        "u,i3,,1787462255",
        "u,i4",
        f"u,{'i' * 257},View,1787462256",
    )
    finished = await run("import", "events", path, "--to", running.address)
    assert (finished.status, finished.output.splitlines()[1:]) == (
        1,
        [
            "Refused: 1 PLACEHOLDER_ID, 1 REQUIRED, 1 MALFORMED_ROW, 1 MAX_LENGTH",
            f"Mend the refused rows in {write.folder}/events.refused.csv, and import that.",
        ],
    )
    assert summary(finished) == "5 rows, 3 sent: 1 accepted, 4 refused"
    refused = write.folder / "events.refused.csv"
    with refused.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert [(row[0], row[1].split(": ")[:2]) for row in rows] == [
        ("3", ["user_id", "PLACEHOLDER_ID"]),
        ("4", ["EVENT_TYPE", "REQUIRED"]),
        ("5", ["MALFORMED_ROW", "has 2 cells where the header has 4"]),
        ("6", ["item_id", "MAX_LENGTH"]),
    ]
    rows[1][header.index("EVENT_TYPE")] = "View"
    rows[3][header.index("ITEM_ID")] = "i5"
    with refused.open("w", newline="") as file:
        csv.writer(file).writerows([header, rows[1], rows[3]])
    finished = await run("import", "events", refused, "--to", running.address)
    assert finished.status == 0
    records = sorted(await received(running.emulator, "events", 3), key=happened)
    assert [record.parsed()["itemId"] for record in records] == ["i1", "i3", "i5"]
    assert len({record.session_id for record in records}) == 1


async def test_refused_rows_of_an_earlier_import_are_not_lost(
    running: Running, write: Write
) -> None:
    """An import does not begin while their file is there."""
    path = write.lines("users.csv", "USER_ID,AGE", "u,31")
    refused = write.lines("users.refused.csv", "x")
    finished = await run("import", "users", path, "--to", running.address)
    assert finished.status == 2
    assert "users.refused.csv exists" in finished.errors
    assert refused.read_text() == "x\n"
    assert running.emulator.records() == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--dataset-group", "shpo"], "there is no dataset group 'shpo'"),
        (["--dataset-group", "s h o p"], "INVALID_ARGUMENT INVALID_FIELDS: dataset_group"),
    ],
)
async def test_import_that_the_gateway_does_not_take_ends(
    running: Running, write: Write, options: list[str], said: str
) -> None:
    """No file of refused rows is made: none of them is at fault."""
    path = write.lines("users.csv", "USER_ID,AGE", "u,31")
    finished = await run("import", "users", path, "--to", running.address, *options)
    assert finished.status == 2
    assert said in finished.errors
    assert [entry.name for entry in write.folder.iterdir()] == ["users.csv"]


async def test_empty_file_is_an_import_of_nothing(running: Running, write: Write) -> None:
    """A header alone is a file, too."""
    path = write.lines("users.csv", "USER_ID,AGE")
    finished = await run("import", "users", path, "--to", running.address)
    assert (finished.status, summary(finished)) == (0, "0 rows, 0 sent: 0 accepted, 0 refused")
