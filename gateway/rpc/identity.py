"""Who calls, as the metadata of a call says it."""

from collections.abc import Iterable
from typing import Protocol

from gateway.identity import CALLER_HEADER, Caller, CallerUnknown, caller_in

Metadata = Iterable[tuple[str, str | bytes]]


class Identity(Protocol):
    """Finds out who calls."""

    def caller(self, metadata: Metadata) -> Caller:
        """Return the caller of a request with this metadata.

        Raises:
            CallerUnknown: nothing says who calls, or what says it does not hold.
        """


class HeaderIdentity:
    """Believes the header `x-caller`. For loopback and for networks where everybody is trusted."""

    def caller(self, metadata: Metadata) -> Caller:
        """Return what the header says; `anonymous` where there is none."""
        named = [str(value) for key, value in metadata if key == CALLER_HEADER]
        if len(named) > 1:
            raise CallerUnknown(f"{CALLER_HEADER} was sent {len(named)} times")
        return caller_in(named[0] if named else None)
