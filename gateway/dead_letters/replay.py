"""Dead letters put back into the outbox, page by page.

A dead letter goes only once its replacement is durable. What happens in between, a crash included,
leaves both: it may be sent twice, never not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.acceptance import InvalidRequest
from gateway.dead_letters.errors import DeadLettersUnavailable
from gateway.dead_letters.patch import Patch
from gateway.dead_letters.renewal import renewed
from gateway.outbox.dead_letters import DeadLetter, DeadLetters
from gateway.outbox.interface import OutboxUnavailable, OutboxWriter
from gateway.records import Chunk
from gateway.validation.validator import Validator
from gateway.validation.violation import Violation

MAX_REFUSED = 500
"""So many dead letters that still break rules are told in one answer."""


@dataclass(frozen=True, slots=True)
class RefusedDeadLetter:
    """A dead letter that was left because it still breaks rules."""

    dead_letter_id: str
    violations: Sequence[Violation]


@dataclass(slots=True)
class Replayed:
    """What a replay has done so far.

    Attributes:
        replayed: how many are in the outbox again.
        superseded: how many were left because a newer record of their ID was delivered.
        refused: those that were left because they break rules, the first `MAX_REFUSED` of them.
    """

    replayed: int = 0
    superseded: int = 0
    refused: list[RefusedDeadLetter] = field(default_factory=list)

    def add(self, other: "Replayed") -> None:
        """Add what was done besides."""
        self.replayed += other.replayed
        self.superseded += other.superseded
        self.refused += other.refused[: MAX_REFUSED - len(self.refused)]


@dataclass(frozen=True, slots=True)
class Replay:
    """One request to replay.

    Attributes:
        patch: put on each record; None to change nothing.
        force: whether superseded ones are replayed too.
    """

    dead_letters: DeadLetters
    outbox: OutboxWriter
    validator: Validator
    patch: Patch | None
    force: bool

    async def replay(self, page: Sequence[DeadLetter]) -> Replayed:
        """Replay some, all that can be or, when it raises, perhaps none.

        Raises:
            BudgetExhausted: the outbox has no room; nothing was stored.
            OutboxUnavailable: it cannot be written; nothing was stored.
            DeadLettersUnavailable: the dead letters cannot be reached.
        """
        done = Replayed()
        chunks: dict[str, Chunk] = {}
        for dead_letter in page:
            if dead_letter.superseded and not self.force:
                done.superseded += 1
            else:
                self._renew(dead_letter, chunks, done)
        if chunks:
            await self.outbox.append(list(chunks.values()))
            await self._delete(list(chunks))
            done.replayed = len(chunks)
        return done

    async def _delete(self, dead_letter_ids: Sequence[str]) -> None:
        try:
            await self.dead_letters.delete(dead_letter_ids)
        except OutboxUnavailable as error:  # which would say that nothing was stored
            raise DeadLettersUnavailable from error

    def _renew(self, dead_letter: DeadLetter, chunks: dict[str, Chunk], done: Replayed) -> None:
        dead_letter_id = dead_letter.dead_letter_id
        try:
            chunks[dead_letter_id] = renewed(dead_letter, self.patch, self.validator)
        except InvalidRequest as error:
            done.refused.append(RefusedDeadLetter(dead_letter_id, error.violations))
