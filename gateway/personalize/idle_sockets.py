"""Which idle connections have ended, so that nothing is sent on them.

libcurl looks for closed connections once a second. In between it would send a call on one, and
the outcome of that call would be unknown although nobody was there to take it.
"""

import select

# On an idle connection there is nothing to read but its end: the peer's FIN, the goodbye of TLS, a
# proxy's parting words.
_SPOILT = select.POLLIN | select.POLLHUP | select.POLLERR


class IdleSockets:
    """The sockets of idle connections by local port, which is how libcurl names a connection."""

    def __init__(self, limit: int) -> None:
        """Keep at most `limit`; the one added longest ago goes first."""
        self._limit = limit
        self._sockets: dict[int, int] = {}

    def add(self, local_port: int, socket: int) -> None:
        """Remember the socket of a connection that is now idle."""
        self._sockets.pop(local_port, None)
        self._sockets[local_port] = socket
        if len(self._sockets) > self._limit:
            # libcurl closes idle connections without a word, so some of these are long gone.
            del self._sockets[next(iter(self._sockets))]

    def is_spoilt(self, local_port: int) -> bool:
        """Return whether the connection of `local_port` was idle and has ended; forget it.

        Where libcurl has closed the socket and its number is now another's, the answer is about
        that other one: a wrong yes costs one more connection, a wrong no is what libcurl does.
        """
        socket = self._sockets.pop(local_port, None)
        if socket is None:
            return False
        poll = select.poll()
        poll.register(socket, _SPOILT)
        return any(event & _SPOILT for _, event in poll.poll(0))
