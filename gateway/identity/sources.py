"""All that may say who calls, in the order of the configuration."""

from collections.abc import Sequence

from gateway.identity.caller import Caller, CallerUnknown, ProofUnverifiable
from gateway.identity.evidence import Background, Evidence, Source
from gateway.telemetry.metrics import IDENTITIES_REFUSED


class Sources:
    """Asks one source after the other. The first that says something decides.

    Args:
        sources: in the order in which they are asked.
        background: what they need done meanwhile.
    """

    def __init__(self, sources: Sequence[Source], background: Sequence[Background] = ()) -> None:
        self._sources = tuple(sources)
        self._background = tuple(background)

    def __repr__(self) -> str:
        return f"<Sources {', '.join(source.name for source in self._sources)}>"

    async def start(self) -> None:
        """Begin what the sources need; returns when they can be asked."""
        for one in self._background:
            await one.start()

    async def close(self) -> None:
        """End it. Callers can be asked for still; what was known then is not renewed."""
        for one in self._background:
            await one.close()

    async def caller(self, evidence: Evidence) -> Caller:
        """Return who calls.

        Raises:
            CallerUnknown: no source says who, or the first that says something does not hold.
            ProofUnverifiable: what that source says cannot be judged at the moment.
        """
        for source in self._sources:
            try:
                found = await source.caller(evidence)
            except (CallerUnknown, ProofUnverifiable) as error:
                IDENTITIES_REFUSED.add(1, error.source, error.reason)
                raise
            except Exception:
                IDENTITIES_REFUSED.add(1, source.name, "fault")
                raise
            if found is not None:
                return found
        IDENTITIES_REFUSED.add(1, "none", "absent")
        names = dict.fromkeys(source.name for source in self._sources)
        raise CallerUnknown(f"nothing says who calls; this gateway takes {', '.join(names)}")
