"""How the servers of this package listen."""

import sys
from typing import Any

import grpc


async def serve(
    address: str, service: str, methods: dict[str, "grpc.RpcMethodHandler[Any, Any]"]
) -> None:
    """Serve one service until the process is ended; print a line once it listens.

    Args:
        address: HOST:PORT.
        service: its full name.
        methods: its handlers, by name.
    """
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    server.add_insecure_port(address)
    await server.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.wait_for_termination()
