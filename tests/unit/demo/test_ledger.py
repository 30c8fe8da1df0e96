import json

import pytest
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.item_pb2 import Item

from gateway.demo.ledger import Ledger, record_id
from gateway.personalize.emulator import Record
from gateway.records import Kind


def item(item_id: str, price: float) -> Item:
    """Return an item with categories."""
    made = Item(item_id=item_id)
    made.properties.update({"price": price, "category": ["a", "b"]})
    return made


def received(kind: Kind, **element: object) -> Record:
    """Return a record as the emulator has it."""
    return Record(kind.value, "demo", 0.0, "r", None, None, json.dumps(element))


def received_item(item_id: str, price: float) -> Record:
    """Return an item as the emulator has it."""
    properties = json.dumps({"category": "a|b", "price": price})
    return received(Kind.ITEMS, itemId=item_id, properties=properties)


@pytest.mark.parametrize(
    ("prices", "differences"),
    [
        ([("x", 1), ("x", 3), ("y", 5)], []),
        ([("x", 3), ("y", 5)], []),
        ([("x", 3), ("x", 1), ("y", 5)], ["1 items are not what was accepted last"]),
        ([("x", 3)], ["1 items are missing"]),
        ([("x", 3), ("y", 5), ("z", 1)], ["1 items were never accepted"]),
        ([("x", 1)], ["1 items are missing", "1 items are not what was accepted last"]),
    ],
)
def test_newest_value_of_an_item_must_be_there(
    prices: list[tuple[str, float]], differences: list[str]
) -> None:
    """Older ones may be left out, or come before it."""
    ledger = Ledger()
    ledger.accepted(Kind.ITEMS, ["x", "y", "x"], [item("x", 1), item("y", 5), item("x", 3)])
    records = [received_item(*price) for price in prices]
    assert ledger.differences(Kind.ITEMS, records) == differences


def test_event_that_was_sent_twice_is_one() -> None:
    """It is known by its event ID, which the gateway gave."""
    ledger = Ledger()
    ledger.sent(Kind.EVENTS, 3)
    ledger.refused(Kind.EVENTS, 1)
    for _ in range(2):
        ledger.accepted(Kind.EVENTS, ["e"], [Event(session_id="s")])
    account = ledger.accounts[Kind.EVENTS]
    assert (account.sent, account.refused, account.accepted, account.repeated) == (3, 1, 2, 1)
    record = received(Kind.EVENTS, eventId="e")
    assert ledger.differences(Kind.EVENTS, [record, record]) == []
    assert ledger.differences(Kind.EVENTS, []) == ["1 events are missing"]


def test_record_names_itself() -> None:
    """Items, users and actions by their own ID, events by the event ID."""
    assert record_id(Kind.ITEMS, item("x", 1)) == "x"
    assert record_id(Kind.EVENTS, Event(event_id="e", item_id="x")) == "e"
