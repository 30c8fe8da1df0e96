"""The ledger counts what became of everything, and misses nothing that is wrong."""

import json
from typing import Any

import pytest

from tests.chaos.ledger import Arrivals, Audit, Identity, Ledger, Version


def _event(event_id: str) -> dict[str, Any]:
    return {"eventId": event_id}


def _item(item_id: str, version: int) -> dict[str, Any]:
    return {"itemId": item_id, "properties": json.dumps({"version": version, "mark": "good"})}


def _ledger(*accepted: Identity) -> Ledger:
    return Ledger(sent=set(accepted), accepted=set(accepted))


def _audit(ledger: Ledger, arrivals: Arrivals, *dead_letters: Identity) -> Audit:
    return ledger.audit(arrivals, dead_letters)


def test_each_record_is_counted_once() -> None:
    """Delivered, superseded and dead-lettered add up to what was accepted."""
    accepted = ("e1", "e2", "e3", Version("i", 1), Version("i", 2), Version("i", 3))
    arrivals = Arrivals([_event("e1"), _event("e1"), _event("e2")], [_item("i", 1), _item("i", 3)])
    assert _audit(_ledger(*accepted), arrivals, "e3", "e2") == Audit(
        accepted=6,
        delivered=4,
        superseded=1,
        duplicates=1,
        dead_lettered=1,
        lost=[],
        wrong_order=[],
        strangers=[],
    )


def test_what_is_nowhere_is_lost() -> None:
    """Also an update that only an older one of its item stands for."""
    ledger = _ledger("e1", Version("i", 1), Version("i", 2), Version("j", 1))
    audit = _audit(ledger, Arrivals([], [_item("i", 1)]))
    assert audit.lost == sorted(map(str, ["e1", Version("i", 2), Version("j", 1)]))


def test_a_dead_letter_is_not_lost_and_supersedes_nothing() -> None:
    """An update before a dead-lettered one has to arrive."""
    ledger = _ledger(Version("i", 1), Version("i", 2))
    audit = _audit(ledger, Arrivals([], []), Version("i", 2))
    assert (audit.dead_lettered, audit.lost) == (1, [str(Version("i", 1))])


@pytest.mark.parametrize(
    ("versions", "wrong"),
    [
        ([1, 2, 2, 5], []),
        ([1, 2, 1], ["i: 1 after 2"]),
        ([1, 5, 3, 4, 6], ["i: 3 after 5", "i: 4 after 5"]),
    ],
)
def test_an_older_update_after_a_newer_one_is_seen(versions: list[int], wrong: list[str]) -> None:
    """One that arrives again at once is in order."""
    arrivals = Arrivals([], [_item("j", 9), *(_item("i", version) for version in versions)])
    assert _audit(_ledger(), arrivals).wrong_order == wrong


def test_what_was_never_sent_is_a_stranger() -> None:
    """What was sent and not accepted may arrive."""
    ledger = _ledger("e1")
    ledger.sent.add("e2")
    audit = _audit(ledger, Arrivals([_event("e1"), _event("e2"), _event("e3")], []))
    assert (audit.strangers, audit.delivered, audit.lost) == (["e3"], 1, [])
