"""libcurl's multi handle, driven by the asyncio loop: no thread, no polling.

libcurl says by callbacks which sockets it waits for and when it wants to be called next; the loop
calls it then. The protocol is that of `curl_multi_socket_action`.

The sockets are in an epoll object of their own, of which the loop watches the one descriptor: what
libcurl wants of a socket changes twice a call, and to tell the loop costs five times as much (a
call 52 µs of CPU instead of 63).
"""

import asyncio
import contextlib
import select

import pycurl

from gateway.errors import CallFailed

_EVENTS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
_WRITABLE = select.EPOLLOUT
_READABLE = ~select.EPOLLOUT  # an error or the end, too: to be read


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
        self._sockets = select.epoll()
        self._watched: dict[int, int] = {}
        self._watching: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.Handle | None = None
        self._is_due = False

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
        if self._watching is not None:
            self._watching.remove_reader(self._sockets)
        self._sockets.close()

    def _watch(self, what: int, socket: int, _multi: pycurl.CurlMulti, _data: object) -> None:
        """Wait for what libcurl wants of `socket`, and for no more."""
        before = self._watched.get(socket)
        self._watched[socket] = what
        # One whose connection goes idle stays in the epoll object until something comes of it: to
        # take it out and put it in again would take twice as long as to change what is waited for.
        if what in (before, pycurl.POLL_REMOVE):
            return
        try:
            self._sockets.modify(socket, _EVENTS[what])
        except FileNotFoundError:  # It is new. Whoever closes a socket takes it out, too.
            self._sockets.register(socket, _EVENTS[what])
        if self._watching is None:
            self._watching = asyncio.get_running_loop()
            self._watching.add_reader(self._sockets, self._act_on_sockets)

    def _act_on_sockets(self) -> None:
        for socket, events in self._sockets.poll(0):
            if self._watched[socket] == pycurl.POLL_REMOVE:
                # Its connection was idle and has ended; libcurl may have closed it in this turn.
                with contextlib.suppress(OSError):
                    self._sockets.unregister(socket)
                continue
            readable = pycurl.CSELECT_IN if events & _READABLE else 0
            writable = pycurl.CSELECT_OUT if events & _WRITABLE else 0
            self._act(socket, readable | writable)
        self._settle_ended()

    def _set_timer(self, delay_ms: int) -> None:
        """Call libcurl after `delay_ms`, instead of when it wanted before; never, if negative."""
        if delay_ms == 0 and self._is_due:
            return  # Transfers that begin together need one call, and so one timer.
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._is_due = delay_ms == 0
        if delay_ms >= 0:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay_ms / 1000, self._act_on_time)

    def _act_on_time(self) -> None:
        self._is_due = False
        self._act(pycurl.SOCKET_TIMEOUT, 0)
        self._settle_ended()

    def _act(self, socket: int, event: int) -> None:
        """Let libcurl do what it can."""
        try:
            self._multi.socket_action(socket, event)
        except pycurl.error as error:
            # No transfer of a broken multi handle would ever end by itself.
            for curl in self._transfers:
                self._settle(curl, CallFailed("CurlBroken", str(error), outcome_unknown=True))

    def _settle_ended(self) -> None:
        """Settle the transfers that have ended."""
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
