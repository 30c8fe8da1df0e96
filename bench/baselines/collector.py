"""`python -m bench.baselines.collector ADDRESS`: an OTLP collector that drops all spans."""

import sys
from typing import Any

import grpc
import uvloop

_SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService"


async def _export(_: bytes, __: object) -> bytes:
    return b""


async def _serve(address: str) -> None:
    server = grpc.aio.server()
    methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
    methods["Export"] = grpc.unary_unary_rpc_method_handler(_export)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, methods),))
    server.add_insecure_port(address)
    await server.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(_serve(*sys.argv[1:]))
