"""Dead letters over the link: shown in an ingest process, kept in the delivery process."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gateway.outbox.dead_letters import (
    EVERY,
    DeadLetter,
    DeadLetterFilter,
    DeadLetterPage,
    DeadLetters,
    DeadLetterTotals,
)
from gateway.outbox.interface import DeadLetterReason, OutboxUnavailable
from gateway.outbox.link_client import LinkClient
from gateway.outbox.link_server import Handler
from gateway.records import Kind, Lane, Record

_TIMEOUT_S = 10.0


def dead_letter_handlers(letters: DeadLetters) -> Mapping[str, Handler]:
    """Return what delivery answers questions for dead letters with."""

    async def find(message: dict[str, Any]) -> Any:  # noqa: ANN401 - what JSON can say
        chosen = _filter(message["chosen"])
        page = await letters.find(chosen, after=message["after"], limit=message["limit"])
        return {"found": [_written(one) for one in page.dead_letters], "next": page.next_after}

    async def totals(message: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
        return asdict(await letters.totals(_filter(message["chosen"])))

    async def delete(message: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
        return await letters.delete(message["ids"])

    async def supersede(message: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
        return await letters.supersede(_lane(message["lane"]), message["record_id"])

    return {
        "dead_letters.find": find,
        "dead_letters.totals": totals,
        "dead_letters.delete": delete,
        "dead_letters.supersede": supersede,
    }


class RemoteDeadLetters:
    """`DeadLetters` that asks the delivery process."""

    def __init__(self, link: LinkClient, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._link = link
        self._timeout_s = timeout_s

    async def find(
        self, chosen: DeadLetterFilter = EVERY, *, after: int = 0, limit: int = 100
    ) -> DeadLetterPage:
        """Return a page of them; see `DeadLetters`."""
        answer = await self._ask("find", chosen=_listed(chosen), after=after, limit=limit)
        return DeadLetterPage([_read(one) for one in answer["found"]], answer["next"])

    async def totals(self, chosen: DeadLetterFilter = EVERY) -> DeadLetterTotals:
        """Count them; see `DeadLetters`."""
        return DeadLetterTotals(**await self._ask("totals", chosen=_listed(chosen)))

    async def delete(self, ids: Sequence[str]) -> int:
        """Delete some for good; see `DeadLetters`."""
        return int(await self._ask("delete", ids=list(ids)))

    async def supersede(self, lane: Lane, record_id: str) -> int:
        """Mark those of an ID; see `DeadLetters`."""
        return int(await self._ask("supersede", lane=list(lane), record_id=record_id))

    async def _ask(self, op: str, **arguments: object) -> Any:  # noqa: ANN401 - as above
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._link.ask(f"dead_letters.{op}", **arguments)
        except TimeoutError:
            raise OutboxUnavailable("the delivery process does not answer") from None


def _listed(chosen: DeadLetterFilter) -> dict[str, Any]:
    return asdict(chosen) | {"ids": None if chosen.ids is None else list(chosen.ids)}


def _filter(listed: dict[str, Any]) -> DeadLetterFilter:
    kind, reason = listed.pop("kind"), listed.pop("reason")
    return DeadLetterFilter(
        **listed, kind=kind and Kind(kind), reason=reason and DeadLetterReason(reason)
    )


def _lane(listed: list[str]) -> Lane:
    return Lane(listed[0], Kind(listed[1]))


def _written(letter: DeadLetter) -> dict[str, Any]:
    written = asdict(letter)
    written["record"]["element"] = b64encode(letter.record.element).decode()
    return written


def _read(written: dict[str, Any]) -> DeadLetter:
    record = written.pop("record")
    record["element"] = b64decode(record["element"])
    lane, reason = _lane(written.pop("lane")), DeadLetterReason(written.pop("reason"))
    return DeadLetter(**written, lane=lane, reason=reason, record=Record(**record))
