"""libcurl's multi handle, driven by the asyncio loop: no thread, no polling.

libcurl says by callbacks which sockets it waits for and when it wants to be called next; the loop
calls it then. The protocol is that of `curl_multi_socket_action`.
"""

import asyncio

import pycurl

from gateway.errors import CallFailed


class CurlLoop:
    """Runs transfers of easy handles on the running loop, over connections that it keeps."""

    def __init__(self, max_connections: int) -> None:
        """Keep at most so many connections, idle ones included."""
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, max_connections)
        self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, max_connections)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._transfers: dict[pycurl.Curl, asyncio.Future[None]] = {}
        self._watched: dict[int, int] = {}
        self._timer: asyncio.Handle | None = None

    async def perform(self, curl: pycurl.Curl) -> int:
        """Run one transfer; return the socket of the connection that it leaves idle, or -1.

        Cancelling it closes the connection in use.

        Raises:
            pycurl.error: the transfer failed; its first argument is libcurl's code.
            CallFailed: libcurl itself failed.
        """
        done = asyncio.get_running_loop().create_future()
        self._transfers[curl] = done
        try:
            self._multi.add_handle(curl)
            await done
            socket: int = curl.getinfo(pycurl.ACTIVESOCKET)
            return socket
        finally:
            self._release(curl)

    def end(self, curl: pycurl.Curl, error: Exception) -> None:
        """End a transfer under way: its `perform` raises `error`."""
        done = self._transfers.get(curl)
        if done is not None and not done.done():
            done.set_exception(error)
        self._release(curl)

    def close(self) -> None:
        """Close all connections. No transfer may be under way, and none may follow.

        Blocks while the system resolves a name that was asked for and is not needed any more.
        """
        self._set_timer(-1)
        self._multi.close()

    def _watch(self, what: int, socket: int, _multi: pycurl.CurlMulti, _data: object) -> None:
        """Wait for what libcurl wants of `socket`, and for no more."""
        loop = asyncio.get_running_loop()
        before = self._watched.pop(socket, 0)
        wanted = 0 if what == pycurl.POLL_REMOVE else what
        if wanted:
            self._watched[socket] = wanted
        if wanted & ~before & pycurl.POLL_IN:
            loop.add_reader(socket, self._act, socket, pycurl.CSELECT_IN)
        elif before & ~wanted & pycurl.POLL_IN:
            loop.remove_reader(socket)
        if wanted & ~before & pycurl.POLL_OUT:
            loop.add_writer(socket, self._act, socket, pycurl.CSELECT_OUT)
        elif before & ~wanted & pycurl.POLL_OUT:
            loop.remove_writer(socket)

    def _set_timer(self, delay_ms: int) -> None:
        """Call libcurl after `delay_ms`, instead of when it wanted before; never, if negative."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if delay_ms >= 0:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay_ms / 1000, self._act, pycurl.SOCKET_TIMEOUT, 0)

    def _act(self, socket: int, event: int) -> None:
        """Let libcurl do what it can, and settle the transfers that have ended."""
        try:
            self._multi.socket_action(socket, event)
        except pycurl.error as error:
            # No transfer of a broken multi handle would ever end by itself.
            for curl in self._transfers:
                self._settle(curl, CallFailed("CurlBroken", str(error), outcome_unknown=True))
            return
        _, succeeded, failed = self._multi.info_read()
        for curl in succeeded:
            self._settle(curl, None)
        for curl, code, text in failed:
            self._settle(curl, pycurl.error(code, text))

    def _settle(self, curl: pycurl.Curl, error: Exception | None) -> None:
        done = self._transfers.get(curl)
        if done is None or done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def _release(self, curl: pycurl.Curl) -> None:
        if self._transfers.pop(curl, None) is not None:
            self._multi.remove_handle(curl)
