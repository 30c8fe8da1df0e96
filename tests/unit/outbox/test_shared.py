"""What processes tell each other through shared memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.outbox.shared import MAX_GROUPS, Shared, path_for
from gateway.outbox.unusable import OutboxUnusable


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    """Make the memory of a gateway with two ingest processes, in which something is already."""
    made = Shared.create(tmp_path / "shared", boot=7, slots=2, open_bytes={"shop": 100})
    yield made
    made.close()


def test_another_process_sees_the_same(shared: Shared, tmp_path: Path) -> None:
    """Each adds to words of its own; what is used is the sum."""
    other = Shared.open(tmp_path / "shared", boot=7)
    shop = shared.index_of("shop")
    shared.slot(0).admit(shop, 10)
    other.slot(1).admit(other.index_of("shop"), 5)
    other.set_released("shop", 100)
    assert (shared.used_bytes("shop"), other.used_bytes("shop")) == (15, 15)
    other.slot(1).wrote(3, {shop: 5})
    assert shared.chunks() == (0, 3)
    other.asleep = True
    assert shared.asleep
    other.close()


def test_dataset_groups_that_are_new_are_the_same_for_all(shared: Shared, tmp_path: Path) -> None:
    """Whoever names one first."""
    other = Shared.open(tmp_path / "shared", boot=7)
    assert other.index_of("new") == shared.index_of("new") == 1
    assert shared.index_of("newer") == other.index_of("newer") == 2
    assert other.used_bytes("newer") == 0
    other.close()


def test_there_is_room_for_so_many_dataset_groups(shared: Shared) -> None:
    """One more is refused, and so is a name that does not fit."""
    for number in range(MAX_GROUPS - 1):
        shared.index_of(f"group-{number}")
    shared.slot(1).admit(shared.index_of("group-254"), 3)
    assert shared.used_bytes("group-254") == 3
    with pytest.raises(ValueError, match="no room"):
        shared.index_of("one-more")


def test_a_name_that_is_too_long_is_refused(shared: Shared) -> None:
    """It would run into the next."""
    assert shared.index_of("x" * 64) == 1
    with pytest.raises(ValueError, match="no room"):
        shared.index_of("x" * 65)


def test_there_are_so_many_slots(shared: Shared) -> None:
    """Their number is fixed when the gateway starts."""
    assert shared.slots == 2
    for number in (-1, 2):
        with pytest.raises(ValueError, match="no slot"):
            shared.slot(number)


def test_who_takes_a_slot_over_gives_back_what_was_not_written(shared: Shared) -> None:
    """What was written stays counted."""
    slot = shared.slot(0)
    slot.admit(0, 30)
    slot.wrote(1, {0: 20})
    slot.take_over(5)
    assert shared.used_bytes("shop") == 120
    assert slot.first == 5


def test_the_memory_of_another_boot_is_refused(shared: Shared, tmp_path: Path) -> None:
    """A process that is late does not count in the memory of the next gateway."""
    del shared
    with pytest.raises(OutboxUnusable, match="not of boot 6"):
        Shared.open(tmp_path / "shared", boot=6)
    with pytest.raises(OutboxUnusable, match="claimed"):
        Shared.open(tmp_path / "nothing", boot=7)


def test_two_directories_have_memories_of_their_own(tmp_path: Path) -> None:
    """And the same directory by two paths has one."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "link").symlink_to("a")
    assert path_for(tmp_path / "a") != path_for(tmp_path / "b")
    assert path_for(tmp_path / "a") == path_for(tmp_path / "link")
