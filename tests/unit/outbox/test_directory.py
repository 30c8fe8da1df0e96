"""Who may use an outbox directory, and in which format."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.outbox import directory, file_system
from gateway.outbox.claim import Claim
from gateway.outbox.directory import FORMAT, ClaimedDirectory, Directory
from gateway.outbox.locks import FileLock, LockWatch
from gateway.outbox.migrations import MIGRATIONS
from gateway.outbox.unusable import OutboxDamaged, OutboxInUse, OutboxUnusable


def test_a_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """Nobody else can look into it; a directory that others could read is closed to them."""
    Claim.take(tmp_path / "deep" / "outbox").close()
    open_to_all = tmp_path / "open"
    open_to_all.mkdir(mode=0o755)
    Claim.take(open_to_all).close()
    for path in (tmp_path / "deep" / "outbox", open_to_all):
        assert path.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in path.iterdir()} == {0o600}


def test_a_second_gateway_is_told_whose_it_is(tmp_path: Path) -> None:
    """The message names the directory and the process."""
    claim = Claim.take(tmp_path)
    with pytest.raises(OutboxInUse) as refused:
        Claim.take(tmp_path)
    assert str(tmp_path) in str(refused.value)
    assert f"process {os.getpid()}" in str(refused.value)
    claim.close()
    Claim.take(tmp_path).close()


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    """However it ended, and whether or not anybody watches."""
    path = tmp_path / "lock"
    watch = LockWatch(path)
    script = (
        "import sys, os; from pathlib import Path; from gateway.outbox.locks import FileLock;"
        "lock = FileLock.take(Path(sys.argv[1])); print(flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own script
        [sys.executable, "-c", script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    assert watch.held()
    with pytest.raises(OutboxInUse, match=f"process {process.pid}"):
        FileLock.take(path)
    process.kill()
    process.communicate()
    assert not watch.held()
    FileLock.take(path, wait_s=1.0).release()
    watch.close()


def test_processes_of_an_earlier_gateway_are_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that outlived its supervisor may still write: nobody starts beside it."""
    claim = Claim.take(tmp_path)
    orphan = FileLock.take(Directory.join(tmp_path).delivery_lock)
    claim.close()
    monkeypatch.setattr(directory, "_ORPHANS_S", 0.05)
    with pytest.raises(OutboxInUse, match=r"delivery\.lock"):
        Claim.take(tmp_path)
    orphan.release()
    Claim.take(tmp_path).close()


def test_a_lock_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again until it is free."""
    held = FileLock.take(tmp_path / "lock")

    def sleeping(_: float) -> None:
        held.release()

    monkeypatch.setattr(time, "sleep", sleeping)
    FileLock.take(tmp_path / "lock", wait_s=10.0).release()


def test_boots_count_up(tmp_path: Path) -> None:
    """No two starts share a number, so no two stamps are the same."""
    boots = []
    for _ in range(3):
        claim = Claim.take(tmp_path)
        boots.append(claim.boot)
        assert Directory.join(tmp_path).boot == claim.boot
        claim.close()
    assert boots == [1, 2, 3]


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    Claim.take(tmp_path).close()
    (tmp_path / "format").write_text(f"{FORMAT + 1}\n")
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(OutboxUnusable, match=f"format is {FORMAT + 1}"):
        Claim.take(tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def _version_0(path: Path) -> None:
    """Make a directory of a format that never was: the boot number had another name."""
    Claim.take(path).close()
    (path / "boot").rename(path / "starts")
    (path / "format").write_text("0\n")


def _from_0(path: Path) -> None:
    if (path / "starts").exists():
        (path / "starts").rename(path / "boot")


def test_an_older_format_is_migrated(tmp_path: Path) -> None:
    """Step by step to ours, before anything else looks at it."""
    _version_0(tmp_path)
    claimed = ClaimedDirectory.claim(tmp_path, {**MIGRATIONS, 0: _from_0})
    assert claimed.boot == 2
    assert (tmp_path / "format").read_text() == f"{FORMAT}\n"
    claimed.close()


def test_a_migration_that_was_broken_off_is_taken_again(tmp_path: Path) -> None:
    """The new format is noted only after all of the step."""
    _version_0(tmp_path)

    def broken(path: Path) -> None:
        _from_0(path)
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        ClaimedDirectory.claim(tmp_path, {0: broken})
    assert (tmp_path / "format").read_text() == "0\n"
    ClaimedDirectory.claim(tmp_path, {**MIGRATIONS, 0: _from_0}).close()


@pytest.mark.parametrize(("name", "text"), [("format", "new\n"), ("boot", ""), ("boot", "-1\n")])
def test_a_number_that_is_none_is_damage(tmp_path: Path, name: str, text: str) -> None:
    """It is not taken for the first start."""
    Claim.take(tmp_path).close()
    (tmp_path / name).write_text(text)
    with pytest.raises(OutboxDamaged, match=f"{name}: damaged"):
        Claim.take(tmp_path)


@pytest.mark.parametrize("name", ["format", "boot"])
def test_what_is_missing_beside_an_outbox_is_damage(tmp_path: Path, name: str) -> None:
    """An outbox is never begun anew over one that is there."""
    Claim.take(tmp_path).close()
    (tmp_path / name).unlink()
    with pytest.raises(OutboxDamaged, match="missing"):
        Claim.take(tmp_path)


def test_notes_that_are_missing_are_damage(tmp_path: Path) -> None:
    """Without `delivery.db` all that is in segments would be sent again."""
    Claim.take(tmp_path).close()
    (tmp_path / "delivery.db").unlink()
    (tmp_path / "ingest-1-0-1.segment").touch()
    with pytest.raises(OutboxDamaged, match=r"delivery\.db: damaged: it is missing"):
        Claim.take(tmp_path)


def test_what_was_being_made_is_removed(tmp_path: Path) -> None:
    """A crash leaves no litter, and loses no database over it."""
    Claim.take(tmp_path).close()
    litter = ["ingest-1-0-1.segment.new", "ingest-1-0-1.segment.new-wal", "reserve.new"]
    litter += ["ingest-1-0-7.segment-wal", "ingest-1-0-7.segment-shm"]
    for name in litter:
        (tmp_path / name).touch()
    Claim.take(tmp_path).close()
    assert {file.name for file in tmp_path.iterdir()}.isdisjoint(litter)


@pytest.mark.parametrize(
    ("kind", "refused"),
    [("ext4", False), ("overlay", False), ("nfs4", True), ("fuse.sshfs", True), ("9p", True)],
)
def test_a_network_file_system_is_refused(tmp_path: Path, kind: str, *, refused: bool) -> None:
    """By the type of the mount that the directory is on."""
    device = tmp_path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 0:777 / /proc rw,nosuid shared:1 - nfs proc rw\n"
        f"36 35 {number} / {tmp_path} rw,noatime shared:2 - {kind} server:/export rw\n"
    )
    if refused:
        with pytest.raises(OutboxUnusable, match=f"network file system.*{kind}"):
            file_system.check(tmp_path, mounts)
    else:
        file_system.check(tmp_path, mounts)


def test_where_mounts_are_not_known_nothing_is_refused(tmp_path: Path) -> None:
    """Other systems than Linux have no such file."""
    file_system.check(tmp_path, tmp_path / "nothing")


def test_what_is_no_directory_is_refused(tmp_path: Path) -> None:
    """With its path."""
    (tmp_path / "file").touch()
    with pytest.raises(OutboxUnusable, match="file"):
        Claim.take(tmp_path / "file")


def test_a_socket_has_an_address_however_deep(tmp_path: Path) -> None:
    """Paths of Unix sockets may have a hundred bytes only."""
    deep = tmp_path / ("x" * 100)
    Claim.take(deep).close()
    joined = Directory.join(deep)
    address = joined.socket("delivery.sock")
    Path(address).touch()
    assert (deep / "delivery.sock").exists()
    assert len(address) < 100
    joined.close()
