"""Outcomes over the link: asked for in an ingest process, known in the delivery process."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.outbox.interface import (
    DELIVERED,
    DISCARDED,
    PENDING,
    SUPERSEDED,
    Outcome,
    OutcomeState,
    Position,
)
from gateway.outbox.link_client import LinkClient
from gateway.outbox.link_server import Handler
from gateway.outbox.outcomes import OutcomeSource

_ASK_TIMEOUT_S = 0.1
"""So long delivery has to say how things are; a caller near its deadline waits for it."""

_PLAIN = {one.state.name: one for one in (PENDING, DELIVERED, SUPERSEDED, DISCARDED)}


def outcome_handlers(source: OutcomeSource) -> Mapping[str, Handler]:
    """Return what delivery answers questions for outcomes with."""

    async def outcomes(message: dict[str, Any]) -> Any:  # noqa: ANN401 - what JSON can say
        return _written(await source.outcomes(_positions(message)))

    async def outcomes_so_far(message: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
        return _written(await source.outcomes_so_far(_positions(message)))

    return {"outcomes": outcomes, "outcomes_so_far": outcomes_so_far}


class RemoteOutcomes:
    """An `OutcomeSource` that asks the delivery process."""

    def __init__(self, link: LinkClient) -> None:
        self._link = link

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Wait until the outcome of every record of these chunks is final, and return them.

        Also across a restart of delivery.
        """
        return _read(await self._link.ask("outcomes", positions=_listed(positions)))

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Return the outcomes as delivery knows them; all pending where it does not answer soon."""
        try:
            async with asyncio.timeout(_ASK_TIMEOUT_S):
                found = await self._link.ask("outcomes_so_far", positions=_listed(positions))
        except TimeoutError:
            return [(PENDING,) * position.records for position in positions]
        return _read(found)


def _listed(positions: Sequence[Position]) -> list[list[int]]:
    return [
        [*position.stamp, position.writer, position.row, position.records] for position in positions
    ]


def _positions(message: dict[str, Any]) -> list[Position]:
    return [
        Position((boot, stamp_ns), writer, row, records)
        for boot, stamp_ns, writer, row, records in message["positions"]
    ]


def _written(outcomes: Sequence[Sequence[Outcome]]) -> list[list[tuple[str, str, str]]]:
    return [
        [(one.state.name, one.dead_letter_id, one.reason) for one in of_chunk]
        for of_chunk in outcomes
    ]


def _read(answer: list[list[tuple[str, str, str]]]) -> list[tuple[Outcome, ...]]:
    return [tuple([_outcome(*one) for one in of_chunk]) for of_chunk in answer]


def _outcome(state: str, dead_letter_id: str, reason: str) -> Outcome:
    return _PLAIN.get(state) or Outcome(OutcomeState[state], dead_letter_id, reason)
