"""The configuration file, read again on SIGHUP and when it changes: used whole or not at all."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog

from gateway.clock import Clock
from gateway.config import ConfigError
from gateway.config.changes import Change, changes
from gateway.config.reading import text_of
from gateway.errors import GatewayError
from gateway.ingest_side import check_files
from gateway.processes.generation import Generation

log = structlog.get_logger()

_POLL_S = 1.0

_Stamp = tuple[int, int, int, int]


class RestartNeeded(GatewayError):
    """Expected error: a configuration is good, but a running gateway cannot take it up."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"{', '.join(keys)}: changed, which takes a restart of the gateway")


def successor(
    used: Generation, text: str, environ: Mapping[str, str]
) -> tuple[Generation, list[Change]]:
    """Return what follows the configuration that is used, and what is different in it.

    Args:
        used: the configuration that is used.
        text: what stands in the file now.
        environ: what `${NAME}` stands for.

    Raises:
        ConfigError: the text is no configuration.
        RestartNeeded: it is a good one, but for the next start.
        FileUnusable: a file that it names cannot be used.
    """
    new = Generation(used.number + 1, used.source, text)
    old_reading, new_reading = used.reading(environ), new.reading(environ)
    found = changes(
        old_reading.config,
        new_reading.config,
        old_reading.from_environment,
        new_reading.from_environment,
    )
    if fixed := [change.key for change in found if change.needs_restart]:
        raise RestartNeeded(fixed)
    check_files(new_reading.config)
    return new, found


class Reloading:
    """Watches a configuration file.

    Args:
        file: whose text the configurations are.
        environ: what `${NAME}` in it stands for.
        used: tells the configuration that is used.
        use: has another one used.
    """

    def __init__(
        self,
        file: Path,
        environ: Mapping[str, str],
        used: Callable[[], Generation],
        use: Callable[[Generation], None],
        clock: Clock,
    ) -> None:
        self._file = file
        self._environ = environ
        self._used = used
        self._use = use
        self._clock = clock
        self._asked = asyncio.Event()

    def handle_signals(self) -> None:
        """Read the file again on SIGHUP."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._asked.set)

    async def run(self) -> None:
        """Watch the file until cancelled."""
        judged: _Stamp | None = None
        seen: _Stamp | None = None
        while True:
            await self._clock.wait(self._asked, self._clock.monotonic() + _POLL_S)
            before, seen = seen, _stamp(self._file)
            if self._asked.is_set():
                self._asked.clear()
                self._reload(even_if_same=True)
            elif seen == judged or seen != before:
                continue  # nothing new; or it is being written, and is looked at when it is done
            else:
                self._reload()
            judged = seen

    def _reload(self, *, even_if_same: bool = False) -> None:
        used = self._used()
        try:
            text = text_of(self._file)
            if text == used.text and not even_if_same:
                return
            new, found = successor(used, text, self._environ)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a file, the gateway runs on
            _tell_refused(error)
            return
        log.info(
            "a configuration is taken up",
            generation=new.number,
            changes=[str(change) for change in found],
        )
        self._use(new)


def _tell_refused(error: Exception) -> None:
    told: dict[str, object] = {"exc_info": error}
    if isinstance(error, ConfigError):
        told = {"problems": str(error).splitlines()}
    elif isinstance(error, GatewayError):
        told = {"why": str(error)}
    log.error("the configuration is refused; the one before stays", **told)


def _stamp(file: Path) -> _Stamp | None:
    """Return what changes when a file does, or when a link to it is replaced (Kubernetes)."""
    try:
        stat = os.stat(file)  # noqa: PTH116 - follows links, and says so by its name alone
    except OSError:
        return None
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size
