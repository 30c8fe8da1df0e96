"""TCP ports for servers that cannot be asked which one the system chose."""

import socket
from contextlib import ExitStack


def free_ports(count: int) -> tuple[int, ...]:
    """Return ports of the loopback address that are free now, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return tuple(int(one.getsockname()[1]) for one in sockets)
