"""What a child tells its supervisor: JSON, a line each, on its standard output."""

import json
import sys
from dataclasses import asdict, dataclass

MAX_LINE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Report:
    """The state of a child, sent when it begins to serve and whenever it changes.

    Attributes:
        port: the port of its own that an ingest process listens on; None for the delivery process.
        healthy: whether it can do its work; an ingest process that cannot write is not.
        problem: what is wrong where it is not healthy, for an operator.
        generation: the number of the configuration that it uses.
        refused: the number of the last configuration that it could not use; 0 where there is none.
    """

    port: int | None = None
    healthy: bool = True
    problem: str = ""
    generation: int = 0
    refused: int = 0

    def send(self) -> None:
        """Write the report to standard output."""
        sys.stdout.write(json.dumps(asdict(self)) + "\n")
        sys.stdout.flush()

    @staticmethod
    def parse(line: bytes) -> "Report":
        """Return the report of a line.

        Raises:
            ValueError: the line is none.
        """
        try:
            return Report(**json.loads(line))
        except TypeError as error:
            raise ValueError(f"not a report: {error}") from error
