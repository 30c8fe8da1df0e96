"""What stands behind both of the emulator's faces, AWS's protocols and the control endpoints."""

from dataclasses import dataclass
from typing import Self

from gateway.personalize.emulator.config import Clock, EmulatorConfig
from gateway.personalize.emulator.faults import Faults
from gateway.personalize.emulator.resources import Resources
from gateway.personalize.emulator.statistics import Statistics
from gateway.personalize.emulator.store import Store


@dataclass(frozen=True, slots=True)
class Backend:
    """The state of one emulator.

    Attributes:
        config: what it was made with.
        clock: the only clock that it reads.
        store: keeps what has to last.
        resources: those of the account.
        faults: those that are set.
        statistics: the counts since it started.
    """

    config: EmulatorConfig
    clock: Clock
    store: Store
    resources: Resources
    faults: Faults
    statistics: Statistics

    @classmethod
    def open(cls, config: EmulatorConfig, clock: Clock) -> Self:
        """Open the state.

        Raises:
            StateError: the state file cannot be used.
        """
        store = Store(config.state)
        return cls(
            config=config,
            clock=clock,
            store=store,
            resources=Resources(store, clock, config.delays),
            faults=Faults(config.random_seed),
            statistics=Statistics(),
        )
