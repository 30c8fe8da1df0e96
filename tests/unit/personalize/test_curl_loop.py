import select

import pycurl
import pytest

from gateway.personalize.curl_loop import CurlLoop


class _ClosedSockets:
    """An epoll object with an event of a socket that was closed since."""

    def __init__(self, socket: int) -> None:
        self._socket = socket

    def poll(self, _timeout_s: float) -> list[tuple[int, int]]:
        return [(self._socket, select.EPOLLIN | select.EPOLLHUP)]

    def unregister(self, _socket: int) -> None:
        raise OSError(9, "Bad file descriptor")


async def test_an_idle_socket_that_is_closed_in_the_same_turn_disturbs_no_transfer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Libcurl closes connections that have ended while it begins a transfer: their event is old."""
    settled = []
    loop, socket = CurlLoop(4), 1000
    monkeypatch.setattr(loop, "_settle_ended", lambda: settled.append(True))
    monkeypatch.setattr(loop, "_sockets", _ClosedSockets(socket))
    loop._watched[socket] = pycurl.POLL_REMOVE
    loop._act_on_sockets()
    assert settled
