"""Tells a publisher's owner what became of records."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from personalize_gateway.publishing.backlog import Settled
from personalize_gateway.publishing.settings import Refused
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

log = logging.getLogger("personalize_gateway")

OnConfirmed = Callable[[IngestRecord], None]
OnRefused = Callable[[Refused], None]

_Fate = TypeVar("_Fate")


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What to call; what they raise is logged, and stops nothing."""

    on_confirmed: OnConfirmed | None = None
    on_refused: OnRefused | None = None

    def tell(self, settled: Settled) -> None:
        """Call them for each record."""
        for record in settled.confirmed:
            _call(self.on_confirmed, record)
        for refused in settled.refused:
            if self.on_refused is None:
                log.warning("a record was refused: %s: %s", refused.reason, refused.message)
            _call(self.on_refused, refused)


def _call(callback: Callable[[_Fate], None] | None, fate: _Fate) -> None:
    if callback is None:
        return
    try:
        callback(fate)
    except Exception:
        log.exception("a callback of a publisher failed")
