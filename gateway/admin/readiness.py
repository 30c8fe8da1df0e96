"""Whether the gateway takes requests, and what an operator should know of it besides."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gateway.telemetry.metrics import LANE_STATE
from gateway.telemetry.snapshot import Snapshot

_FLOWING = "flowing"


@dataclass(frozen=True, slots=True)
class ProcessState:
    """How a child of the supervisor is.

    Attributes:
        name: as in logs: `delivery`, or for example `ingest-0`.
        pid: the ID of its process; None while there is none.
        ready: whether it serves and can do its work.
        starts: how often it was started.
        problem: what is wrong where it is not ready, for an operator.
        port: the port of its own that an ingest process listens on; None where it has none.
        generation: the number of the configuration that it uses; 0 while it says none.
    """

    name: str
    pid: int | None
    ready: bool
    starts: int
    problem: str
    port: int | None
    generation: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """What the readiness page says.

    Attributes:
        ready: whether requests are taken. A gateway that is stopping, or of which an ingest process
            cannot write, is not. Delivery does not count: what is accepted waits for it.
        stopping: whether it was told to stop.
        processes: all children.
        degraded_lanes: those that do not flow, with their state and reason.
    """

    ready: bool
    stopping: bool
    processes: tuple[ProcessState, ...]
    degraded_lanes: tuple[Mapping[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as the page shows it."""
        return asdict(self)


def readiness(
    processes: Iterable[ProcessState], numbers: Mapping[str, Snapshot], *, stopping: bool
) -> Readiness:
    """Judge from the states and the numbers of the children."""
    states = tuple(processes)
    ingest = [one for one in states if one.name.startswith("ingest")]
    ready = bool(ingest) and all(one.ready for one in ingest) and not stopping
    return Readiness(ready, stopping, states, tuple(_degraded(numbers.values())))


def _degraded(numbers: Iterable[Snapshot]) -> Iterable[Mapping[str, str]]:
    for values in numbers:
        for labels, value in values.get(LANE_STATE.name, {}).items():
            dataset_group, kind, state, reason = labels
            if value and state != _FLOWING:
                yield {"lane": f"{dataset_group}/{kind}", "state": state, "reason": reason}
