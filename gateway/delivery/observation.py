"""What is noted of a lane: its calls and what becomes of its records, as metrics and spans."""

import time
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from gateway.delivery.pending import Batch
from gateway.errors import CallError
from gateway.outbox.interface import Settlement
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.records import Lane
from gateway.telemetry.metrics import (
    CALL_DURATION,
    CALL_RECORDS,
    RECORDS_RETRIED,
    RECORDS_SETTLED,
)
from gateway.telemetry.tracing import CallTrace

_UNFORESEEN = "INTERNAL"
_OPERATIONS = {one: one.name.title().replace("_", "") for one in Operation}
"""Their names as AWS writes them: `PutEvents`."""


class LaneObservation:
    """Notes what becomes of the records of one lane."""

    def __init__(self, lane: Lane) -> None:
        self._labels = (lane.dataset_group, lane.kind.value)

    def call(self, call: Call, batch: Batch) -> "CallObservation":
        """Note that a call begins."""
        return CallObservation(self._labels, call, batch)

    def settled(self, settlements: Sequence[Settlement]) -> None:
        """Count records whose outcome is final."""
        dead = superseded = discarded = 0
        for settlement in settlements:
            dead += settlement.dead_letter is not None
            superseded += settlement.superseded
            discarded += settlement.discarded
        delivered = len(settlements) - dead - superseded - discarded
        for count, outcome in (
            (delivered, "delivered"),
            (superseded, "superseded"),
            (dead, "dead_lettered"),
            (discarded, "discarded"),
        ):
            if count:
                RECORDS_SETTLED.add(count, *self._labels, outcome)


class CallObservation:
    """One call of Personalize."""

    __slots__ = ("_batch", "_began_s", "_code", "_labels", "_trace")

    def __init__(self, labels: tuple[str, str], call: Call, batch: Batch) -> None:
        self._labels = labels
        self._batch = batch
        self._code: str | None = None
        traceparents = [pending.trace_context for pending in batch if pending.trace_context]
        self._trace = _trace(call, traceparents, len(batch), labels) if traceparents else None
        self._began_s = time.perf_counter()

    def answered(self, error: Exception | None) -> None:
        """Note what the call failed with; None where Personalize took the records."""
        duration_s = time.perf_counter() - self._began_s
        if error is not None:
            self._code = error.code if isinstance(error, CallError) else _UNFORESEEN
        CALL_DURATION.record(duration_s, *self._labels, self._code or "ok")
        CALL_RECORDS.record(len(self._batch), *self._labels)

    def end(self, settlements: Sequence[Settlement]) -> None:
        """Note what follows: what is not settled after a failure is sent again."""
        retried = 0
        if self._code is not None:
            dead = sum([settlement.dead_letter is not None for settlement in settlements])
            retried = len(self._batch) - dead
        if self._code is not None and retried:
            RECORDS_RETRIED.add(retried, *self._labels, self._code)
        if self._trace is not None:
            self._trace.end(self._code, is_retried=retried > 0)


def _trace(
    call: Call, traceparents: Sequence[str], records: int, labels: tuple[str, str]
) -> CallTrace:
    group, kind = labels
    return CallTrace(
        _OPERATIONS[call.operation],
        traceparents,
        {
            "server.address": _host(call.endpoint),
            "cloud.region": call.endpoint.region,
            "messaging.batch.message_count": records,
            "gateway.dataset_group": group,
            "gateway.kind": kind,
        },
    )


@lru_cache(maxsize=64)
def _host(endpoint: Endpoint) -> str:
    """Return whom a call goes to, as far as the gateway says it; else botocore does."""
    if endpoint.url is None:
        return f"personalize-events.{endpoint.region}.amazonaws.com"
    return urlsplit(endpoint.url).hostname or ""
