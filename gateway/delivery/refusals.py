"""How many records Personalize refuses, and when that is too many."""

from collections import deque
from dataclasses import dataclass

DEAD_LETTER_LIMIT = "DeadLetterLimit"
"""The code of a lane that is parked because too many of its records are refused."""


@dataclass(frozen=True, slots=True)
class RefusalSettings:
    """When refusals are no longer the records' fault.

    Attributes:
        max_share: of the last records, the share that may become dead letters, 0 to 1.
        of_records: how many records that share is taken of; with fewer there is no limit yet.
        careful_for_calls: after a refusal, so many calls are made of one caller's records alone.
    """

    max_share: float = 0.5
    of_records: int = 200
    careful_for_calls: int = 100


class Refusals:
    """What Personalize has refused lately.

    A bad deploy of one service must not turn everything into dead letters: past the limit the fault
    is not the data's, but a schema's or the gateway's.
    """

    def __init__(self, settings: RefusalSettings) -> None:
        self._settings = settings
        self._last: deque[bool] = deque(maxlen=settings.of_records)
        self._refused = 0
        self._careful_calls = 0

    @property
    def too_many(self) -> bool:
        """Whether one more dead letter would exceed the limit."""
        if len(self._last) < self._settings.of_records:
            return False
        return self._refused >= self._settings.max_share * self._settings.of_records

    @property
    def careful(self) -> bool:
        """Whether batches should be made of one caller's records."""
        return self._careful_calls > 0

    def call_taken(self, records: int) -> None:
        """Note a call that Personalize took."""
        self._careful_calls = max(0, self._careful_calls - 1)
        if self._refused or len(self._last) < self._settings.of_records:
            for _ in range(records):
                self._note(refused=False)

    def call_refused(self) -> None:
        """Note a call that Personalize refused."""
        self._careful_calls = self._settings.careful_for_calls

    def record_refused(self) -> None:
        """Note a record that became a dead letter."""
        self._note(refused=True)

    def reconfigure(self, settings: RefusalSettings) -> None:
        """Take up other settings; what was refused lately still counts."""
        self._settings = settings
        self._last = deque(self._last, maxlen=settings.of_records)
        self._refused = sum(self._last)

    def forget(self) -> None:
        """Begin anew: an operator says that what was wrong is mended."""
        self._last.clear()
        self._refused = 0

    def _note(self, *, refused: bool) -> None:
        if len(self._last) == self._last.maxlen:
            self._refused -= self._last[0]
        self._last.append(refused)
        self._refused += refused
