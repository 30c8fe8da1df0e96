"""The rows of a file, so many together as one request has."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from personalize_gateway.v1.ingest_service_pb2 import IngestRequest

from gateway.importing.row import Row

MAX_REQUEST_BYTES = 1024 * 1024
"""Records of a request, together. Well below the 4 MiB that a request may have."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are settled together, in the order of the file.

    Attributes:
        sequence: of the request, from 1.
        rows: those that are sent, and those between them whose problems were found before.
        request: what is sent; None where no row of it is.
    """

    sequence: int
    rows: Sequence[Row]
    request: IngestRequest | None

    @property
    def sent(self) -> Sequence[Row]:
        """The rows that are sent, as the gateway counts them."""
        return [row for row in self.rows if row.record is not None]


def batches(rows: Iterable[Row], dataset_group: str, size: int) -> Iterator[Batch]:
    """Yield the rows in batches.

    Args:
        rows: of one file, in its order.
        dataset_group: its short name; empty where the gateway may choose.
        size: most rows of a batch.
    """
    for sequence, together in enumerate(_groups(rows, size), start=1):
        records = [row.record for row in together if row.record is not None]
        request = IngestRequest(sequence=sequence, dataset_group=dataset_group, records=records)
        yield Batch(sequence, together, request if records else None)


def _groups(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    group: list[Row] = []
    size_bytes = 0
    for row in rows:
        row_bytes = 0 if row.record is None else row.record.ByteSize()
        if group and (len(group) >= size or size_bytes + row_bytes > MAX_REQUEST_BYTES):
            yield group
            group, size_bytes = [], 0
        group.append(row)
        size_bytes += row_bytes
    if group:
        yield group
