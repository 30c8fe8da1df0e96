import socket
from collections.abc import Iterator

import pytest

from gateway.personalize.idle_sockets import IdleSockets

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_an_open_connection_is_good(pair: Pair) -> None:
    """A connection on which nothing waits may be used."""
    sockets = IdleSockets(limit=8)
    sockets.add(1000, pair[0].fileno())

    assert sockets.is_spoilt(1000) is False


def test_a_closed_connection_is_spoilt(pair: Pair) -> None:
    """A connection whose peer has gone may not be used."""
    sockets = IdleSockets(limit=8)
    sockets.add(1000, pair[0].fileno())
    pair[1].close()

    assert sockets.is_spoilt(1000) is True


def test_unasked_words_spoil_a_connection(pair: Pair) -> None:
    """What waits unread would be taken for the next call's answer."""
    sockets = IdleSockets(limit=8)
    sockets.add(1000, pair[0].fileno())
    pair[1].send(b"HTTP/1.1 408 Request Timeout\r\n\r\n")

    assert sockets.is_spoilt(1000) is True


def test_a_connection_is_asked_for_once(pair: Pair) -> None:
    """Once in use it is idle no more; a new connection of that port is none of ours."""
    sockets = IdleSockets(limit=8)
    sockets.add(1000, pair[0].fileno())
    pair[1].close()
    sockets.is_spoilt(1000)

    assert sockets.is_spoilt(1000) is False
    assert sockets.is_spoilt(1001) is False


def test_a_socket_that_is_gone_is_not_spoilt(pair: Pair) -> None:
    """A number that is no socket any more says nothing."""
    sockets = IdleSockets(limit=8)
    sockets.add(1000, pair[0].fileno())
    pair[0].close()

    assert sockets.is_spoilt(1000) is False


def test_the_oldest_is_forgotten(pair: Pair) -> None:
    """What libcurl has closed in silence does not pile up."""
    sockets = IdleSockets(limit=2)
    pair[1].close()
    for port in (1000, 1001, 1000, 1002):
        sockets.add(port, pair[0].fileno())

    assert [sockets.is_spoilt(port) for port in (1000, 1001, 1002)] == [True, False, True]
