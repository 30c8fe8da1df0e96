"""`python -m bench.baselines.collector ADDRESS`: an OTLP collector that drops all spans."""

import sys

import grpc
import uvloop

from bench.baselines.serving import serve

_SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService"


async def _export(_: bytes, __: object) -> bytes:
    return b""


async def _serve(address: str) -> None:
    await serve(address, _SERVICE, {"Export": grpc.unary_unary_rpc_method_handler(_export)})


if __name__ == "__main__":
    uvloop.run(_serve(*sys.argv[1:]))
