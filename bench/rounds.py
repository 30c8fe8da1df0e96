"""Figures as they come up, round by round."""

from collections.abc import Awaitable, Callable, Mapping

from bench.effort import Effort
from bench.results import Figure, Target
from bench.trial import Spent


class Rounds:
    """Collects what the rounds of a group find.

    Args:
        group: which benchmark it is.
        targets: what figures should be, by their names.
    """

    def __init__(self, group: str, targets: Mapping[str, Target] | None = None) -> None:
        self._group = group
        self._targets = targets or {}
        self._found: dict[str, tuple[str, list[float]]] = {}

    def add(self, name: str, unit: str, value: float) -> None:
        """Add what a round has found."""
        self._found.setdefault(name, (unit, []))[1].append(value)

    def add_spent(self, name: str, unit: str, spent: Spent, of: int) -> None:
        """Add what a trial has found: the CPU time of both processes, of each, and the rate.

        Args:
            name: of what was measured.
            unit: of the CPU time.
            spent: what it took.
            of: how many units there were.
        """
        cpu = spent.cpu.each(of)
        self.add(name, unit, cpu.total_us)
        self.add(f"{name}: ingest", unit, cpu.ingest_us)
        self.add(f"{name}: delivery", unit, cpu.delivery_us)
        self.add(f"{name}: rate", "events/s", spent.events / spent.wall_s)
        self.add(f"{name}: core used", "%", 100 * spent.busy)

    def latest(self, name: str) -> float:
        """Return what the round that is under way has found."""
        return self._found[name][1][-1]

    def __getitem__(self, name: str) -> Figure:
        unit, values = self._found[name]
        return Figure(self._group, name, unit, tuple(values), target=self._targets.get(name))

    def figures(self) -> list[Figure]:
        """Return all figures, in the order in which they first came up."""
        return [self[name] for name in self._found]

    def ratio(self, name: str, to: str) -> Figure:
        """Return how many times another figure one is, round by round."""
        return self[name].ratio(self[to], self._targets.get(ratio_name(name, to)))


async def in_turn(
    measure: Callable[[Rounds, Effort], Awaitable[None]],
    effort: Effort,
    group: str,
    targets: Mapping[str, Target],
) -> Rounds:
    """Return what the rounds of a group find, after one that only warms up.

    Args:
        measure: adds what a round finds.
        effort: says how many rounds there are.
        group: as `Rounds` takes it.
        targets: likewise.
    """
    await measure(Rounds(group), Effort(quick=True))
    rounds = Rounds(group, targets)
    for _ in range(effort.rounds):
        await measure(rounds, effort)
    return rounds


def ratio_name(name: str, to: str) -> str:
    """Return the name of the ratio of two figures."""
    return f"{name} : {to}"
