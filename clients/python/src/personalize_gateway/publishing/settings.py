"""What can be set about a publisher, and what it tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from personalize_gateway.errors import Violation
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

_MAX_RECORDS = 500
_MAX_BATCH_BYTES = 4 * 1024 * 1024 - 1024


class BufferFull(Exception):
    """Expected error: there is no room, and the publisher was told to raise then."""


class WhenFull(Enum):
    """What becomes of a record for which there is no room."""

    BLOCK = "block"
    """`publish` waits until there is."""
    DROP_NEWEST = "drop_newest"
    """It is dropped, counted, and `publish` returns False."""
    RAISE = "raise"
    """`publish` raises `BufferFull`; it is counted as dropped."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that the gateway did not take, and will not.

    Attributes:
        record: what was published.
        reason: a name of `ErrorReason` without its prefix, or a gRPC code where no gateway said
            one. `UNSETTLED`: the publisher was closed before it was known; the record may have been
            taken.
        message: what happened and what to do.
        violations: every rule that it breaks, where the reason is `INVALID_FIELDS`.
    """

    record: IngestRecord
    reason: str
    message: str
    violations: Sequence[Violation] = ()


@dataclass(slots=True)
class Counts:
    """What became of records so far.

    Attributes:
        published: taken by `publish`.
        confirmed: durable at the gateway.
        refused: given to `on_refused`.
        dropped: not taken by `publish`, for want of room.
        resent: sent again on another stream.
        streams: how many were opened.
    """

    published: int = 0
    confirmed: int = 0
    refused: int = 0
    dropped: int = 0
    resent: int = 0
    streams: int = 0

    @property
    def pending(self) -> int:
        """How many are neither confirmed nor refused yet."""
        return self.published - self.confirmed - self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherOptions:
    """What can be set about a publisher.

    Attributes:
        dataset_group: where records go; None for that of the client's options.
        max_records: how many wait or are under way at most.
        max_bytes: likewise, in bytes on the wire.
        when_full: what becomes of one more.
        batch_records: how many go into one request at most, up to 500.
        batch_bytes: likewise, in bytes.
        linger_s: how long a record waits for others to share its request.
        max_unacknowledged: how many requests are under way at most.
    """

    dataset_group: str | None = None
    max_records: int = 10_000
    max_bytes: int = 16 * 1024 * 1024
    when_full: WhenFull = WhenFull.BLOCK
    batch_records: int = 100
    batch_bytes: int = 256 * 1024
    linger_s: float = 0.01
    max_unacknowledged: int = 16

    def __post_init__(self) -> None:
        ranges = {
            "max_records": (1, 2**31),
            "max_bytes": (1, 2**40),
            "batch_records": (1, _MAX_RECORDS),
            "batch_bytes": (1, _MAX_BATCH_BYTES),
            "linger_s": (0, 60),
            "max_unacknowledged": (1, 1000),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} must lie within {least} and {most}")

    @property
    def largest_bytes(self) -> int:
        """The largest record that can be sent at all."""
        return min(self.max_bytes, _MAX_BATCH_BYTES)
