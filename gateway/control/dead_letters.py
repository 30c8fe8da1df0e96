"""The dead letters of a running gateway, for its ingest processes and the command line."""

from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from aiohttp import web

from gateway.control.client import ControlClient, ControlRefused, ControlUnavailable
from gateway.dead_letters.errors import DeadLettersUnavailable
from gateway.outbox.dead_letters import (
    EVERY,
    DeadLetter,
    DeadLetterFilter,
    DeadLetterPage,
    DeadLetters,
    DeadLetterTotals,
)
from gateway.outbox.interface import DeadLetterReason, OutboxUnavailable
from gateway.records import Kind, Lane, Origin, Record

_Json = Mapping[str, Any]


def dead_letter_routes(dead_letters: DeadLetters) -> Iterable[web.RouteDef]:
    """Return the control routes of a gateway's dead letters: the methods of `DeadLetters`."""

    async def find(body: _Json) -> _Json:
        page = await dead_letters.find(
            _filter(body["chosen"]), after=body["after"], limit=body["limit"]
        )
        found = [_written(dead_letter) for dead_letter in page.dead_letters]
        return {"dead_letters": found, "next_after": page.next_after}

    async def totals(body: _Json) -> _Json:
        return asdict(await dead_letters.totals(_filter(body["chosen"])))

    async def delete(body: _Json) -> _Json:
        return {"count": await dead_letters.delete(body["ids"])}

    async def replayed(body: _Json) -> _Json:
        return {"count": await dead_letters.replayed(body["ids"])}

    async def supersede(body: _Json) -> _Json:
        lane = _lane(body["lane"])
        return {"count": await dead_letters.supersede(lane, body["record_id"])}

    methods = (find, totals, delete, replayed, supersede)
    return [web.post(f"/dead-letters/{act.__name__}", _handler(act)) for act in methods]


def _handler(
    act: Callable[[_Json], Awaitable[_Json]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await act(await request.json()))
        except OutboxUnavailable as error:
            return web.json_response({"error": str(error)}, status=503)

    return handle


class RemoteDeadLetters:
    """The dead letters of the delivery process, asked for over the control socket.

    Raises:
        DeadLettersUnavailable: from each method: it does not answer, or cannot do it.
    """

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    async def find(
        self, chosen: DeadLetterFilter = EVERY, *, after: int = 0, limit: int = 100
    ) -> DeadLetterPage:
        """See `DeadLetters`."""
        found = await self._ask("find", chosen=_members(chosen), after=after, limit=limit)
        return DeadLetterPage([_read(one) for one in found["dead_letters"]], found["next_after"])

    async def totals(self, chosen: DeadLetterFilter = EVERY) -> DeadLetterTotals:
        """See `DeadLetters`."""
        return DeadLetterTotals(**await self._ask("totals", chosen=_members(chosen)))

    async def delete(self, ids: Sequence[str]) -> int:
        """See `DeadLetters`."""
        count: int = (await self._ask("delete", ids=list(ids)))["count"]
        return count

    async def replayed(self, ids: Sequence[str]) -> int:
        """See `DeadLetters`."""
        count: int = (await self._ask("replayed", ids=list(ids)))["count"]
        return count

    async def supersede(self, lane: Lane, record_id: str) -> int:
        """See `DeadLetters`."""
        count: int = (await self._ask("supersede", lane=lane, record_id=record_id))["count"]
        return count

    async def _ask(self, method: str, **body: object) -> dict[str, Any]:
        try:
            return await self._control.request("POST", f"/dead-letters/{method}", body)
        except (ControlUnavailable, ControlRefused) as error:
            raise DeadLettersUnavailable from error


def _members(chosen: DeadLetterFilter) -> dict[str, Any]:
    return asdict(chosen) | {"ids": None if chosen.ids is None else list(chosen.ids)}


def _filter(members: _Json) -> DeadLetterFilter:
    kind, reason = members["kind"], members["reason"]
    return DeadLetterFilter(
        **{
            **members,
            "kind": None if kind is None else Kind(kind),
            "reason": None if reason is None else DeadLetterReason(reason),
        }
    )


def _written(dead_letter: DeadLetter) -> dict[str, Any]:
    record = dead_letter.record
    element = b64encode(record.element).decode()
    return asdict(dead_letter) | {"record": record._asdict() | {"element": element}}


def _read(written: _Json) -> DeadLetter:
    record = written["record"]
    return DeadLetter(
        **{
            **written,
            "lane": _lane(written["lane"]),
            "record": Record(**{**record, "element": b64decode(record["element"])}),
            "reason": DeadLetterReason(written["reason"]),
            "origin": Origin(*written["origin"]),
        }
    )


def _lane(parts: Sequence[str]) -> Lane:
    dataset_group, kind = parts
    return Lane(dataset_group, Kind(kind))
