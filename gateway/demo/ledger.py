"""What was sent and accepted, and whether the emulator has exactly that."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.json_format import MessageToDict

from gateway.personalize.emulator import Record
from gateway.records import Kind

_IDS: Mapping[Kind, str] = {
    Kind.EVENTS: "eventId",
    Kind.ACTION_INTERACTIONS: "eventId",
    Kind.ITEMS: "itemId",
    Kind.USERS: "userId",
    Kind.ACTIONS: "actionId",
}
"""The member by which Personalize knows a record."""

Columns = Mapping[str, Any]


@dataclass(slots=True)
class Account:
    """The records of one kind.

    Attributes:
        sent: how many, those that were sent twice counted twice.
        refused: how many of them were not taken.
        newest: the ID of each record that was taken, and its columns as they were taken last.
        repeated: how many were taken again under the same event ID.
    """

    sent: int = 0
    refused: int = 0
    repeated: int = 0
    newest: dict[str, Columns] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        """How many were taken."""
        return self.sent - self.refused


class Ledger:
    """An account for each kind."""

    def __init__(self) -> None:
        self.accounts = {kind: Account() for kind in Kind}

    def sent(self, kind: Kind, count: int) -> None:
        """Note that records are being sent."""
        self.accounts[kind].sent += count

    def refused(self, kind: Kind, count: int) -> None:
        """Note that records were not taken."""
        self.accounts[kind].refused += count

    def accepted(self, kind: Kind, record_ids: Iterable[str], records: Iterable[Any]) -> None:
        """Note that records were taken, under these IDs."""
        account = self.accounts[kind]
        for record_id, record in zip(record_ids, records, strict=True):
            if record_id in account.newest and not kind.replaces:
                account.repeated += 1
            account.newest[record_id] = columns_of(record)

    def differences(self, kind: Kind, received: Sequence[Record]) -> list[str]:
        """Say where the emulator has something else than what was accepted; nothing if it agrees.

        The last record of an ID is the one that counts.
        """
        expected = self.accounts[kind].newest
        found = {element[_IDS[kind]]: element for element in map(Record.parsed, received)}
        texts = {record_id: element.get("properties", "{}") for record_id, element in found.items()}
        counts = {
            "are missing": len(expected.keys() - found.keys()),
            "were never accepted": len(found.keys() - expected.keys()),
            "are not what was accepted last": sum(
                json.loads(texts[record_id]) != expected[record_id]
                for record_id in expected.keys() & found.keys()
            ),
        }
        return [f"{count} {kind} {what}" for what, count in counts.items() if count]


def columns_of(record: Any) -> Columns:  # noqa: ANN401 - a message of any kind
    """Return the properties of a record as Personalize gets them: categories are joined."""
    properties = MessageToDict(record.properties)
    return {
        key: "|".join(value) if isinstance(value, list) else value
        for key, value in properties.items()
    }


def record_id(kind: Kind, record: Any) -> str:  # noqa: ANN401 - a message of any kind
    """Return the ID that a record itself gives."""
    message: dict[str, str] = MessageToDict(record)
    return message[_IDS[kind]]
