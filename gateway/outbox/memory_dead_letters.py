"""Dead letters in memory, for tests of those who show them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.outbox.dead_letters import (
    EVERY,
    DeadLetter,
    DeadLetterFilter,
    DeadLetterPage,
    DeadLetterTotals,
)
from gateway.records import Lane


class MemoryDeadLetters:
    """Shows the dead letters that it is made with; a `DeadLetters`."""

    def __init__(self, letters: Iterable[DeadLetter] = ()) -> None:
        self._letters = dict(enumerate(letters, 1))

    async def find(
        self, chosen: DeadLetterFilter = EVERY, *, after: int = 0, limit: int = 100
    ) -> DeadLetterPage:
        """Return a page of them; see `DeadLetters`."""
        fitting = [place for place in self._chosen(chosen) if place > after][:limit]
        found = [self._letters[place] for place in fitting]
        return DeadLetterPage(found, fitting[-1] if len(fitting) == limit else None)

    async def totals(self, chosen: DeadLetterFilter = EVERY) -> DeadLetterTotals:
        """Count them; see `DeadLetters`."""
        sizes = [len(self._letters[place].record.element) for place in self._chosen(chosen)]
        return DeadLetterTotals(len(sizes), sum(sizes))

    async def delete(self, ids: Sequence[str]) -> int:
        """Delete some; see `DeadLetters`."""
        places = self._chosen(DeadLetterFilter(ids=ids))
        for place in places:
            del self._letters[place]
        return len(places)

    async def replayed(self, ids: Sequence[str]) -> int:
        """Let some go whose replay is stored; see `DeadLetters`."""
        return await self.delete(ids)

    async def supersede(self, lane: Lane, record_id: str) -> int:
        """Mark those of an ID; see `DeadLetters`."""
        places = [
            place
            for place, letter in self._letters.items()
            if (letter.lane, letter.record.record_id) == (lane, record_id) and not letter.superseded
        ]
        for place in places:
            self._letters[place] = replace(self._letters[place], superseded=True)
        return len(places)

    def _chosen(self, chosen: DeadLetterFilter) -> list[int]:
        return [place for place, letter in self._letters.items() if _fits(letter, chosen)]


def _fits(letter: DeadLetter, chosen: DeadLetterFilter) -> bool:
    return (
        chosen.dataset_group in (None, letter.lane.dataset_group)
        and chosen.kind in (None, letter.lane.kind)
        and chosen.reason in (None, letter.reason)
        and (chosen.since_ms is None or letter.dead_at_ms >= chosen.since_ms)
        and (chosen.until_ms is None or letter.dead_at_ms < chosen.until_ms)
        and (chosen.ids is None or letter.dead_letter_id in chosen.ids)
    )
