from typing import Any

import pytest

from gateway.api import Action, ActionInteraction, Item, User
from gateway.dead_letters.errors import DeadLetterUnreadable
from gateway.dead_letters.forgetting import forget_user
from gateway.records import Record
from tests.support.dead_letters import Setting, dead_letter, event


def interaction(**members: Any) -> ActionInteraction:
    """Return an action interaction."""
    return ActionInteraction(action_id="u1", session_id="s", event_type="Taken", **members)


async def test_a_user_is_in_no_dead_letter_any_more(setting: Setting) -> None:
    """What names the user goes, on every page; what others sent, or nobody, stays."""
    setting.kept.add(
        dead_letter("e1", event(user_id="u1")),
        dead_letter("e2", event(user_id="u2")),
        dead_letter("e3", event(session_id="u1")),
        dead_letter("a1", interaction(user_id="u1")),
        dead_letter("a2", interaction(user_id="u11")),
        dead_letter("a3", interaction()),
        dead_letter("u1", User(user_id="u1")),
        dead_letter("u2", User(user_id="u")),
        dead_letter("i1", Item(item_id="u1")),
        dead_letter("n1", Action(action_id="u1")),
        *(dead_letter(f"m{number}", event(user_id="u1")) for number in range(250)),
        dead_letter("last", event(user_id="u2")),
    )
    assert await forget_user(setting.kept, "u1") == 253
    assert setting.kept.ids == ["e2", "e3", "a2", "a3", "u2", "i1", "n1", "last"]
    assert await forget_user(setting.kept, "u1") == 0


async def test_what_cannot_be_read_is_not_passed_over(setting: Setting) -> None:
    """Nobody is told that a user is forgotten who may not be."""
    setting.kept.add(
        dead_letter("a1", interaction(), record=Record("e", b"{")),
        dead_letter("e1", event(user_id="u1")),
    )
    with pytest.raises(DeadLetterUnreadable, match="a1"):
        await forget_user(setting.kept, "u1")
    assert setting.kept.ids == ["a1"]
