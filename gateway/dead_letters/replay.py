"""Dead letters put back into the outbox, page by page.

A dead letter goes only once its replacement is durable. What happens in between, a crash included,
leaves both: it may be sent twice, never not at all. An item, user or action that replaces nothing
newer stays, out of sight, until its replay is settled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.acceptance import InvalidRequest
from gateway.dead_letters.errors import DeadLettersUnavailable
from gateway.dead_letters.patch import Patch
from gateway.dead_letters.renewal import Renew, renewed
from gateway.outbox.dead_letters import DeadLetter, DeadLetters
from gateway.outbox.interface import OutboxUnavailable, OutboxWriter
from gateway.records import Chunk
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
        refused: how many were left because they break rules.
        refusals: the first `MAX_REFUSED` of those.
        incomplete: whether not all that were chosen were looked at.
    """

    replayed: int = 0
    superseded: int = 0
    refused: int = 0
    refusals: list[RefusedDeadLetter] = field(default_factory=list)
    incomplete: bool = False

    def add(self, other: "Replayed") -> None:
        """Add what was done besides."""
        self.replayed += other.replayed
        self.superseded += other.superseded
        self.refused += other.refused
        self.refusals += other.refusals[: MAX_REFUSED - len(self.refusals)]


@dataclass(frozen=True, slots=True)
class Replay:
    """One request to replay.

    Attributes:
        renew: checks and encodes each.
        patch: put on each record; None to change nothing.
        force: whether superseded ones are replayed too, and all of them as new.
    """

    dead_letters: DeadLetters
    outbox: OutboxWriter
    renew: Renew
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
            await self._let_go(chunks)
            done.replayed = len(chunks)
        return done

    async def _let_go(self, chunks: Mapping[str, Chunk]) -> None:
        as_new = [name for name, chunk in chunks.items() if chunk.origin is None]
        as_old = [name for name, chunk in chunks.items() if chunk.origin is not None]
        try:
            if as_new:
                await self.dead_letters.delete(as_new)
            if as_old:
                await self.dead_letters.replayed(as_old)
        except OutboxUnavailable as error:  # which would say that nothing was stored
            raise DeadLettersUnavailable from error

    def _renew(self, dead_letter: DeadLetter, chunks: dict[str, Chunk], done: Replayed) -> None:
        dead_letter_id = dead_letter.dead_letter_id
        try:
            chunks[dead_letter_id] = renewed(dead_letter, self.patch, self.renew, as_new=self.force)
        except InvalidRequest as error:
            done.refused += 1
            done.refusals.append(RefusedDeadLetter(dead_letter_id, error.violations))
