"""Who may administer the gateway."""

from collections.abc import Iterable

from gateway.identity import Caller
from gateway.routing.callers import CallerTable
from gateway.routing.errors import AdminRequired


class Administrators:
    """The callers that may use DeadLetterService and TrackerService.

    Args:
        entries: of the configuration's `admins`: names, patterns and `*`.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self.replace(entries)

    def __repr__(self) -> str:
        return f"<Administrators {self._table!r}>"

    def replace(self, entries: Iterable[str]) -> None:
        """Take others from now on."""
        self._table = CallerTable((entry, True) for entry in entries)

    def include(self, caller: Caller) -> bool:
        """Tell whether a caller is one of them."""
        return bool(self._table.find(caller))

    def check(self, caller: Caller) -> None:
        """Return if a caller is one of them.

        Raises:
            AdminRequired: it is none.
        """
        if not self.include(caller):
            raise AdminRequired(caller)
