"""A gateway and an emulator under load, and a ledger beside them: what a scenario plays on."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from tests.chaos.clock import Clock
from tests.chaos.dead_letters import Given
from tests.chaos.disk import Disk, disk
from tests.chaos.emulator_process import EmulatorProcess
from tests.chaos.gateway_process import Configuration, GatewayProcess
from tests.chaos.ledger import Ledger
from tests.chaos.load import Load, Settings
from tests.chaos.wire import Judge, Wire


@dataclass(frozen=True, slots=True)
class Setup:
    """What a scenario plays on.

    Attributes:
        workers: how many ingest processes.
        items_per_s: PutItems calls a second that the gateway makes at most.
        quotas: what the emulator allows, by operation; None for no limit.
        judge: given the stand, returns what sees the calls before the emulator does.
        small_disk: whether the outbox is on a disk that can be filled.
        own_clock: whether the gateway has a clock that can be set.
    """

    workers: int = 2
    items_per_s: float = 50.0
    quotas: Mapping[str, float | None] = field(
        default_factory=lambda: {"PutItems": None, "PutEvents": None}
    )
    judge: Callable[["Stand"], Judge] | None = None
    small_disk: bool = False
    own_clock: bool = False


class Stand:
    """All that a scenario needs; everything has gone when the block ends.

    Args:
        seconds: how long the faults are to last.
        random: decides everything that is not left to the machine.
        logs: gets the logs; None for none.

    Attributes:
        kills: how many processes were killed, by what they were.
        given_up: the gateway's dead letters, when they were asked for last.
        notes: what people should know.
        failures: what must not be, besides records that are lost.
    """

    emulator: EmulatorProcess
    gateway: GatewayProcess
    load: Load
    given_up: Sequence[Given]

    def __init__(
        self,
        setup: Setup,
        load: Settings,
        *,
        seconds: float,
        random: Random,
        logs: Path | None = None,
    ) -> None:
        self.seconds = seconds
        self.random = random
        self.ledger = Ledger()
        self.kills: Counter[str] = Counter()
        self.given_up = ()
        self.notes: list[str] = []
        self.failures: list[str] = []
        self.wire: Wire | None = None
        self.disk: Disk | None = None
        self.clock: Clock | None = None
        self._setup = setup
        self._load_settings = load
        self._logs = logs
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        directory = Path(tempfile.mkdtemp(prefix="personalize-gateway-chaos-"))
        self._stack.callback(shutil.rmtree, directory, ignore_errors=True)
        self._stack.callback(self._keep_logs, directory)
        self.emulator = EmulatorProcess(directory, self._setup.quotas)
        self._stack.push_async_callback(self.emulator.close)
        await self.emulator.start()
        endpoint_url = await self._start_wire()
        configuration = Configuration(
            outbox=directory / "disk" / "outbox",
            group=await self.emulator.dataset_group(),
            endpoint_url=endpoint_url,
            workers=self._setup.workers,
            items_per_s=self._setup.items_per_s,
        )
        await self._start_gateway(directory, configuration)
        self.load = Load(
            self._load_settings,
            self.gateway.address_of,
            self.ledger,
            Random(self.random.random()),
        )

    async def _start_wire(self) -> str:
        """Return where the gateway's calls are to go."""
        if self._setup.judge is None:
            return self.emulator.url
        self.wire = Wire(self.emulator.url, self._setup.judge(self))
        self._stack.push_async_callback(self.wire.close)
        await self.wire.start()
        return self.wire.url

    async def _start_gateway(self, directory: Path, configuration: Configuration) -> None:
        wrapper: Sequence[str] = ()
        environment: Mapping[str, str] = {}
        if self._setup.small_disk:
            self.disk = await disk(directory / "disk")
            wrapper = self.disk.wrapper
        if self._setup.own_clock:
            self.clock = Clock(directory)
            await self.clock.build()
            environment = self.clock.environment
        self.gateway = GatewayProcess(directory, configuration, wrapper, environment)
        self._stack.push_async_callback(self._end_gateway)
        await self.gateway.start()

    async def _end_gateway(self) -> None:
        left = await self.gateway.end()
        if left:
            self.failures.append(f"{len(left)} processes outlived the gateway")

    def _keep_logs(self, directory: Path) -> None:
        if self._logs is not None:
            self._logs.mkdir(parents=True, exist_ok=True)
            for log in directory.glob("*.log"):
                shutil.copy(log, self._logs)
