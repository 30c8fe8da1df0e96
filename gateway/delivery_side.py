"""The delivery side, put together: from the outbox to Personalize.

outbox → delivery → personalize
"""

import asyncio
import contextlib
from collections.abc import Mapping
from random import Random

from gateway.clock import SystemClock
from gateway.config import Config
from gateway.dataset_group import DatasetGroupFacts
from gateway.delivery.engine import Delivery, DeliverySettings
from gateway.delivery.memory import Lasting
from gateway.delivery.pace import PaceSettings
from gateway.delivery.refusals import RefusalSettings
from gateway.delivery.steps import LookAhead
from gateway.destinations import destinations
from gateway.discovery import Discovery, FactsCache, sources
from gateway.discovery.known import OnChange
from gateway.outbox.interface import OutboxReader
from gateway.personalize.control_plane import BotoControlPlane
from gateway.personalize.credential_chain import CredentialChain
from gateway.personalize.credentials import CredentialSource
from gateway.personalize.data_plane import HttpDataPlane
from gateway.personalize.transfer import ConnectionSettings
from gateway.records import Lane


class DeliverySide:
    """From the outbox to Personalize, and what AWS tells of where that is.

    Args:
        credentials: whose signature the calls bear; None for those that botocore finds.
        lasting: what outlives the process; None where nothing does.
        cache: keeps what AWS told; None where nothing lasts.
        on_facts: called when what is known of a dataset group has changed.
    """

    def __init__(
        self,
        config: Config,
        outbox: OutboxReader,
        credentials: CredentialSource | None = None,
        *,
        lasting: Lasting | None = None,
        cache: FactsCache | None = None,
        on_facts: OnChange = lambda _: None,
    ) -> None:
        self._config = config
        self._outbox = outbox
        self._on_facts = on_facts
        credentials = credentials or CredentialChain()
        self._data_plane = HttpDataPlane(credentials, connection_settings(config))
        self.control_plane = BotoControlPlane(credentials)
        self.discovery = Discovery(
            self.control_plane,
            sources(config.dataset_groups),
            refresh_s=config.discovery.refresh_s,
            clock=SystemClock(),
            random=Random(),
            cache=cache,
            on_change=self._learn,
        )
        self.delivery = Delivery(
            outbox,
            self._data_plane,
            destinations(config.dataset_groups, self.discovery.facts),
            delivery_settings(config),
            clock=SystemClock(),
            random=Random(),
            lasting=lasting,
            on_blocked=lambda lane, _: self.discovery.wanted(lane.dataset_group),
        )
        self._running: asyncio.Task[None] | None = None

    def reconfigure(self, config: Config) -> None:
        """Take up another configuration; calls under way end under the one before."""
        self._config = config
        self.discovery.replace(sources(config.dataset_groups), config.discovery.refresh_s)
        self._learn(self.discovery.facts)

    def _learn(self, facts: Mapping[str, DatasetGroupFacts]) -> None:
        """Send to where AWS says now."""
        self.delivery.reconfigure(
            destinations(self._config.dataset_groups, facts), delivery_settings(self._config)
        )
        self._on_facts(facts)

    def start(self) -> None:
        """Discover and deliver from now on."""
        self._running = asyncio.create_task(self._run(), name="delivery")

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.discovery.run(), name="discovery")
            tasks.create_task(self.delivery.run(), name="deliver")

    async def run_until(self, stopping: asyncio.Event) -> None:
        """Return when `stopping` is set; raise what delivery fails with, should it ever."""
        assert self._running is not None, "delivery was not started"
        waiting = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait({waiting, self._running}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._running in done:
            self._running.result()

    async def stop(self) -> frozenset[Lane]:
        """Deliver what is there up to the drain limit; return the lanes that still hold records."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._config.delivery.drain_s):
                await self.delivery.drained()
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        await self._data_plane.close()
        await self.control_plane.close()
        return await self._outbox.lanes()


def delivery_settings(config: Config) -> DeliverySettings:
    """Return how delivery is to behave."""
    delivery = config.delivery
    return DeliverySettings(
        linger_s=delivery.linger_s,
        quotas=delivery.quotas.calls_per_s(),
        call_timeout_s=delivery.call_timeout_s,
        max_age_s=delivery.max_age_s,
        look_ahead=LookAhead(delivery.look_ahead_records, delivery.look_ahead_bytes),
        pace=PaceSettings(
            max_in_flight=delivery.max_in_flight,
            backoff_base_s=delivery.retry.base_s,
            backoff_max_s=delivery.retry.max_s,
            probe_interval_s=delivery.retry.probe_s,
        ),
        refusals=RefusalSettings(max_share=delivery.max_dead_letter_share),
    )


def connection_settings(config: Config) -> ConnectionSettings:
    """Return how connections to Personalize are to be made."""
    return ConnectionSettings(
        connect_timeout_s=config.delivery.connect_timeout_s,
        total_timeout_s=config.delivery.call_timeout_s,
    )
