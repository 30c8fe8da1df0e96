"""Files that are not as they were written: seen, named, and read out as far as they can be."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli.outbox import outbox as command
from gateway.outbox.claim import Claim
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.interface import DeadLetterCause, RecordRef, Settlement
from gateway.outbox.salvage import salvage
from gateway.outbox.segment import VERSION
from gateway.outbox.sqlite import SqliteOutbox
from gateway.outbox.unusable import OutboxDamaged, OutboxUnusable
from gateway.outbox.verification import verify
from gateway.records import Chunk, Kind, Lane, Record

ITEMS = Lane("shop", Kind.ITEMS)
CHUNKS = 60


def _chunk(number: int) -> Chunk:
    """Some fit on a page with others, some go on over several."""
    size = 20_000 if number % 7 == 0 else 300
    records = tuple(
        Record(f"r{number}-{i}", b'{"n": "' + b"x" * size + b'"}', "s", None) for i in range(2)
    )
    return Chunk(ITEMS, "web", "route", records)


async def _written(path: Path, settings: WriterSettings | None = None) -> None:
    """Leave chunks, the first of them settled: half of it delivered, half dead."""
    outbox = SqliteOutbox.open(path, {}, settings or WriterSettings(linger_s=0.0))
    for number in range(CHUNKS):
        (position,) = await outbox.append([_chunk(number)])
        if number == 0:
            first = position
    cause = DeadLetterCause("InvalidInputException", "bad", 1)
    await outbox.settle(
        [Settlement(RecordRef(first, 0)), Settlement(RecordRef(first, 1), dead_letter=cause)]
    )
    await outbox.close()


async def _crashed(path: Path) -> None:
    """Leave the same as after a crash: all is in the WAL."""
    running = path.with_name("running")
    outbox = SqliteOutbox.open(running, {}, WriterSettings(linger_s=0.0))
    for number in range(CHUNKS):
        await outbox.append([_chunk(number)])
    # Without the -shm files, and the sockets.
    shutil.copytree(running, path, ignore=shutil.ignore_patterns("*-shm", "delivery.wake"))
    await outbox.close()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in salvage(path)]


def _ids(path: Path) -> list[str]:
    return [line["record_id"] for line in _lines(path)]


ALL = [f"r{number}-{index}" for number in range(CHUNKS) for index in range(2)]


def _flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 0x55
    file.write_bytes(content)


async def test_files_as_they_were_written_are_in_order(tmp_path: Path) -> None:
    """Whole, after a clean end and after a crash; and looking changes nothing."""
    await _written(tmp_path / "a")
    await _crashed(tmp_path / "b")
    for folder in ("a", "b"):
        before = {file: file.read_bytes() for file in (tmp_path / folder).iterdir()}
        reports = verify(tmp_path / folder)
        assert [report.problems for report in reports] == [[], []]
        assert sum(report.chunks for report in reports) == CHUNKS
        assert sum(report.records for report in reports) == 2 * CHUNKS
        after = {file: file.read_bytes() for file in before}
        assert {file: after[file] for file in before if not file.name.endswith("-shm")} == before
    assert [report.dead_letters for report in verify(tmp_path / "a")] == [1, 0]


async def test_every_record_is_read_out(tmp_path: Path) -> None:
    """With all that is known of it, and whether delivery was done with it."""
    await _written(tmp_path)
    lines = _lines(tmp_path)
    assert [line["record_id"] for line in lines] == ["r0-1", *ALL]
    assert [line["settled"] for line in lines[:5]] == [True, True, True, False, False]
    accept_time = lines[3].pop("accept_time")
    assert accept_time.endswith("+00:00")
    assert lines[3] == {
        "file": "ingest-1-0-1.segment",
        "dataset_group": "shop",
        "kind": "items",
        "caller": "web",
        "route": "route",
        "settled": False,
        "record_id": "r1-0",
        "session_id": "s",
        "user_id": None,
        "element": {"n": "x" * 300},
    }


async def test_what_is_only_in_the_wal_is_read_out(tmp_path: Path) -> None:
    """As after a crash."""
    await _crashed(tmp_path / "crashed")
    assert _ids(tmp_path / "crashed") == ALL


def _header(content: bytearray) -> None:
    content[:16] = b"x" * 16


def _first_page(content: bytearray) -> None:
    content[: 2 * 4096] = bytes(2 * 4096)


def _truncated(content: bytearray) -> None:
    del content[len(content) // 2 :]


def _blob(content: bytearray) -> None:
    content[content.index(b"r30-0") + 3] ^= 0x55


def _interior_pages(content: bytearray) -> None:
    for at in range(0, len(content), 8192):
        if content[at] == 0x05:
            content[at : at + 8192] = bytes(8192)


def _emptied(content: bytearray) -> None:
    content.clear()


@pytest.mark.parametrize(
    ("damage", "said", "lost"),
    [
        (_header, "does not begin as an SQLite database", 0),
        (_first_page, "does not begin as an SQLite database", 0),
        (_truncated, "", CHUNKS),
        (_blob, "checksum is wrong", 1),
        (_interior_pages, "", 0),
        (_emptied, "does not begin as an SQLite database", CHUNKS),
    ],
)
async def test_a_damaged_segment_stops_the_start_and_is_read_out(
    tmp_path: Path, damage: Callable[[bytearray], None], said: str, lost: int
) -> None:
    """The message says where and what; only what cannot be read is lost."""
    await _written(tmp_path)
    file = tmp_path / "ingest-1-0-1.segment"
    content = bytearray(file.read_bytes())
    damage(content)
    file.write_bytes(content)
    with pytest.raises(OutboxDamaged) as stopped:
        Claim.take(tmp_path)
    assert str(stopped.value).startswith(f"{file}: damaged: ")
    assert said in str(stopped.value)
    assert file.read_bytes() == content
    found = _ids(file)
    assert set(found) <= set(ALL)
    assert len(found) >= 2 * (CHUNKS - lost)
    file.unlink()  # What the operator does once it is read out.
    Claim.take(tmp_path).close()


@pytest.mark.parametrize("seed", range(25))
async def test_no_flipped_bit_goes_unseen_that_changes_a_record(tmp_path: Path, seed: int) -> None:
    """Whatever single byte is another, in the file or in its WAL: seen, or without effect."""
    random = Random(seed)
    folder = tmp_path / "outbox"
    await (_crashed if seed % 2 else _written)(folder)
    name = "ingest-1-0-1.segment-wal" if seed % 2 else "ingest-1-0-1.segment"
    file = folder / name
    _flip(file, random.randrange(file.stat().st_size))
    (report,) = verify(folder / "ingest-1-0-1.segment")
    if not report.problems:
        # A page's unused part, or the last commit's end, which looks as if it was never finished.
        assert report.records >= 2 * (CHUNKS - 1)
        found = [line["record_id"] for line in _lines(folder / "ingest-1-0-1.segment")]
        assert found[: report.records] == ALL[: report.records]


async def test_a_row_that_was_taken_out_is_missed(tmp_path: Path) -> None:
    """Rows of a segment follow each other without a gap."""
    await _written(tmp_path)
    with sqlite3.connect(tmp_path / "ingest-1-0-1.segment") as connection:
        connection.execute("DELETE FROM chunk WHERE row IN (5, 6)")
    connection.close()
    (_, report) = verify(tmp_path)
    assert report.problems == ["rows 5 to 6 are missing"]


async def test_a_lane_that_was_changed_is_seen(tmp_path: Path) -> None:
    """The columns are held against the blob."""
    await _written(tmp_path)
    with sqlite3.connect(tmp_path / "ingest-1-0-1.segment") as connection:
        connection.execute("UPDATE chunk SET kind = 'users' WHERE row = 7")
    connection.close()
    (_, report) = verify(tmp_path)
    assert report.problems == ["row 7: its blob and the columns beside it differ"]


async def test_damaged_notes_stop_the_start_and_are_read_out(tmp_path: Path) -> None:
    """Dead letters are there and nowhere else."""
    await _written(tmp_path)
    file = tmp_path / "delivery.db"
    content = bytearray(file.read_bytes())
    content[:16] = b"x" * 16
    file.write_bytes(content)
    with pytest.raises(OutboxDamaged, match=r"delivery\.db: damaged"):
        Claim.take(tmp_path)
    assert _ids(file) == ["r0-1"]
    assert {line["settled"] for line in _lines(tmp_path)} == {None}


async def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    """Also where they are databases."""
    await _written(tmp_path)
    file = tmp_path / "ingest-9-0-1.segment"
    sqlite3.connect(file).execute("CREATE TABLE t (x)").connection.close()
    with pytest.raises(OutboxDamaged, match="header does not say"):
        Claim.take(tmp_path)


async def test_a_segment_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    """As one that is newer, not as one that is damaged."""
    await _written(tmp_path)
    connection = sqlite3.connect(tmp_path / "ingest-1-0-1.segment")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    said = f"format is {VERSION + 1}; this gateway knows {VERSION}"
    with pytest.raises(OutboxUnusable, match=said):
        Claim.take(tmp_path)


async def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    """A line for each file and each problem, and a status that scripts can use."""
    await _written(tmp_path)
    fine = CliRunner().invoke(command, ["verify", str(tmp_path)])
    assert fine.exit_code == 0
    assert fine.output.splitlines() == [
        f"{tmp_path}/delivery.db: ok: 0 records in 0 chunks, 1 dead letters",
        f"{tmp_path}/ingest-1-0-1.segment: ok: 120 records in 60 chunks",
    ]
    _flip(tmp_path / "ingest-1-0-1.segment", 3)
    damaged = CliRunner().invoke(command, ["verify", str(tmp_path / "ingest-1-0-1.segment")])
    assert damaged.exit_code == 1
    assert damaged.output.splitlines() == [
        f"{tmp_path}/ingest-1-0-1.segment: damaged; 0 records in 0 chunks can be read",
        "  it does not begin as an SQLite database does",
    ]


async def test_the_command_keeps_away_from_a_running_gateway(tmp_path: Path) -> None:
    """Files that are being written would look damaged."""
    claim = Claim.take(tmp_path)
    refused = CliRunner().invoke(command, ["verify", str(tmp_path)])
    assert refused.exit_code == 1
    assert "process" in refused.output
    claim.close()


async def test_the_command_reads_out_into_a_file_of_its_own(tmp_path: Path) -> None:
    """Which nobody else can read, and which was not there before."""
    await _written(tmp_path / "outbox")
    output = tmp_path / "lines.jsonl"
    arguments = ["salvage", str(tmp_path / "outbox"), "--output", str(output)]
    read = CliRunner().invoke(command, arguments)
    assert (read.exit_code, read.output) == (0, "121 records\n")
    assert output.stat().st_mode & 0o777 == 0o600
    assert len(output.read_text().splitlines()) == 121
    assert CliRunner().invoke(command, arguments).exit_code == 1
    to_stdout = CliRunner().invoke(command, arguments[:2])
    assert to_stdout.stdout.splitlines()[:121] == output.read_text().splitlines()


@pytest.mark.parametrize("name", ["verify", "salvage"])
def test_the_command_says_that_there_is_nothing(tmp_path: Path, name: str) -> None:
    """A mistyped path is not an outbox in order."""
    nothing = CliRunner().invoke(command, [name, str(tmp_path / "x")])
    assert nothing.exit_code == 1
    assert "there is nothing" in nothing.output
