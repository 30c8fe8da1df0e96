"""Chunks in one line, and a directory that is claimed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.outbox.claim import Claim
from gateway.records import Chunk, Kind, Lane, Record

ITEMS = Lane("shop", Kind.ITEMS)

MakeChunk = Callable[..., Chunk]


@pytest.fixture(scope="session")
def chunk() -> MakeChunk:
    """Make a chunk of items, or of another lane, with these record IDs."""

    def make(*ids: str, lane: Lane = ITEMS, size_bytes: int = 0) -> Chunk:
        records = tuple(Record(i, f'{{"id":"{i}"}}'.encode().ljust(size_bytes)) for i in ids)
        return Chunk(lane, "web", "storefront", records)

    return make


@pytest.fixture
def claim(tmp_path: Path) -> Iterator[Claim]:
    """Claim a directory for three ingest processes and one of delivery."""
    claimed = Claim.take(tmp_path / "outbox", writers=3)
    yield claimed
    claimed.close()
