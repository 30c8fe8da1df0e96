"""HTTP POSTs by libcurl, over a bounded number of kept connections."""

import asyncio
from collections.abc import Callable

import pycurl

from gateway.errors import CallFailed
from gateway.personalize.answers import Answer
from gateway.personalize.curl_loop import CurlLoop
from gateway.personalize.idle_sockets import IdleSockets
from gateway.personalize.transfer import ConnectionSettings, Transfer, ca_bundle_path


class CurlClient:
    """Posts once what it is given. Belongs to the loop in which it is first used.

    Proxies are those of the environment, by libcurl's rules: `https_proxy`, `all_proxy` and
    `no_proxy` in lower or upper case, `http_proxy` in lower case.
    """

    def __init__(self, settings: ConnectionSettings) -> None:
        """Make a client that has not connected yet."""
        self._settings = settings
        self._ca_bundle = ca_bundle_path(settings)
        self._loop = CurlLoop(settings.max_connections)
        # Calls wait here and not in libcurl, where the time-out would run and the signature age.
        self._places = asyncio.Semaphore(settings.max_connections)
        self._idle: list[Transfer] = []
        self._busy: set[Transfer] = set()
        self._idle_sockets = IdleSockets(limit=4 * settings.max_connections)
        self._closed = False

    async def post(self, url: str, body: bytes, headers: Callable[[], list[str]]) -> Answer:
        """Post `body` once and return the answer, whatever its status.

        Args:
            url: where to; `http` or `https`.
            body: at least one byte.
            headers: called when there is a connection's place for the call; gives header lines.

        Raises:
            CallFailed: no answer was read; says whether the body may have arrived.
        """
        async with self._places:
            self._refuse_if_closed()
            transfer = self._idle.pop() if self._idle else self._new_transfer()
            self._busy.add(transfer)
            try:
                return await self._post_by(transfer, url, body, headers)
            finally:
                self._put_back(transfer)

    async def close(self) -> None:
        """Close all connections; posts in flight and waiting end as `CallFailed`."""
        if self._closed:
            return
        self._closed = True
        for transfer in self._busy:
            failure = CallFailed("Closed", outcome_unknown=transfer.sent)
            self._loop.end(transfer.curl, failure)
        self._loop.close()
        while self._idle:
            self._idle.pop().curl.close()

    async def _post_by(
        self, transfer: Transfer, url: str, body: bytes, headers: Callable[[], list[str]]
    ) -> Answer:
        answer = None
        # Each turn without an answer has found, and ended, one connection that the server had
        # closed while it was idle; nothing was sent.
        while answer is None:
            self._refuse_if_closed()
            transfer.prepare(url, headers(), body)
            try:
                answer = transfer.answer(await self._loop.perform(transfer.curl))
            except pycurl.error as error:
                answer = transfer.answer_despite(error)
        return answer

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise CallFailed("Closed")

    def _new_transfer(self) -> Transfer:
        return Transfer(self._settings, self._ca_bundle, self._idle_sockets)

    def _put_back(self, transfer: Transfer) -> None:
        self._busy.remove(transfer)
        if self._closed:
            transfer.curl.close()
        else:
            self._idle.append(transfer)
