"""Files that are read anew when they change: certificates, keys, tokens."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from gateway.clock import Clock, SystemClock
from gateway.errors import GatewayError

log = structlog.get_logger()

MAX_FILE_BYTES = 4 * 1024 * 1024

_T = TypeVar("_T")


class FileUnusable(GatewayError):
    """Expected error: a file cannot be read, or is not what it should be. Quotes nothing of it."""


class ReloadedFiles(Generic[_T]):
    """What some files say together; looked at again when it is asked for, but not too often.

    A change that cannot be used is logged, and what was read before stays. May be asked from
    several threads.

    Args:
        paths: the files; they are read together.
        read: makes of their contents what they say; raises `FileUnusable`.
        interval_s: how long what was found is taken for current.

    Raises:
        FileUnusable: they cannot be used at the start.
    """

    def __init__(
        self,
        paths: Sequence[str],
        read: Callable[[Sequence[bytes]], _T],
        *,
        clock: Clock | None = None,
        interval_s: float = 1.0,
    ) -> None:
        self._paths = tuple(map(Path, paths))
        self._read = read
        self._clock = clock or SystemClock()
        self._interval_s = interval_s
        self._lock = threading.Lock()
        # Looked at before they are read: what changes in between is read again.
        self._looked_at_s = self._clock.monotonic()
        self._stamps = self._look()
        self._value = self._load()

    def __repr__(self) -> str:
        return f"<ReloadedFiles {', '.join(map(str, self._paths))}>"

    def current(self) -> _T:
        """Return what the files say; what they said before where they cannot be used."""
        with self._lock:
            now_s = self._clock.monotonic()
            if now_s - self._looked_at_s >= self._interval_s:
                self._looked_at_s = now_s
                self._reload()
            return self._value

    def _reload(self) -> None:
        stamps = self._look()
        if stamps == self._stamps:
            return
        self._stamps = stamps
        try:
            self._value = self._load()
        except FileUnusable as error:
            log.error(  # noqa: TRY400 - where it was raised says nothing more
                "changed files cannot be used; what was read before stays",
                files=list(map(str, self._paths)),
                problem=str(error),
            )
        else:
            log.info("changed files were read", files=list(map(str, self._paths)))

    def _look(self) -> Sequence[tuple[int, int, int] | None]:
        return [_stamp(path) for path in self._paths]

    def _load(self) -> _T:
        return self._read([_content(path) for path in self._paths])


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        # Through links: a mounted secret is replaced by turning one.
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
        raise FileUnusable(f"{path} has more than {MAX_FILE_BYTES} bytes")
    return content
