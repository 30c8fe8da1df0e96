"""What AWS told of each dataset group, on disk: `discovered/NAME.json` in the outbox's directory.

It is only a cache: what cannot be read counts as not there, and AWS is asked anew.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog

from gateway.dataset_group import DatasetGroupFacts
from gateway.discovery.source import Source

log = structlog.get_logger()

DIRECTORY = "discovered"
"""Name of the folder in the outbox's directory."""

VERSION = 1
"""Of the files' form. A file of another is not read."""

Signature = tuple[int, int, int]
"""Tells a file from the one that replaced it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the cache has of a dataset group.

    Attributes:
        facts: what AWS told last; None where nothing is known.
        asked: whether AWS was asked since this start of the gateway, whatever it answered.
    """

    facts: DatasetGroupFacts | None = None
    asked: bool = False


class FactsCache:
    """The files. One process writes them, any may read.

    Args:
        path: the outbox's directory.
        boot: the number of this start of the gateway, as the outbox counts them.
    """

    def __init__(self, path: Path, boot: int) -> None:
        self._path = path / DIRECTORY
        self._boot = boot

    def __repr__(self) -> str:
        return f"<FactsCache {self._path}, boot {self._boot}>"

    def load(self, source: Source) -> Entry:
        """Return what there is of a dataset group, if it was asked of the same source."""
        file = self._file(source.name)
        try:
            return self._entry(json.loads(file.read_bytes()), source)
        except FileNotFoundError:
            return Entry()
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            log.warning(
                "a file of what AWS told cannot be used; AWS is asked anew",
                file=str(file),
                why=type(error).__name__,
            )
            return Entry()

    def _entry(self, document: Mapping[str, Any], source: Source) -> Entry:
        if document["version"] != VERSION:
            raise ValueError(f"its version is not {VERSION}")
        if document["source"] != _source_document(source):
            return Entry()
        facts = document["facts"]
        restored = None if facts is None else DatasetGroupFacts.restore(facts)
        return Entry(restored, document["boot"] == self._boot)

    def save(self, source: Source, facts: DatasetGroupFacts | None) -> None:
        """Replace what there is of a dataset group, whole or not at all. Blocks.

        Args:
            source: where AWS was asked.
            facts: what it told; None where it never did.

        Raises:
            OSError: the file cannot be written.
        """
        document = {
            "version": VERSION,
            "source": _source_document(source),
            "boot": self._boot,
            "facts": facts and facts.document(),
        }
        self._path.mkdir(mode=0o700, exist_ok=True)
        _replace(self._file(source.name), json.dumps(document, indent=1).encode())

    def signature(self, name: str) -> Signature | None:
        """Return what changes whenever a dataset group's file does; None without a file."""
        try:
            found = self._file(name).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _file(self, name: str) -> Path:
        return self._path / f"{name}.json"


def _source_document(source: Source) -> dict[str, Any]:
    return {"arn": source.arn, "endpoint": asdict(source.endpoint)}


def _replace(file: Path, content: bytes) -> None:
    new = file.with_name(file.name + ".new")
    descriptor = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as to:
        to.write(content)
        to.flush()
        os.fsync(to.fileno())
    new.rename(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
