"""Files that change while they are used."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.identity.files import MAX_FILE_BYTES, FileUnusable, ReloadedFiles
from tests.support.steps import SteppedClock


def joined(contents: Sequence[bytes]) -> bytes:
    """Read files that may hold anything but `bad`."""
    if b"bad" in contents:
        raise FileUnusable("it is bad")
    return b"+".join(contents)


def test_a_change_is_seen_at_the_next_look(tmp_path: Path) -> None:
    """Not before the interval is over."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"1")
    two.write_bytes(b"2")
    clock = SteppedClock()
    files = ReloadedFiles([str(one), str(two)], joined, clock=clock, interval_s=5)
    two.write_bytes(b"22")
    seen = [files.current()]
    for _ in range(2):
        clock.now_s += 4
        seen.append(files.current())
    assert seen == [b"1+2", b"1+2", b"1+22"]


def test_a_link_that_is_turned_is_a_change(tmp_path: Path) -> None:
    """So mounted secrets are replaced; size and time may be the same."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, ns=(0, 0))
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "a")
    files = ReloadedFiles([str(link)], joined, interval_s=0)
    (tmp_path / "new").symlink_to(tmp_path / "b")
    (tmp_path / "new").rename(link)
    assert files.current() == b"b"


def test_what_cannot_be_used_is_said_once_and_the_old_stays(tmp_path: Path) -> None:
    """Until there is something better."""
    file = tmp_path / "file"
    file.write_bytes(b"good")
    files = ReloadedFiles([str(file)], joined, interval_s=0)
    with capture_logs() as logs:
        file.write_bytes(b"bad")
        seen = [files.current(), files.current()]
        file.unlink()
        seen += [files.current(), files.current()]
        file.write_bytes(b"better")
        seen += [files.current(), files.current()]
    assert seen == [b"good"] * 4 + [b"better"] * 2
    kept = "changed files cannot be used; what was read before stays"
    assert [(log["event"], log.get("problem")) for log in logs] == [
        (kept, "it is bad"),
        (kept, f"{file} cannot be read: No such file or directory"),
        ("changed files were read", None),
    ]


def test_what_cannot_be_used_at_the_start_is_refused(tmp_path: Path) -> None:
    """There is nothing older."""
    large = tmp_path / "large"
    large.write_bytes(b"\0" * (MAX_FILE_BYTES + 1))
    for path, problem in ((large, "has more than"), (tmp_path / "none", "cannot be read")):
        with pytest.raises(FileUnusable, match=problem):
            ReloadedFiles([str(path)], joined)
