"""What ingest processes tell of dataset groups that they have seen change."""

from collections.abc import Callable, Iterable
from contextlib import suppress

from aiohttp import web

from gateway.control.client import ControlClient, ControlRefused, ControlUnavailable


def discovery_routes(wanted: Callable[[str], None]) -> Iterable[web.RouteDef]:
    """Return the control route by which AWS is asked of a dataset group soon.

    Args:
        wanted: is given its name.
    """

    async def ask(request: web.Request) -> web.Response:
        wanted(request.match_info["group"])
        return web.json_response({})

    return [web.post("/discovery/{group}", ask)]


async def want(control: ControlClient, dataset_group: str) -> None:
    """Ask for a look at a dataset group; where nobody answers, the next look comes by itself."""
    with suppress(ControlUnavailable, ControlRefused):
        await control.request("POST", f"/discovery/{dataset_group}")
