"""The lanes of a running gateway: listed, paused, resumed, purged."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from gateway.control.client import ControlClient
from gateway.delivery.engine import Delivery
from gateway.outbox.interface import OutboxUnavailable
from gateway.records import Kind, Lane

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def lane_routes(delivery: Delivery) -> Iterable[web.RouteDef]:
    """Return the control routes of a gateway's lanes."""

    async def list_lanes(_: web.Request) -> web.Response:
        oldest_s = await delivery.oldest_s()
        lanes = [
            {"lane": str(lane), **asdict(status), "oldest_s": oldest_s.get(lane)}
            for lane, status in sorted(delivery.statuses().items())
        ]
        return web.json_response({"lanes": lanes})

    async def change(request: web.Request) -> web.Response:
        change = {"pause": delivery.pause, "resume": delivery.resume}[request.match_info["change"]]
        await change(_lane(request))
        return web.json_response({})

    async def purge(request: web.Request) -> web.Response:
        purged = await delivery.discard(_lane(request), lambda _: True)
        return web.json_response({"purged": purged})

    def of_lane(act: _Handler) -> _Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await act(request)
            except (KeyError, ValueError):
                return web.json_response({"error": _no_such_lane(request, delivery)}, status=404)
            except OutboxUnavailable as error:
                return web.json_response({"error": str(error)}, status=503)

        return handle

    return (
        web.get("/lanes", list_lanes),
        web.post("/lanes/{group}/{kind}/purge", of_lane(purge)),
        web.post("/lanes/{group}/{kind}/{change:pause|resume}", of_lane(change)),
    )


def _no_such_lane(request: web.Request, delivery: Delivery) -> str:
    """Say that a lane is not there, and what is."""
    group, kind = request.match_info["group"], request.match_info["kind"]
    groups = delivery.dataset_groups
    if group not in groups:
        return f"there is no dataset group {group!r}; there are: {_named(groups)}"
    lanes = _named(map(str, delivery.statuses()))
    return f"lane {group}/{kind} had no record since the start; these had: {lanes}"


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _lane(request: web.Request) -> Lane:
    return Lane(request.match_info["group"], Kind(request.match_info["kind"]))


async def listed(control: ControlClient) -> list[dict[str, Any]]:
    """Return the members of `LaneStatus` for each lane, in the order of their names.

    Beside them stand its name as `lane`, and as `oldest_s` how long ago the oldest record that
    waits was accepted: null where none waits, or where that was before the machine was started.
    """
    found: list[dict[str, Any]] = (await control.request("GET", "/lanes"))["lanes"]
    return found


async def changed(control: ControlClient, lane: str, change: str) -> None:
    """Pause or resume a lane.

    Args:
        control: asks the gateway.
        lane: its name, `DATASET_GROUP/KIND`.
        change: `pause` or `resume`.

    Raises:
        ControlRefused: there is no such lane.
    """
    await control.request("POST", f"/lanes/{lane}/{change}")


async def purged(control: ControlClient, lane: str) -> int:
    """Take all records out of a lane without delivering them; return how many.

    Args:
        control: asks the gateway.
        lane: its name, `DATASET_GROUP/KIND`.

    Raises:
        ControlRefused: there is no such lane, or not all were taken out.
    """
    answer = await control.request("POST", f"/lanes/{lane}/purge")
    return int(answer["purged"])
