"""The emulator as an object: for tests, and for a gateway that runs without AWS."""

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from gateway.personalize.emulator.backend import Backend
from gateway.personalize.emulator.config import Clock, EmulatorConfig
from gateway.personalize.emulator.console import Console, ForcedStatus
from gateway.personalize.emulator.lifecycle import Status
from gateway.personalize.emulator.resources import DatasetGroup
from gateway.personalize.emulator.seeding import Outline, Seeder, SeedGroup, outline
from gateway.personalize.emulator.server import BODY_LIMIT_BYTES, AwsServer
from gateway.personalize.emulator.store import Record

_COMMIT_EVERY_S = 0.05
_SHUTDOWN_S = 0.5


class Emulator:
    """A Personalize of one account and region, on a port of this machine.

    `async with Emulator() as emulator` serves at `emulator.url` until the block ends. It lives in
    one event loop and is not safe to use from another thread.

    Attributes:
        config: what it was made with.
        faults: the faults that are set.
    """

    def __init__(self, config: EmulatorConfig | None = None, *, clock: Clock = time.time) -> None:
        """Open the state; nothing listens yet.

        Args:
            config: None for the defaults.
            clock: decides on life cycles, quotas and the age of signatures.

        Raises:
            StateError: the state file cannot be used.
        """
        self.config = config or EmulatorConfig()
        backend = Backend.open(self.config, clock)
        self.faults = backend.faults
        self._store = backend.store
        self._resources = backend.resources
        self._statistics = backend.statistics
        self._seeder = Seeder(self.config, clock, backend.resources)
        self._console = Console(backend)
        self._runner = web.AppRunner(
            _application(self._console, AwsServer(backend)),
            access_log=None,
            shutdown_timeout=_SHUTDOWN_S,
        )
        self._committing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address cannot be listened on.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, self.config.host, self.config.port).start()
        # What was seeded before is in the file before anybody is told the URL.
        self._store.commit()
        if self.config.state is not None:
            self._committing = asyncio.create_task(self._commit())

    async def stop(self) -> None:
        """Stop listening, end open connections and close the state. May be called twice."""
        await self._runner.cleanup()
        if self._committing is not None:
            self._committing.cancel()
            await asyncio.wait([self._committing])
        self._store.close()

    @property
    def url(self) -> str:
        """The base URL, once it listens."""
        host, port, *_ = self._runner.addresses[0]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def seed(self, *groups: SeedGroup) -> Sequence[Outline]:
        """Create dataset groups that are ACTIVE at once; those that exist are left as they are.

        Raises:
            SeedError: a name or a schema is not valid.
        """
        return [self._seeder.seed(group) for group in groups]

    def dataset_group(self, name: str) -> Outline:
        """Return the identifiers of a dataset group.

        Raises:
            KeyError: there is none of that name.
        """
        arn = self.config.arn(f"dataset-group/{name}")
        if self._resources.find(DatasetGroup, arn) is None:
            raise KeyError(name)
        return outline(self._resources, arn)

    def records(self, kind: str | None = None, dataset_group: str | None = None) -> list[Record]:
        """Return the records taken, in order of arrival.

        Args:
            kind: events, action_interactions, items, users or actions; None for all.
            dataset_group: name of a dataset group; None for all.
        """
        return list(self._store.records(kind, dataset_group))

    def stats(self) -> dict[str, Any]:
        """Return the counts that `/_emulator/stats` shows."""
        return self._statistics.shown()

    def force_status(self, arn: str, status: Status | None) -> None:
        """Set the state of a dataset group, dataset or event tracker; None ends it.

        Raises:
            KeyError: there is none of that ARN.
        """
        if not self._console.force_status(ForcedStatus(arn=arn, status=status)):
            raise KeyError(arn)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _commit(self) -> None:
        while True:
            await asyncio.sleep(_COMMIT_EVERY_S)
            self._store.commit()


def _application(console: Console, server: AwsServer) -> web.Application:
    application = web.Application(client_max_size=BODY_LIMIT_BYTES)
    application.add_routes(console.routes())
    application.router.add_route("*", "/{path:.*}", server.handle)
    return application
