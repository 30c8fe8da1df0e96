"""Every record that can still be read in the files of an outbox, as lines of JSON."""

import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.outbox import codec, database, dead_letter_queries, delivery_db, queries
from gateway.outbox.carving import carve
from gateway.outbox.codec import ChunkDamaged, WrittenChunk
from gateway.outbox.progress import DoneRows, State
from gateway.outbox.segment_name import Place, SegmentName
from gateway.outbox.unusable import OutboxUnusable
from gateway.records import Record


def salvage(path: Path) -> Iterator[str]:
    """Yield a line for each record in an outbox directory, or in one file of it. Changes nothing.

    A line says whether delivery had settled the record: delivered it, or kept it as a dead letter.
    That is null where the notes of it, `delivery.db` in the same directory, cannot be read.

    Raises:
        OutboxUnusable: there is nothing at that path.
    """
    if not path.exists():
        raise OutboxUnusable(path, "there is nothing")
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    for file in files:
        name = SegmentName.of_file(file.name)
        if name is not None:
            yield from _of_segment(file, name)
        elif file.name == "delivery.db":
            yield from _of_delivery_db(file)


def _of_segment(file: Path, name: SegmentName) -> Iterator[str]:
    progress = _Progress.read(file.with_name("delivery.db"))
    for row, written in carve(file):
        place = Place(name, row)
        for index, record in enumerate(written.chunk.records):
            settled = progress.is_settled(place, index) if progress else None
            yield _line(file, written, record, settled=settled)


class _Progress:
    """What delivery noted of the records of segments."""

    def __init__(self, done: dict[SegmentName, DoneRows], partial: dict[Place, bytes]) -> None:
        self._done = done
        self._partial = partial

    @classmethod
    def read(cls, file: Path) -> "_Progress | None":
        try:
            with database.untouched(file) as connection:
                done = delivery_db.done_rows(connection)
                return cls(done, delivery_db.partial_chunks(connection))
        except sqlite3.Error:
            return None

    def is_settled(self, place: Place, index: int) -> bool:
        if place.row in self._done.get(place.segment, ()):
            return True
        states = self._partial.get(place)
        return states is not None and states[index] != State.PENDING


def _of_delivery_db(file: Path) -> Iterator[str]:
    """Yield survivors and dead letters; by carving, with deleted ones, where SQLite fails."""
    try:
        for blob, dead in list(_stored(file)):
            written = codec.decode(blob)
            for record in written.chunk.records:
                yield _line(file, written, record, settled=dead)
    except (sqlite3.Error, ChunkDamaged):
        for _, written in carve(file):
            for record in written.chunk.records:
                yield _line(file, written, record, settled=None)


def _stored(file: Path) -> Iterator[tuple[bytes, bool]]:
    with database.untouched(file) as connection:
        for *_, blob in connection.execute(queries.ALL_SURVIVORS):
            yield blob, False
        for *_, blob in connection.execute(dead_letter_queries.ALL_DEAD_LETTERS):
            yield blob, True


def _line(file: Path, written: WrittenChunk, record: Record, *, settled: bool | None) -> str:
    chunk = written.chunk
    head: dict[str, Any] = {
        "file": file.name,
        "dataset_group": chunk.lane.dataset_group,
        "kind": chunk.lane.kind,
        "caller": chunk.caller,
        "route": chunk.route,
        "accept_time": datetime.fromtimestamp(written.accepted_at_ms / 1000, UTC).isoformat(),
        "settled": settled,
        "record_id": record.record_id,
        "session_id": record.session_id,
        "user_id": record.user_id,
    }
    name, element = _element(record.element)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "{name}": {element}}}'


def _element(element: bytes) -> tuple[str, str]:
    """Return the element as it is, where that is JSON in one line, else in Base64."""
    try:
        text = element.decode()
        json.loads(text)
    except ValueError:
        return "element_base64", json.dumps(b64encode(element).decode())
    # Line breaks of a JSON text stand only between its tokens.
    return "element", text.replace("\r", " ").replace("\n", " ")
