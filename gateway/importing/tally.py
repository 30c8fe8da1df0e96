"""What became of the rows of a file."""

from collections import Counter
from collections.abc import Mapping

from gateway.importing.refused_file import RefusedFile
from gateway.importing.window import Settled


class Tally:
    """Counts settled rows and writes the refused ones to their file.

    Attributes:
        rows: how many are settled.
        refused: how many of them were not taken.
        not_sent: how many of those were not even sent.
    """

    def __init__(self, refused_file: RefusedFile) -> None:
        self._refused_file = refused_file
        self.rows = 0
        self.refused = 0
        self.not_sent = 0
        self._rules: Counter[str] = Counter()

    @property
    def accepted(self) -> int:
        """How many rows were taken."""
        return self.rows - self.refused

    @property
    def rules(self) -> Mapping[str, int]:
        """How many rows broke each rule, the most frequent first."""
        return dict(self._rules.most_common())

    def add(self, settled: Settled) -> None:
        """Count a batch.

        Raises:
            OSError: refused rows cannot be written; nothing of the batch was counted.
        """
        for row, problems in settled.refused:
            self._refused_file.write(row, problems)
        for row, problems in settled.refused:
            self.not_sent += row.record is None
            self._rules.update({problem.rule for problem in problems})
        self.rows += settled.rows
        self.refused += len(settled.refused)
