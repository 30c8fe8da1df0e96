"""Writes the vectors: `python -m tests.vectors.generate`."""

from collections.abc import Sequence
from pathlib import Path

from tests.vectors.source.case import Vectors
from tests.vectors.source.identifiers import identifiers
from tests.vectors.source.ingest_batch import ingest_batch
from tests.vectors.source.lengths import lengths
from tests.vectors.source.numbers import numbers
from tests.vectors.source.properties import properties
from tests.vectors.source.requests import requests
from tests.vectors.source.schema import schema
from tests.vectors.source.sizes import sizes
from tests.vectors.source.times import times

DIRECTORY = Path(__file__).parent
"""Where the files are."""


def files() -> Sequence[Vectors]:
    """Return all of them."""
    sources = (
        identifiers,
        ingest_batch,
        lengths,
        numbers,
        properties,
        requests,
        schema,
        sizes,
        times,
    )
    return [source() for source in sources]


def main() -> None:
    """Write all files."""
    for vectors in files():
        (DIRECTORY / f"{vectors.name}.json").write_text(vectors.text())


if __name__ == "__main__":
    main()
