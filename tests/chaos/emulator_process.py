"""The emulator as a process of its own."""

import asyncio
import json
import re
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from tests.chaos import commands

DATASET_GROUP = "chaos"

_URL = re.compile(r"Personalize emulator at (http://[\w.]+:\d+) ")
_START_S = 60.0
_STOP_S = 60.0


def _schema(name: str, **types: str) -> dict[str, Any]:
    return {
        "type": "record",
        "name": name,
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [{"name": field, "type": type_} for field, type_ in types.items()],
        "version": "1.0",
    }


_INTERACTIONS = _schema(
    "Interactions", USER_ID="string", ITEM_ID="string", TIMESTAMP="long", EVENT_TYPE="string"
)
_ITEMS = _schema("Items", ITEM_ID="string", VERSION="long", MARK="string")
_SEED = {
    "dataset_groups": [
        {"name": DATASET_GROUP, "schemas": {"interactions": _INTERACTIONS, "items": _ITEMS}}
    ]
}


class EmulatorProcess:
    """An emulator that keeps what it took across its restarts.

    It is never killed: what it answered last is in its file only some time later.

    Args:
        directory: for its files.
        quotas: calls a second by operation; None lifts a quota.
    """

    def __init__(self, directory: Path, quotas: Mapping[str, float | None]) -> None:
        self.url = ""
        self._directory = directory
        self._log = directory / "emulator.log"
        self._quotas = quotas
        self._listen = "127.0.0.1:0"
        self._process: asyncio.subprocess.Process | None = None
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))

    async def start(self) -> None:
        """Start it, on the port that it had before.

        Raises:
            DidNotStart: it did not.
        """
        seed = self._directory / "seed.json"
        seed.write_text(json.dumps(_SEED))
        arguments = ["emulator", "--listen", self._listen, "--seed", str(seed)]
        arguments += ["--state", str(self._directory / "emulator.db")]
        for operation, calls_per_s in self._quotas.items():
            quota = "none" if calls_per_s is None else f"{calls_per_s:g}"
            arguments += ["--quota", f"{operation}={quota}"]
        self._process = await commands.start(*arguments, log=self._log)
        self.url = await commands.said(self._process, self._log, _URL, _START_S)
        self._listen = self.url.removeprefix("http://")

    async def stop(self) -> None:
        """End it; it keeps everything that it took. May be called twice."""
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_S)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Let it do nothing until `thaw`: calls hang."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def close(self) -> None:
        """End it, and let go of what was used to talk with it."""
        await self.stop()
        await self._session.close()

    async def dataset_group(self) -> Mapping[str, Any]:
        """Return the ARNs and the tracking ID of the one dataset group that it has."""
        (group,) = (await self._get("dataset_groups"))["dataset_groups"]
        found: Mapping[str, Any] = group
        return found

    async def calls(self, operation: str) -> Mapping[str, Any]:
        """Return its counts of an operation since it started."""
        found: Mapping[str, Any] = (await self._get("stats"))["operations"].get(operation, {})
        return found

    async def set_fault(self, **fault: object) -> None:
        """Set a fault besides those that are set."""
        async with self._session.post(f"{self.url}/_emulator/faults", json=fault) as answer:
            if answer.status != 201:
                raise ValueError(await answer.text())

    async def clear_faults(self) -> None:
        """Take all faults back."""
        async with self._session.delete(f"{self.url}/_emulator/faults") as answer:
            answer.raise_for_status()

    async def records(self, kind: str) -> Sequence[Mapping[str, Any]]:
        """Return the records of a kind in the order of their arrival."""
        parameters = {"kind": kind}
        async with self._session.get(f"{self.url}/_emulator/records", params=parameters) as answer:
            answer.raise_for_status()
            return [json.loads(line)["element"] for line in (await answer.text()).splitlines()]

    async def _get(self, page: str) -> dict[str, Any]:
        async with self._session.get(f"{self.url}/_emulator/{page}") as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found
