"""`python -m bench.baselines.echo ADDRESS`: the least that gRPC in Python costs.

A bare grpc.aio server on uvloop that does nothing with the message. `Parsed` parses a
PutEventsRequest and serialises it again, as every handler of generated stubs would; `Bytes` hands
the bytes back unread, which no useful server can do; `Stream` does as `Parsed` with each message of
an Ingest stream.
"""

import sys
from collections.abc import AsyncIterator
from typing import Any

import grpc
import uvloop
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.ingest_service_pb2 import IngestRequest

from bench.baselines.serving import serve

SERVICE = "Echo"
PARSED = f"{SERVICE}/Parsed"
BYTES = f"{SERVICE}/Bytes"
STREAM = f"{SERVICE}/Stream"


async def _parsed(request: PutEventsRequest, _: object) -> PutEventsRequest:
    return request


async def _bytes(request: bytes, _: object) -> bytes:
    return request


async def _stream(
    requests: AsyncIterator[IngestRequest], _: object
) -> AsyncIterator[IngestRequest]:
    async for request in requests:
        yield request


async def _serve(address: str) -> None:
    methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "Parsed": grpc.unary_unary_rpc_method_handler(
            _parsed, PutEventsRequest.FromString, PutEventsRequest.SerializeToString
        ),
        "Bytes": grpc.unary_unary_rpc_method_handler(_bytes),
        "Stream": grpc.stream_stream_rpc_method_handler(
            _stream, IngestRequest.FromString, IngestRequest.SerializeToString
        ),
    }
    await serve(address, SERVICE, methods)


if __name__ == "__main__":
    uvloop.run(_serve(*sys.argv[1:]))
