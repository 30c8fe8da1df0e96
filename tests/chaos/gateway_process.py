"""The gateway as `personalize-gateway serve` runs it: a supervisor and its children."""

import asyncio
import json
import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.outbox.shared import path_for
from tests.chaos import commands
from tests.chaos.messages import ADMIN
from tests.chaos.processes import Process, having

_ADDRESS = re.compile(r"gateway at (\S+:\d+)", re.IGNORECASE)
_START_S = 60.0
_STOP_S = 60.0
_ORPHANS_S = 60.0


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the gateway of a scenario is to do.

    Attributes:
        group: the emulator's outline of its dataset group.
        endpoint_url: where calls go: the emulator, or what stands before it.
        items_per_s: the gateway's quota of PutItems.
    """

    outbox: Path
    group: Mapping[str, Any]
    endpoint_url: str
    workers: int
    items_per_s: float

    def text(self) -> str:
        """Return the configuration file: JSON, which is YAML, too."""
        group = {
            "arn": self.group["arn"],
            "tracking_id": self.group["tracking_id"],
            "datasets": {"items": self.group["dataset_arns"]["ITEMS"]},
            "endpoint_url": self.endpoint_url,
        }
        name = self.group["name"]
        delivery = {
            "call_timeout": "2s",
            "connect_timeout": "1s",
            "drain": "5s",
            "retry": {"base": "50ms", "max": "500ms", "probe": "500ms"},
            "quotas": {"items": self.items_per_s},
        }
        route = {
            "name": "all",
            "callers": ["*"],
            "kinds": ["events", "items"],
            "dataset_group": name,
        }
        document = {
            "server": {"listen": "127.0.0.1:0", "workers": self.workers},
            "outbox": {"path": str(self.outbox)},
            "delivery": delivery,
            "dataset_groups": {name: group},
            "admins": [ADMIN],
            "routes": [route],
        }
        return json.dumps(document, indent=1)


@dataclass(slots=True)
class GatewayProcess:
    """A gateway that can be killed in parts, and started again on the same outbox.

    Args:
        directory: for its configuration and its logs.
        configuration: what it is to do; taken up at the next start.
        wrapper: a command that runs it in its own place.
        environment: variables for it.
    """

    directory: Path
    configuration: Configuration
    wrapper: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    starts: int = 0
    _process: asyncio.subprocess.Process | None = None
    _shared_memory: Path | None = None

    async def start(self) -> None:
        """Start it, and wait until it says where it listens.

        Raises:
            DidNotStart: it did not.
        """
        self.starts += 1
        self._file.write_text(self.configuration.text())
        self._process = await commands.start(
            *("serve", "--config", str(self._file)),
            log=self._log,
            wrapper=self.wrapper,
            environment=self.environment,
        )
        self.address = await commands.said(self._process, self._log, _ADDRESS, _START_S)
        if self.outbox.is_dir():
            self._shared_memory = path_for(self.outbox)

    @property
    def outbox(self) -> Path:
        """The outbox's directory as this process sees it, wherever the gateway sees it."""
        outbox, supervisor = self.configuration.outbox, self.supervisor
        if supervisor is None:
            return outbox
        return Path(f"/proc/{supervisor.pid}/root") / outbox.relative_to("/")

    @property
    def _file(self) -> Path:
        return self.directory / "gateway.json"

    @property
    def _log(self) -> Path:
        return self.directory / f"gateway-{self.starts}.log"

    def logs(self) -> str:
        """Return what it wrote in all its lives."""
        files = [self.directory / f"gateway-{n}.log" for n in range(1, self.starts + 1)]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    @property
    def supervisor(self) -> Process | None:
        """The process that was started; None where it has ended."""
        return None if self._process is None else Process.of(self._process.pid)

    @property
    def children(self) -> list[Process]:
        """The processes that the supervisor started."""
        supervisor = self.supervisor
        return [] if supervisor is None else supervisor.children

    @property
    def ingest(self) -> list[Process]:
        """The ingest processes that live."""
        return [child for child in self.children if "ingest" in child.command]

    @property
    def delivery(self) -> Process | None:
        """The delivery process; None while there is none."""
        found = [child for child in self.children if "delivery" in child.command]
        return found[0] if found else None

    def address_of(self, number: int | None) -> str:
        """Return a port of an ingest process's own; the shared one where that is not known.

        Args:
            number: which of those that listen at the moment, counted around; None for the shared.
        """
        if number is None:
            return self.address
        shared = int(self.address.rpartition(":")[2])
        own = [ports for one in self.ingest if (ports := one.listening_ports - {shared})]
        if not own:
            return self.address
        return f"127.0.0.1:{min(own[number % len(own)])}"

    async def kill(self, *, supervisor_alone: bool) -> bool:
        """SIGKILL all of it, or the supervisor, whose children have to notice.

        Returns:
            Whether all processes were gone soon after.
        """
        assert self._process is not None
        children, supervisor = self.children, self.supervisor
        if supervisor is not None:
            supervisor.signal(signal.SIGKILL)
        if not supervisor_alone:
            for child in children:
                child.signal(signal.SIGKILL)
        await self._process.wait()
        return await commands.gone(children, _ORPHANS_S)

    async def stop(self) -> int:
        """Stop it as an operator does, and return its exit status; killed if it takes too long."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
        try:
            return await asyncio.wait_for(self._process.wait(), _STOP_S)
        except TimeoutError:
            self._process.kill()
            return await self._process.wait()

    async def end(self) -> list[Process]:
        """Kill what still lives, remove its shared memory, and return what had to be killed."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        # No other process has this file for an argument.
        await commands.gone(having(str(self._file)), _ORPHANS_S)
        left = [one for one in having(str(self._file)) if one.signal(signal.SIGKILL)]
        await commands.gone(left, _ORPHANS_S)
        if self.outbox.is_dir():  # One that did not start has made it, too.
            self._shared_memory = path_for(self.outbox)
        if self._shared_memory is not None:
            self._shared_memory.unlink(missing_ok=True)
        return left
