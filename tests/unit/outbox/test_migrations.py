"""A directory of version 1 is brought to ours, with all that is in it."""

import sqlite3
from pathlib import Path

import pytest

from gateway.outbox.claim import Claim
from gateway.outbox.codec import encode
from gateway.outbox.delivery_db import VERSION
from gateway.outbox.directory import FORMAT
from gateway.outbox.interface import Position, RecordRef, Settlement, StoredChunk
from gateway.outbox.migrations import remember_replays
from gateway.outbox.sqlite import SqliteOutbox
from gateway.outbox.unusable import OutboxDamaged
from gateway.outbox.verification import verify
from gateway.records import Chunk, Kind, Lane, Origin, Record

ITEMS = Lane("shop", Kind.ITEMS)
DEAD = "2-1-0-100000001-0"

# The files as version 1 made them. These texts are its format: they do not change.
SEGMENT = """
PRAGMA page_size = 8192;
CREATE TABLE chunk (
    row INTEGER PRIMARY KEY, stamp_ns INTEGER NOT NULL, dataset_group TEXT NOT NULL,
    kind TEXT NOT NULL, records INTEGER NOT NULL, size_bytes INTEGER NOT NULL, blob BLOB NOT NULL
) STRICT;
CREATE TABLE erased (times INTEGER NOT NULL) STRICT;
INSERT INTO erased VALUES (0);
PRAGMA application_id = 1346851655;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
"""
DELIVERY = """
PRAGMA page_size = 8192;
PRAGMA auto_vacuum = INCREMENTAL;
CREATE TABLE done (
    boot INTEGER, writer INTEGER, number INTEGER, page INTEGER, bits BLOB NOT NULL,
    PRIMARY KEY (boot, writer, number, page)
) STRICT, WITHOUT ROWID;
CREATE TABLE partial (
    boot INTEGER, writer INTEGER, number INTEGER, row INTEGER, states BLOB NOT NULL,
    PRIMARY KEY (boot, writer, number, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE survivor (
    boot INTEGER, writer INTEGER, number INTEGER, row INTEGER, stamp_ns INTEGER NOT NULL,
    dataset_group TEXT NOT NULL, kind TEXT NOT NULL, records INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (boot, writer, number, row)
) STRICT;
CREATE TABLE settled (
    sequence INTEGER PRIMARY KEY, settled_at_ms INTEGER NOT NULL, outcomes BLOB NOT NULL
) STRICT;
CREATE TABLE released (
    dataset_group TEXT PRIMARY KEY, boot INTEGER NOT NULL, size_bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE lane (
    dataset_group TEXT, kind TEXT, state BLOB NOT NULL, PRIMARY KEY (dataset_group, kind)
) STRICT;
CREATE TABLE dead_letter (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, dead_letter_id TEXT NOT NULL UNIQUE,
    dataset_group TEXT NOT NULL, kind TEXT NOT NULL, record_id TEXT NOT NULL,
    reason TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, attempts INTEGER NOT NULL,
    boot INTEGER NOT NULL, stamp_ns INTEGER NOT NULL, accepted_at_ms INTEGER NOT NULL,
    dead_at_ms INTEGER NOT NULL, superseded INTEGER NOT NULL, size_bytes INTEGER NOT NULL,
    blob BLOB NOT NULL
) STRICT;
CREATE INDEX dead_letter_of_record ON dead_letter (dataset_group, kind, record_id)
WHERE NOT superseded;
PRAGMA application_id = 1346847810;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
"""


def _chunk(*ids: str) -> Chunk:
    return Chunk(ITEMS, "web", "route", tuple(Record(i, b"{}") for i in ids))


def _write(file: Path, schema: str, rows: list[tuple[str, tuple[object, ...]]]) -> None:
    connection = sqlite3.connect(file)
    connection.executescript(schema)
    for table, row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - a test's
    connection.commit()
    connection.close()


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    """A directory of version 1: chunks that are open, done, partly done and copied; dead letters.

    Chunks of the form of version 1 have the bytes of today's: see `test_codec`.
    """
    path = tmp_path / "outbox"
    path.mkdir()
    (path / "format").write_text("1\n")
    (path / "boot").write_text("2\n")
    open_, part, copied = _chunk("a"), _chunk("b", "c"), _chunk("d")
    chunks = [(1, 10, open_), (2, 11, _chunk("x")), (3, 12, part)]
    _write(
        path / "ingest-2-0-1.segment",
        SEGMENT,
        [
            ("chunk", (row, ns, *ITEMS, len(one.records), one.size_bytes, encode(one, (2, ns), 5)))
            for row, ns, one in chunks
        ],
    )
    letter = (*ITEMS, "a", "refused", "Bad", "it is bad", 3, 2, 1, 5, 6)
    _write(
        path / "delivery.db",
        DELIVERY,
        [
            ("done", (2, 0, 1, 0, (1 << 2).to_bytes(512, "little"))),
            ("partial", (2, 0, 1, 3, b"\1\0")),
            ("survivor", (1, 0, 1, 7, 9, *ITEMS, 1, 2, encode(copied, (1, 9), 5))),
            ("lane", (*ITEMS, b"state")),
            ("dead_letter", (1, DEAD, *letter, 0, 2, encode(open_, (2, 1), 5))),
            ("dead_letter", (2, "2-1-0-100000001-1", *letter, 1, 2, encode(open_, (2, 1), 5))),
        ],
    )
    return path


def _position(boot: int, stamp_ns: int, row: int) -> Position:
    return Position((boot, stamp_ns), 0, 1 << 32 | row)


async def test_all_of_version_1_is_there_afterwards(
    version_1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits, what is settled of it, what is remembered of lanes, and the dead letters."""
    monkeypatch.setattr("time.time", lambda: 1.0)  # The dead letters are not too old.
    outbox = SqliteOutbox.open(version_1, {})
    assert await outbox.read(ITEMS, after=None, max_records=99, max_bytes=1 << 20) == [
        StoredChunk(_position(1, 9, 7), _chunk("d")),
        StoredChunk(_position(2, 10, 1), _chunk("a")),
        StoredChunk(_position(2, 12, 3), _chunk("b", "c"), frozenset({0})),
    ]
    assert await outbox.reader.lane_states() == {ITEMS: b"state"}
    found = (await outbox.dead_letters.find()).dead_letters
    assert [(one.dead_letter_id, one.superseded, one.origin) for one in found] == [
        (DEAD, False, Origin(2, 1, 0, 1 << 32 | 1, 0)),
        ("2-1-0-100000001-1", True, Origin(2, 1, 0, 1 << 32 | 1, 1)),
    ]
    await outbox.close()
    assert (version_1 / "format").read_text() == f"{FORMAT}\n"
    assert [(one.problems, one.failure) for one in verify(version_1)] == [([], None)] * 2


async def test_a_dead_letter_of_version_1_is_replayed_as_what_it_was(version_1: Path) -> None:
    """What is newer and waits in files of version 1 supersedes it."""
    outbox = SqliteOutbox.open(version_1, {})
    (letter, _) = (await outbox.dead_letters.find()).dead_letters
    again = Chunk(ITEMS, "web", "route", (letter.record,), "", letter.origin, DEAD)
    (replay,) = await outbox.append([again])
    assert await outbox.dead_letters.replayed([DEAD]) == 1
    await outbox.settle([Settlement(RecordRef(_position(2, 10, 1), 0))])
    last = await outbox.read(ITEMS, after=_position(2, 12, 3), max_records=99, max_bytes=1 << 20)
    assert last == [StoredChunk(replay, again, superseded=True)]
    await outbox.close()


def test_a_step_that_was_taken_already_changes_nothing(version_1: Path) -> None:
    """It was broken off before the new format was noted."""
    remember_replays(version_1)
    Claim.take(version_1).close()
    connection = sqlite3.connect(version_1 / "delivery.db")
    assert connection.execute("PRAGMA user_version").fetchall() == [(VERSION,)]
    found = connection.execute("SELECT replayed, writer, row, record FROM dead_letter").fetchall()
    assert found == [(0, 0, 0x100000001, 0), (0, 0, 0x100000001, 1)]
    connection.close()


def test_what_is_damaged_is_not_migrated(version_1: Path) -> None:
    """The start stops, says which file, and leaves the old format."""
    (version_1 / "delivery.db").write_bytes(b"no database" * 1000)
    with pytest.raises(OutboxDamaged, match=r"delivery\.db: damaged: it cannot be migrated"):
        Claim.take(version_1)
    assert (version_1 / "format").read_text() == "1\n"


def test_nothing_but_a_format_is_migrated_too(tmp_path: Path) -> None:
    """The first start of version 1 was broken off before it made anything."""
    (tmp_path / "format").write_text("1\n")
    Claim.take(tmp_path).close()
    assert (tmp_path / "format").read_text() == f"{FORMAT}\n"
