"""What became of the records of a chunk, from all that delivery knows."""

from collections.abc import Mapping

from gateway.outbox.dead_letter_store import DeadLetterStore
from gateway.outbox.dead_letters import dead_letter_id
from gateway.outbox.directory import Directory
from gateway.outbox.interface import Outcome, OutcomeState, Position, RecordRef
from gateway.outbox.outcomes import ChunkKey, RecentOutcomes, plain
from gateway.outbox.progress import State
from gateway.outbox.segment_name import Place
from gateway.outbox.segment_states import SegmentStates


class OutcomeLookup:
    """Answers for chunks that were appended. Blocks; for one thread at a time.

    Of a chunk that was settled longer ago than is remembered it is known that it was settled, not
    how: its records are said to be delivered. Who waits for an outcome waits a minute; what is
    remembered lasts for more.
    """

    def __init__(
        self,
        directory: Directory,
        segments: SegmentStates,
        partial: Mapping[Place, bytes],
        recent: RecentOutcomes,
        letters: DeadLetterStore,
    ) -> None:
        self._directory = directory
        self._segments = segments
        self._partial = partial
        self._recent = recent
        self._letters = letters

    def outcomes(self, position: Position) -> tuple[Outcome, ...]:
        """Return what became of each record so far."""
        found = plain(self._states(position))
        for index, outcome in enumerate(found):
            if outcome.state is OutcomeState.DEAD_LETTERED:
                name = dead_letter_id(RecordRef(position, index))
                found[index] = Outcome(outcome.state, name, self._letters.code(name))
        return tuple(found)

    def _states(self, position: Position) -> bytes:
        place = Place.of(position)
        known = self._recent.states(ChunkKey.of(position)) or self._partial.get(place)
        if known is not None:
            return known
        settled = State.DELIVERED if self._is_settled(place) else State.PENDING
        return bytes([settled]) * position.records

    def _is_settled(self, place: Place) -> bool:
        segment = self._segments.get(place.segment)
        if segment is not None:
            return place.row in segment.done
        # Drained and gone, if it was not made a moment ago.
        return not self._directory.segment(place.segment).exists()
