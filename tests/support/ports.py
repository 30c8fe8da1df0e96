"""Ports that stay ours between two starts of a gateway."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved() -> Iterator[str]:
    """Yield HOST:PORT that nobody else is given meanwhile, and on which a gateway can listen.

    It is bound as a gateway binds it; without listening it gets no connections.
    """
    with socket.socket() as held:
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            held.setsockopt(socket.SOL_SOCKET, option, 1)
        held.bind(("127.0.0.1", 0))
        host, port = held.getsockname()
        yield f"{host}:{port}"
