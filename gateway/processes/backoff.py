"""When a process that died is started again."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class RestartDelay:
    """Waits longer the more often a process has died soon after its start.

    Attributes:
        base_s: the wait after its first death.
        max_s: the longest wait.
        stable_after_s: a process that ran for so long begins anew.
    """

    base_s: float = 0.1
    max_s: float = 30.0
    stable_after_s: float = 10.0
    _deaths: int = field(default=0, init=False)

    def after(self, ran_for_s: float) -> float:
        """Return how long to wait now that it has died, in seconds."""
        if ran_for_s >= self.stable_after_s:
            self._deaths = 0
        self._deaths += 1
        return min(self.max_s, self.base_s * 2.0 ** min(self._deaths - 1, 32))
