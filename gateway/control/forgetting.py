"""A user taken out of all that a running gateway keeps."""

from collections.abc import Iterable
from typing import Protocol

from aiohttp import web

from gateway.control.client import ControlClient
from gateway.dead_letters.errors import DeadLetterUnreadable
from gateway.dead_letters.forgetting import forget_user
from gateway.outbox.dead_letters import DeadLetters
from gateway.outbox.interface import OutboxUnavailable

_ROUTE = "/forget-user"


class ForgetsUsers(Protocol):
    """An outbox that users can be taken out of."""

    async def forget_user(self, user_id: str) -> int:
        """Take out the records that name a user and wait; return how many those were.

        Raises:
            OutboxUnavailable: they cannot be read or written.
        """


def forgetting_routes(outbox: ForgetsUsers, dead_letters: DeadLetters) -> Iterable[web.RouteDef]:
    """Return the control route that takes a user out of outbox and dead letters."""

    async def forget(request: web.Request) -> web.Response:
        user_id: str = (await request.json())["user_id"]
        try:
            # In this order, so that what becomes a dead letter meanwhile is found there.
            waiting = await outbox.forget_user(user_id)
            dead = await forget_user(dead_letters, user_id)
        except (OutboxUnavailable, DeadLetterUnreadable) as error:
            return web.json_response({"error": str(error)}, status=503)
        return web.json_response({"waiting": waiting, "dead_letters": dead})

    return [web.post(_ROUTE, forget)]


async def forgotten(control: ControlClient, user_id: str) -> tuple[int, int]:
    """Take a user out; return how many records waited, and how many were dead letters.

    Raises:
        ControlUnavailable: no gateway answers.
        ControlRefused: not everything could be read or written.
    """
    # Not in the path, which proxies and logs keep.
    answer = await control.request("POST", _ROUTE, {"user_id": user_id})
    return answer["waiting"], answer["dead_letters"]
