"""`header`: the caller is who it says it is. For loopback alone."""

from typing import Final

from gateway.identity.caller import CALLER_HEADER, Caller, CallerUnknown, caller_in
from gateway.identity.evidence import Evidence


class CallerHeader:
    """Believes the header `x-caller`; without it, the caller is anonymous."""

    name: Final = "header"

    async def caller(self, evidence: Evidence) -> Caller:
        """Return who is named; see `Source`."""
        named = evidence.header(CALLER_HEADER)
        if len(named) > 1:
            raise CallerUnknown(
                f"{CALLER_HEADER} was sent {len(named)} times",
                source=self.name,
                reason="several_names",
            )
        return caller_in(named[0] if named else None)
