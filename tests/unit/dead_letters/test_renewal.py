from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from gateway.acceptance import InvalidRequest
from gateway.api import Action, ActionInteraction, IngestRecord, Item, Rule, User
from gateway.dead_letters.patch import Patch
from gateway.dead_letters.renewal import Renew, renewed
from gateway.encoding.element import encode
from gateway.encoding.event_id import derived_event_id
from gateway.outbox.dead_letters import DeadLetter
from gateway.records import Chunk, Kind, Lane, Record
from tests.support.dead_letters import RENEW, dead_letter, event

INTERACTION = ActionInteraction(
    session_id="s", event_type="Taken", event_time={"seconds": 1787462253}, action_id="a"
)


def patch(value: dict[str, Any]) -> Patch:
    """Make a patch of JSON."""
    made = Struct()
    made.update(value)
    return Patch(made)


def violations(
    kept: DeadLetter, change: Patch | None, renew: Renew = RENEW
) -> list[tuple[str, Rule]]:
    """Return the paths and rules for which a dead letter is not renewed."""
    with pytest.raises(InvalidRequest) as caught:
        renewed(kept, change, renew, as_new=False)
    assert {one.record_index for one in caught.value.violations} == {None}
    return [(one.field, one.rule) for one in caught.value.violations]


@pytest.mark.parametrize(
    "message",
    [
        event(user_id="u", properties={"price": 1.5, "category": ["a", "b"]}),
        INTERACTION,
        Item(item_id="i", properties={"price": 1}),
        User(user_id="u"),
        Action(action_id="a"),
    ],
)
def test_without_a_patch_the_same_goes_the_same_way(message: Any) -> None:
    """Dataset group, kind, caller and route stay, and each byte and ID of the record."""
    kept = dead_letter("d1", message)
    as_new = Chunk(kept.lane, kept.caller, kept.route, (kept.record,))
    assert renewed(kept, None, RENEW, as_new=True) == as_new
    as_old = replace(as_new, origin=kept.origin, dead_letter_id="d1")
    expected = as_old if kept.lane.kind.replaces else as_new
    assert renewed(kept, None, RENEW, as_new=False) == expected


def test_a_patch_that_names_another_id_makes_it_new() -> None:
    """What was accepted of that ID and when is another story; a patch of the rest changes none."""
    kept = dead_letter("d1", Item(item_id="i"))
    chunk = renewed(kept, patch({"item": {"itemId": "j"}}), RENEW, as_new=False)
    assert (chunk.records[0].record_id, chunk.origin, chunk.dead_letter_id) == ("j", None, "")
    chunk = renewed(kept, patch({"item": {"properties": {"a": 1}}}), RENEW, as_new=False)
    assert (chunk.origin, chunk.dead_letter_id) == (kept.origin, "d1")


def test_a_patched_event_keeps_its_id_unless_the_patch_has_another() -> None:
    """The event ID follows the patch and not the content."""
    kept = dead_letter("d1", event())
    chunk = renewed(kept, patch({"event": {"eventType": "Buy"}}), RENEW, as_new=False)
    assert chunk.records == (encode(Kind.EVENTS, event(event_type="Buy"), "e-d1"),)
    change = patch({"event": {"eventId": "new", "sessionId": "s2"}})
    chunk = renewed(kept, change, RENEW, as_new=False)
    assert chunk.records == (encode(Kind.EVENTS, event(session_id="s2"), "new"),)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"event": {"userId": ""}}, [("record.event.user_id", Rule.RULE_MIN_LENGTH)]),
        ({"event": {"sessionId": None}}, [("record.event.session_id", Rule.RULE_REQUIRED)]),
        ({"event": {"userId": "null"}}, [("record.event.user_id", Rule.RULE_PLACEHOLDER_ID)]),
        (
            {"event": {"properties": {"userId": 1}}},
            [('record.event.properties["userId"]', Rule.RULE_RESERVED_PROPERTY)],
        ),
        ({"event": {"eventId": ""}}, [("record.event.event_id", Rule.RULE_MIN_LENGTH)]),
        ({"item": {"itemId": "i"}}, [("record.event", Rule.RULE_KIND)]),
    ],
)
def test_what_a_patch_breaks_is_refused(
    change: dict[str, Any], expected: list[tuple[str, Rule]]
) -> None:
    """The same rules hold as for any record, and the kind stays; paths start at the record."""
    assert violations(dead_letter("d1", event()), patch(change)) == expected


def test_an_event_whose_id_is_taken_away_gets_one_of_its_content() -> None:
    """As when a caller gives none."""
    kept = dead_letter("d1", event())
    chunk = renewed(kept, patch({"event": {"eventId": None}}), RENEW, as_new=False)
    assert chunk.records[0].record_id == derived_event_id("web", "shop", event())


def test_a_rule_that_came_later_holds_too() -> None:
    """What is stored already is checked anew."""
    kept = dead_letter("d1", Item(item_id="undefined"))
    expected = [("record.item.item_id", Rule.RULE_PLACEHOLDER_ID)]
    assert violations(kept, None) == expected


def test_what_cannot_be_read_cannot_be_replayed() -> None:
    """It is refused like any other, so that it holds up nothing."""
    kept = dead_letter("d1", Item(item_id="i"), record=Record("i", b"{}"))
    assert kept.lane == Lane("shop", Kind.ITEMS)
    assert violations(kept, None) == [("record", Rule.RULE_KIND)]


def test_the_record_is_checked_and_encoded_as_it_would_be_now() -> None:
    """By what is known of its lane, and for its caller."""
    asked = []

    def renew(lane: Lane, caller: str, message: IngestRecord) -> Record:
        asked.append((lane, caller, message))
        return Record("i", b"as the schema wants it")

    kept = dead_letter("d1", Item(item_id="i"))
    chunk = renewed(kept, None, renew, as_new=False)
    assert asked == [(kept.lane, "web", IngestRecord(item=Item(item_id="i")))]
    assert chunk.records == (Record("i", b"as the schema wants it"),)
