"""A page of dead letters: as many as were asked for, as long as they fit into one message."""

from gateway.acceptance import InvalidRequest
from gateway.api import DeadLetter, ListDeadLettersResponse, Rule
from gateway.dead_letters.shown import shown
from gateway.outbox.dead_letters import DeadLetterFilter, DeadLetters
from gateway.validation.violation import Violation

DEFAULT_PAGE_SIZE = 100

_MAX_BYTES = 3 * 1024 * 1024
"""Clients take messages of 4 MiB. An item has up to 32,000 characters of properties, so that 500 of
them could have 60 MiB."""

_FULL_BYTES = 2 * 1024 * 1024
"""Past so many nothing is added; there is room for the largest dead letter until then."""

_STEP = 100
_FRAMING_BYTES = 5
_MAX_AFTER_DIGITS = 18


def after_of(page_token: str) -> int:
    """Return where the page of a token begins.

    Raises:
        InvalidRequest: it is no token.
    """
    if not page_token:
        return 0
    if not (page_token.isascii() and page_token.isdecimal()) or len(page_token) > _MAX_AFTER_DIGITS:
        text = "is no token: send the `next_page_token` of the answer before"
        raise InvalidRequest([Violation("page_token", Rule.RULE_PATTERN, text, None)])
    return int(page_token)


async def listed(
    dead_letters: DeadLetters, chosen: DeadLetterFilter, *, after: int, page_size: int
) -> ListDeadLettersResponse:
    """Return a page of those chosen.

    Args:
        dead_letters: where they are.
        chosen: which.
        after: where the page begins.
        page_size: how many at most; fewer where they would make the message too large.
    """
    response = ListDeadLettersResponse()
    at: int | None = after
    size_bytes = 0
    while at is not None and page_size > 0 and size_bytes < _FULL_BYTES:
        limit, room_bytes = min(page_size, _STEP), _MAX_BYTES - size_bytes
        messages, at = await _fitting(dead_letters, chosen, at, limit, room_bytes)
        response.dead_letters.extend(messages)
        page_size -= len(messages)
        size_bytes = response.ByteSize()
    if at is not None and (await dead_letters.find(chosen, after=at, limit=1)).dead_letters:
        response.next_page_token = str(at)
    return response


async def _fitting(
    dead_letters: DeadLetters, chosen: DeadLetterFilter, after: int, limit: int, room_bytes: int
) -> tuple[list[DeadLetter], int | None]:
    """Return some that fit, at least one where there is one, and where the next ones begin."""
    while True:
        page = await dead_letters.find(chosen, after=after, limit=limit)
        messages = [shown(dead_letter) for dead_letter in page.dead_letters]
        if len(messages) <= 1 or sum(map(_size_bytes, messages)) <= room_bytes:
            return messages, page.next_after
        # Only a shorter page tells where the one after it begins.
        limit = len(messages) // 2


def _size_bytes(message: DeadLetter) -> int:
    return message.ByteSize() + _FRAMING_BYTES
