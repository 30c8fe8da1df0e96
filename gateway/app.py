"""The gateway in one process: both sides over an outbox in memory."""

import asyncio
import contextlib
from collections.abc import Mapping

import structlog

from gateway.config import Config
from gateway.dataset_group import DatasetGroupFacts
from gateway.delivery_side import DeliverySide
from gateway.discovery.known import FIRST_ROUND_S
from gateway.ingest_side import IngestSide, budgets_bytes
from gateway.outbox.memory import MemoryOutbox
from gateway.personalize.credentials import CredentialSource

log = structlog.get_logger()


class Gateway:
    """Both sides in one process, over an outbox in memory: for tests, and to try it out.

    Args:
        config: what it is to do.
        credentials: whose signature its calls bear; None for those that botocore finds.
    """

    def __init__(self, config: Config, credentials: CredentialSource | None = None) -> None:
        self._config = config
        self._outbox = MemoryOutbox(budgets_bytes(config))
        self._delivery = DeliverySide(config, self._outbox, credentials, on_facts=self._learn)
        self._ingest = IngestSide(
            config,
            self._outbox,
            self._delivery.discovery.facts,
            self._delivery.control_plane,
            wanted=self._delivery.discovery.wanted,
        )

    def _learn(self, facts: Mapping[str, DatasetGroupFacts]) -> None:
        self._ingest.learn(facts)

    async def start(self) -> int:
        """Discover, serve and deliver; return the port that is listened on.

        Raises:
            OSError: the address cannot be listened on.
        """
        self._delivery.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_ROUND_S):
                await self._delivery.discovery.first_round.wait()
        (port,) = await self._ingest.start(self._config.server.listen)
        return port

    async def run_until(self, stopping: asyncio.Event) -> None:
        """Return when `stopping` is set; raise what delivery fails with, should it ever."""
        await self._delivery.run_until(stopping)

    async def stop(self) -> None:
        """Take no more, deliver what is there up to the drain limit, and let go of everything."""
        await self._ingest.stop()
        left = await self._delivery.stop()
        if left:
            log.error(
                "stopped with records undelivered; the outbox in memory loses them",
                lanes=sorted(map(str, left)),
            )
        await self._outbox.close()
