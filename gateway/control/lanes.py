"""The lanes of a running gateway: listed, paused, resumed."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from gateway.control.client import ControlClient
from gateway.delivery.engine import Delivery
from gateway.outbox.interface import OutboxUnavailable
from gateway.records import Kind, Lane


def lane_routes(delivery: Delivery) -> Iterable[web.RouteDef]:
    """Return the control routes of a gateway's lanes."""

    async def list_lanes(_: web.Request) -> web.Response:
        lanes = [{"lane": str(lane), **asdict(one)} for lane, one in delivery.statuses().items()]
        return web.json_response({"lanes": sorted(lanes, key=lambda lane: str(lane["lane"]))})

    async def change(request: web.Request) -> web.Response:
        change = {"pause": delivery.pause, "resume": delivery.resume}[request.match_info["change"]]
        try:
            await change(_lane(request))
        except (KeyError, ValueError):
            return _no_such_lane(request)
        except OutboxUnavailable as error:
            return web.json_response({"error": str(error)}, status=503)
        return web.json_response({})

    async def purge(request: web.Request) -> web.Response:
        try:
            purged = await delivery.discard(_lane(request), lambda _: True)
        except (KeyError, ValueError):
            return _no_such_lane(request)
        except OutboxUnavailable as error:
            return web.json_response({"error": str(error)}, status=503)
        return web.json_response({"purged": purged})

    return (
        web.get("/lanes", list_lanes),
        web.post("/lanes/{group}/{kind}/purge", purge),
        web.post("/lanes/{group}/{kind}/{change:pause|resume}", change),
    )


def _no_such_lane(request: web.Request) -> web.Response:
    name = f"{request.match_info['group']}/{request.match_info['kind']}"
    error = f"no lane {name} had a record since the start"
    return web.json_response({"error": error}, status=404)


def _lane(request: web.Request) -> Lane:
    return Lane(request.match_info["group"], Kind(request.match_info["kind"]))


async def listed(control: ControlClient) -> list[dict[str, Any]]:
    """Return the status of each lane, its name under `lane`."""
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
