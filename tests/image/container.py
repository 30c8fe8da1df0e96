"""An image, started from its root file system in namespaces of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

START = Path(__file__).with_name("start")
_START_S = 30.0
_STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class RootFileSystem:
    """What an image holds, and how it wants to be run.

    Attributes:
        path: where its files are mounted.
        config: the part of that name in its description.
    """

    path: Path
    config: Mapping[str, Any]

    def entering(self, variables: Iterable[str], command: Iterable[str]) -> list[str]:
        """Return the command that runs another in it: as its user, with no variables but these."""
        as_user = ["setpriv", "--no-new-privs", "chroot", f"--userspec={self.config['User']}"]
        directory = f"--chdir={self.config['WorkingDir']}"
        clean = ["env", "--ignore-environment", directory, *self.config["Env"], *variables]
        return [*as_user, "--groups=", str(self.path), *clean, *command]


@dataclass(slots=True)
class Container:
    """One process of an image, with a root that nobody can write to.

    Args:
        root: of its image.
        mounts: folders of this machine by where they are to be in the container.
        variables: of its environment besides the image's, as `NAME=value`.
        beside: a container whose network it is to share, as containers of a pod do. Otherwise it
            has a network of its own, with a loopback alone.
    """

    root: RootFileSystem
    mounts: Mapping[str, Path]
    variables: Sequence[str] = ()
    beside: Self | None = None
    _unshare: subprocess.Popen[bytes] | None = None

    def start(self, *command: str, log: Path) -> None:
        """Start a command as process 1; what it writes goes to `log`."""
        own = ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
        shared = [] if self.beside is None else self.beside.joining("--net")
        own += [] if self.beside else ["--net"]
        binds = [f"{folder}:{place}" for place, folder in self.mounts.items()]
        prepare = [str(START), str(self.root.path), *binds, "--"]
        with log.open("wb") as output:
            self._unshare = subprocess.Popen(  # noqa: S603 - of our own words
                [*shared, *own, *prepare, *self.root.entering(self.variables, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def joining(self, *namespaces: str) -> list[str]:
        """Return the beginning of a command that is to run in namespaces of this container."""
        return ["nsenter", f"--target={self._init()}", *namespaces, "--"]

    def run(self, *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run another command in the container until it ends."""
        joined = self.joining("--mount", "--net", "--ipc", "--pid")
        return subprocess.run(  # noqa: S603 - of our own words
            [*joined, *self.root.entering(self.variables, command)],
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def stop(self) -> int:
        """Tell process 1 to end as container runtimes do; return its exit status."""
        if self._unshare is None:
            return 0
        if self._unshare.poll() is None:
            os.kill(self._init(), signal.SIGTERM)
        try:
            return self._unshare.wait(_STOP_S)
        finally:
            self._unshare.kill()  # with it goes all that is in the container
            self._unshare = None

    @property
    def runs(self) -> bool:
        """Whether process 1 is there."""
        return self._unshare is not None and self._unshare.poll() is None

    def _init(self) -> int:
        """Return the ID that process 1 has outside."""
        assert self._unshare is not None, "the container was not started"
        children = Path(f"/proc/{self._unshare.pid}/task/{self._unshare.pid}/children")
        until = time.monotonic() + _START_S
        while time.monotonic() < until and self.runs:
            if found := children.read_text().split():
                return int(found[0])
            time.sleep(0.05)
        raise RuntimeError("the container has ended; its log says why")


def buildah(*arguments: str) -> str:
    """Run buildah; return what it prints."""
    command: Sequence[str] = ("buildah", *arguments)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout.strip()
