"""The ingest side, put together: from gRPC into the outbox.

rpc → routing → validation → encoding → outbox
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from random import Random

from gateway.acceptance import Acceptance
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.config.server import Tls
from gateway.dataset_group import DatasetGroupFacts
from gateway.dead_letters.service import DeadLetterService
from gateway.outbox.dead_letters import DeadLetters
from gateway.outbox.interface import OutboxWriter
from gateway.personalize.call import Endpoint
from gateway.personalize.control_plane import ControlPlane
from gateway.routing.access import Access
from gateway.routing.ledger import Ledger
from gateway.rpc.connection_limits import ConnectionLimits
from gateway.rpc.identity import identity_of
from gateway.rpc.server import Server
from gateway.rpc.tls import TlsFiles
from gateway.trackers.dataset_group import TrackedGroup
from gateway.trackers.pace import Pace
from gateway.trackers.service import TrackerService
from gateway.trackers.watch import Watch
from gateway.validation.validator import Validator

_ANSWER_GRACE_S = 5.0
"""How long calls that are under way when the gateway stops have to be answered."""


class IngestSide:
    """From gRPC into the outbox.

    Args:
        facts: what is known of the dataset groups, merged; see `learn`.
        control_plane: what TrackerService asks.
        dead_letters: what DeadLetterService shows; None where it is not served.
        ledger: where all processes count what callers use of their limits; None for this one alone.
        wanted: told a dataset group whose event tracker a caller has changed, or seen to change.
        shares_port: whether other processes listen on the same address.
    """

    def __init__(
        self,
        config: Config,
        outbox: OutboxWriter,
        facts: Mapping[str, DatasetGroupFacts],
        control_plane: ControlPlane,
        *,
        dead_letters: DeadLetters | None = None,
        ledger: Ledger | None = None,
        wanted: Callable[[str], None] | None = None,
        shares_port: bool = False,
    ) -> None:
        validator = Validator()
        self._facts = facts
        self._control_plane = control_plane
        self._notice_s = config.server.shutdown_notice_s
        self._tls = tls_files(config.server.tls)
        self._access = Access.of(config, ledger)
        self._access.facts = lambda: self._facts
        self._acceptance = Acceptance(self._access.router, validator, outbox, facts)
        shown = None
        if dead_letters is not None:
            renew = self._acceptance.renew
            shown = DeadLetterService(dead_letters, outbox, validator, renew, SystemClock())
        watch = Watch(SystemClock(), Random(), Pace())
        self._trackers = TrackerService(self._tracked(config), validator, watch, wanted)
        self._server = Server(
            self._acceptance,
            identity_of(config.identity),
            access=self._access,
            dead_letters=shown,
            trackers=self._trackers,
            max_message_bytes=config.server.max_message_bytes,
            with_reflection=config.server.reflection,
            limits=ConnectionLimits(
                config.server.max_concurrent_rpcs, config.server.max_connection_age_s
            ),
            shares_port=shares_port,
        )

    def _tracked(self, config: Config) -> dict[str, TrackedGroup]:
        """Return the dataset groups as TrackerService knows them."""
        perform = self._control_plane.perform
        return {
            name: TrackedGroup(
                name,
                group.arn,
                partial(perform, Endpoint(group.region, group.control_url, group.role_arn)),
            )
            for name, group in config.dataset_groups.items()
        }

    def learn(self, facts: Mapping[str, DatasetGroupFacts]) -> None:
        """Go by what is known now of the dataset groups, from the next request on."""
        self._facts = facts
        self._acceptance.reconfigure(self._access.router, facts)

    def reconfigure(self, config: Config, facts: Mapping[str, DatasetGroupFacts]) -> None:
        """Take up another configuration: all of it or, where this raises, nothing.

        A request that was begun ends under the configuration that it began with.

        Args:
            config: the configuration.
            facts: what is known of its dataset groups.

        Raises:
            GatewayError: what the configuration refers to cannot be used.
        """
        # What can fail is made before anything is replaced.
        identity = identity_of(config.identity)
        self._access.reconfigure(config)
        self._trackers.groups = self._tracked(config)
        self.learn(facts)
        self._server.replace_identity(identity)
        self._notice_s = config.server.shutdown_notice_s

    async def start(self, *addresses: str) -> list[int]:
        """Serve; return the ports, in the order of the addresses.

        Raises:
            OSError: an address cannot be listened on.
        """
        return await self._server.start(*addresses, tls=self._tls)

    @property
    def rpcs_under_way(self) -> int:
        """How many RPCs are not yet answered."""
        return self._server.rpcs_under_way

    @property
    def certificate_expires_at(self) -> datetime | None:
        """When the certificate that new connections see expires; None without TLS."""
        return self._server.certificate_expires_at()

    async def set_serving(self, *, serving: bool) -> None:
        """Say to health checks whether requests are taken."""
        await self._server.set_serving(serving=serving)

    async def drain(self) -> None:
        """Take no more, and answer what is under way; new calls are told to go elsewhere."""
        await self._server.drain(grace_s=_ANSWER_GRACE_S, notice_s=self._notice_s)

    async def stop(self) -> None:
        """Take no more, answer what is under way, and close connections."""
        await self._server.stop(grace_s=_ANSWER_GRACE_S)


def tls_files(section: Tls) -> TlsFiles | None:
    """Return the certificates of the section `server.tls`; None where it states none.

    Raises:
        FileUnusable: a file that it names cannot be read, or is not what it should be.
    """
    if section.cert is None or section.key is None:
        return None
    return TlsFiles(section.cert, section.key, section.client_ca)


def check_files(config: Config) -> None:
    """Return if the files that a configuration names for the ingest side can be used.

    Raises:
        FileUnusable: one cannot be read, or is not what it should be.
    """
    tls_files(config.server.tls)
    identity_of(config.identity)


def budgets_bytes(config: Config) -> dict[str, int]:
    """Return how much the outbox may hold for each dataset group."""
    return {name: group.budget_bytes for name, group in config.dataset_groups.items()}
