"""A user taken out of the dead letters."""

from gateway.dead_letters.errors import DeadLetterUnreadable
from gateway.delivery.forgetting import names_user
from gateway.outbox.dead_letters import DeadLetters

_PAGE = 100


async def forget_user(dead_letters: DeadLetters, user_id: str) -> int:
    """Delete the dead letters that name a user; return how many those were.

    Those are the user's events, action interactions and the user itself. Events of the same session
    from before the user was known name nobody, and stay.

    Raises:
        OutboxUnavailable: they cannot be read or written; some may be deleted.
        DeadLetterUnreadable: one cannot be read; the others are deleted.
    """
    deleted = 0
    unreadable: DeadLetterUnreadable | None = None
    after: int | None = 0
    while after is not None:
        page = await dead_letters.find(after=after, limit=_PAGE)
        of_user: list[str] = []
        for dead_letter in page.dead_letters:
            try:
                if names_user(dead_letter.lane.kind, dead_letter.record, user_id):
                    of_user.append(dead_letter.dead_letter_id)
            except (ValueError, AttributeError):
                unreadable = DeadLetterUnreadable(dead_letter.dead_letter_id)
        if of_user:
            deleted += await dead_letters.delete(of_user)
        after = page.next_after
    if unreadable:
        raise unreadable
    return deleted
