"""The gateway, put together: the only place where concrete classes meet.

rpc → routing → validation → encoding → outbox → delivery → personalize
"""

import asyncio
import contextlib
from collections.abc import Mapping
from random import Random

import structlog

from gateway.acceptance import Acceptance
from gateway.clock import SystemClock
from gateway.config import Config, DatasetGroup
from gateway.dead_letters.service import DeadLetterService
from gateway.delivery.destination import Destination
from gateway.delivery.engine import Delivery, DeliverySettings
from gateway.delivery.memory import Lasting
from gateway.delivery.pace import PaceSettings
from gateway.delivery.refusals import RefusalSettings
from gateway.delivery.steps import LookAhead
from gateway.outbox.dead_letters import DeadLetters
from gateway.outbox.interface import OutboxReader, OutboxWriter
from gateway.outbox.memory import MemoryOutbox
from gateway.personalize.call import Endpoint
from gateway.personalize.credential_chain import CredentialChain
from gateway.personalize.credentials import CredentialSource
from gateway.personalize.data_plane import HttpDataPlane
from gateway.personalize.transfer import ConnectionSettings
from gateway.records import Lane
from gateway.routing.router import Router
from gateway.rpc.identity import HeaderIdentity
from gateway.rpc.server import Server
from gateway.validation.validator import Validator

log = structlog.get_logger()

_ANSWER_GRACE_S = 5.0
"""How long calls that are under way when the gateway stops have to be answered."""


class IngestSide:
    """From gRPC into the outbox.

    Args:
        dead_letters: what DeadLetterService shows; None where it is not served.
        shares_port: whether other processes listen on the same address.
    """

    def __init__(
        self,
        config: Config,
        outbox: OutboxWriter,
        dead_letters: DeadLetters | None = None,
        *,
        shares_port: bool = False,
    ) -> None:
        validator = Validator()
        shown = None
        if dead_letters is not None:
            shown = DeadLetterService(dead_letters, outbox, validator, SystemClock())
        self._server = Server(
            Acceptance(Router(config.routes, config.dataset_groups), validator, outbox),
            HeaderIdentity(),
            dead_letters=shown,
            max_message_bytes=config.server.max_message_bytes,
            with_reflection=config.server.reflection,
            shares_port=shares_port,
        )

    async def start(self, *addresses: str) -> list[int]:
        """Serve; return the ports, in the order of the addresses.

        Raises:
            OSError: an address cannot be listened on.
        """
        return await self._server.start(*addresses)

    async def set_serving(self, *, serving: bool) -> None:
        """Say to health checks whether requests are taken."""
        await self._server.set_serving(serving=serving)

    async def stop(self, notice_s: float = 0.0) -> None:
        """Take no more, and answer what is under way.

        Args:
            notice_s: how long callers have to notice; see `Server.stop`.
        """
        await self._server.stop(grace_s=_ANSWER_GRACE_S, notice_s=notice_s)


class DeliverySide:
    """From the outbox to Personalize.

    Args:
        credentials: whose signature the calls bear; None for those that botocore finds.
        lasting: what outlives the process; None where nothing does.
    """

    def __init__(
        self,
        config: Config,
        outbox: OutboxReader,
        credentials: CredentialSource | None = None,
        *,
        lasting: Lasting | None = None,
    ) -> None:
        self._outbox = outbox
        self._drain_s = config.delivery.drain_s
        self._data_plane = HttpDataPlane(
            credentials or CredentialChain(), connection_settings(config)
        )
        self.delivery = Delivery(
            outbox,
            self._data_plane,
            destinations(config.dataset_groups),
            delivery_settings(config),
            clock=SystemClock(),
            random=Random(),
            lasting=lasting,
        )
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Deliver from now on."""
        self._running = asyncio.create_task(self.delivery.run(), name="delivery")

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
            async with asyncio.timeout(self._drain_s):
                await self.delivery.drained()
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        await self._data_plane.close()
        return await self._outbox.lanes()


class Gateway:
    """Both sides in one process, over an outbox in memory: for tests, and to try it out.

    Args:
        config: what it is to do.
        credentials: whose signature its calls bear; None for those that botocore finds.
    """

    def __init__(self, config: Config, credentials: CredentialSource | None = None) -> None:
        self._config = config
        self._outbox = MemoryOutbox(budgets_bytes(config))
        self._ingest = IngestSide(config, self._outbox)
        self._delivery = DeliverySide(config, self._outbox, credentials)

    async def start(self) -> int:
        """Serve and deliver; return the port that is listened on.

        Raises:
            OSError: the address cannot be listened on.
        """
        (port,) = await self._ingest.start(self._config.server.listen)
        self._delivery.start()
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


def budgets_bytes(config: Config) -> dict[str, int]:
    """Return how much the outbox may hold for each dataset group."""
    return {name: group.budget_bytes for name, group in config.dataset_groups.items()}


def destinations(groups: Mapping[str, DatasetGroup]) -> dict[str, Destination]:
    """Return where the records of each dataset group go."""
    return {
        name: Destination(
            Endpoint(group.region, group.endpoint_url, group.role_arn),
            group.tracking_id,
            group.action_interactions_tracking_id,
            group.dataset_arns,
            group.quota_share,
        )
        for name, group in groups.items()
    }


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
