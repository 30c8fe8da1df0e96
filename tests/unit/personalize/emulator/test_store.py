"""What is kept, in memory and in a file."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.personalize.emulator.store import Record, StateError, Store


def record(number: int, kind: str = "events", group: str = "shop", **fields: str) -> Record:
    """Return a record that differs from others by a number."""
    element = fields.get("element", f'{{"n": {number}}}')
    return Record(kind, group, 1.5, f"request-{number}", f"s{number}", None, element)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return a store of each sort."""
    opened = Store(tmp_path / "state.db" if request.param == "file" else None)
    yield opened
    opened.close()


def test_records_in_order_of_arrival(store: Store) -> None:
    """Records come back whole, in the order in which they were appended."""
    store.append([record(1), record(2)])
    store.append([record(3)])

    assert list(store.records()) == [
        Record("events", "shop", 1.5, f"request-{n}", f"s{n}", None, f'{{"n": {n}}}', sequence=n)
        for n in (1, 2, 3)
    ]


def test_records_of_a_kind_and_a_dataset_group(store: Store) -> None:
    """Each filter narrows what is read."""
    store.append([record(1), record(2, "items"), record(3, "items", "other")])

    def numbers(kind: str | None, group: str | None) -> list[int]:
        return [found.sequence for found in store.records(kind, group)]

    assert [
        numbers(None, None),
        numbers("items", None),
        numbers(None, "shop"),
        numbers("items", "shop"),
        numbers("users", None),
    ] == [[1, 2, 3], [2, 3], [1, 2], [2], []]


def test_more_records_than_a_page(store: Store) -> None:
    """Reading crosses pages without a gap or a repetition."""
    store.append([record(n) for n in range(1, 1203)])

    assert [found.sequence for found in store.records()] == list(range(1, 1203))


def test_reading_ends_while_records_arrive(store: Store) -> None:
    """What arrives while it is read is left for the next reading."""
    store.append([record(1), record(2)])
    seen = 0
    for _ in store.records():
        store.append([record(3)])
        seen += 1

    assert (seen, len(list(store.records()))) == (2, 4)


def test_resources(store: Store) -> None:
    """A resource is kept, replaced and forgotten by its ARN."""
    store.save("b", {"v": 1})
    store.save("a", {"v": 2})
    store.save("b", {"v": 3})
    kept = store.resources()
    store.delete("a")

    assert (kept, store.resources()) == ([{"v": 2}, {"v": 3}], [{"v": 3}])


def test_a_file_outlasts_the_store(tmp_path: Path) -> None:
    """What was kept in a file is there when it is opened again, and the sequence goes on."""
    path = tmp_path / "state.db"
    first = Store(path)
    first.append([record(1)])
    first.save("a", {"v": 1})
    first.close()
    second = Store(path)
    second.append([record(2)])
    found = [(r.sequence, r.request_id) for r in second.records()]
    resources = second.resources()
    second.close()

    assert (found, resources) == ([(1, "request-1"), (2, "request-2")], [{"v": 1}])


def test_a_commit_is_seen_by_others(tmp_path: Path) -> None:
    """Before the commit another process would find nothing, after it everything."""
    path = tmp_path / "state.db"
    store = Store(path)
    store.append([record(1)])
    copied = tmp_path / "copy.db"

    def kept() -> int:
        # The file is locked against readers: look at a copy of it and of its log.
        for suffix in ("", "-wal"):
            copied.with_name(copied.name + suffix).write_bytes(
                path.with_name(path.name + suffix).read_bytes()
            )
        database = sqlite3.connect(copied)
        (count,) = database.execute("SELECT count(*) FROM record").fetchone()
        database.close()
        return int(count)

    before = kept()
    store.commit()
    after = kept()
    store.close()

    assert (before, after) == (0, 1)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """A file that an emulator has open is refused to a second one."""
    first = Store(tmp_path / "state.db")
    with pytest.raises(StateError, match="locked"):
        Store(tmp_path / "state.db")
    first.close()


def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    """A file that is no database, or another program's, is refused and left as it is."""
    text = tmp_path / "notes.txt"
    text.write_text("no database at all " * 100)
    other = tmp_path / "other.db"
    database = sqlite3.connect(other)
    database.execute("CREATE TABLE something (a)")
    database.close()

    with pytest.raises(StateError, match="not a database"):
        Store(text)
    with pytest.raises(StateError, match="not made by this emulator"):
        Store(other)


def test_a_newer_format(tmp_path: Path) -> None:
    """A file of a newer format is refused."""
    path = tmp_path / "state.db"
    Store(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()

    with pytest.raises(StateError, match="format 99 is newer"):
        Store(path)


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be made is a StateError that names it."""
    with pytest.raises(StateError, match=r"missing/state\.db"):
        Store(tmp_path / "missing" / "state.db")


def test_a_record_as_a_line() -> None:
    """A line has no line break inside, and the element as it was received."""
    line = record(1, element='{"a":\n 1.10,\r\n "b": "\\n é"}').line()

    assert line.endswith('"element": {"a":  1.10,   "b": "\\n é"}}\n')
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "sequence": 0,
        "kind": "events",
        "dataset_group": "shop",
        "received_at": 1.5,
        "request_id": "request-1",
        "session_id": "s1",
        "user_id": None,
        "element": {"a": 1.1, "b": "\n é"},
    }
