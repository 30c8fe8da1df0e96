"""Who may do what, and how much, by the configuration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from gateway.clock import Clock
from gateway.config import Config
from gateway.dataset_group import DatasetGroupFacts
from gateway.routing.ledger import Ledger
from gateway.routing.limits import Limits
from gateway.routing.permission import Administrators
from gateway.routing.router import Router

Facts = Callable[[], Mapping[str, DatasetGroupFacts]]
"""Returns what is known of the dataset groups, by their names, at present."""


@dataclass(slots=True)
class Access:
    """Who may do what. By default, nobody may do anything.

    Attributes:
        router: replaced when the configuration is, so ask for it each time.
        administrators: changed in place, as are the limits.
        facts: what RouteService shows; those whom it shows them to are decided here.
    """

    router: Router = field(default_factory=lambda: Router((), ()))
    administrators: Administrators = field(default_factory=Administrators)
    limits: Limits = field(default_factory=Limits)
    facts: Facts = lambda: MappingProxyType({})

    @classmethod
    def of(cls, config: Config, ledger: Ledger | None = None, clock: Clock | None = None) -> Self:
        """Return what a configuration says.

        Args:
            config: says it.
            ledger: where the use of limits is counted; without it, in this process alone.
            clock: as `Limits` wants it.
        """
        access = cls(limits=Limits(ledger=ledger, clock=clock))
        access.reconfigure(config)
        return access

    def reconfigure(self, config: Config) -> None:
        """Go by another configuration from now on."""
        self.router = Router(config.routes, config.dataset_groups)
        self.administrators.replace(config.admins)
        self.limits.replace(config.routes)
