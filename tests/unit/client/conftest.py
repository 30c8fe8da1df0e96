"""A channel that is none: what a client sends is looked at, and answered, by the test."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
import grpc_testing  # type: ignore[import-untyped]
import pytest
from grpc import StatusCode
from personalize_gateway.v1 import catalog_service_pb2, event_service_pb2, ingest_service_pb2
from personalize_gateway.v1.ingest_service_pb2 import IngestRequest, IngestResponse, Refusal

_SERVICES = [
    module.DESCRIPTOR.services_by_name[name]
    for module, name in (
        (event_service_pb2, "EventService"),
        (catalog_service_pb2, "CatalogService"),
        (ingest_service_pb2, "IngestService"),
    )
]
_METHODS = {method.name: method for service in _SERVICES for method in service.methods}


@dataclass(frozen=True, slots=True)
class Taken:
    """A unary call that waits for its answer."""

    metadata: dict[str, str]
    request: Any
    _rpc: Any

    def answer(
        self, response: Any, code: StatusCode = StatusCode.OK, trailers: Sequence[Any] = ()
    ) -> None:
        self._rpc.send_initial_metadata(())
        self._rpc.terminate(response, trailers, code, "it is so")


@dataclass(frozen=True, slots=True)
class Stream:
    """An Ingest stream that waits for its answers."""

    metadata: dict[str, str]
    _rpc: Any

    def request(self) -> tuple[int, list[str]]:
        """Wait for a request: its sequence and the event IDs in it."""
        request: IngestRequest = self._rpc.take_request()
        return request.sequence, [record.event.event_id for record in request.records]

    def acknowledge(self, sequence: int, *refusals: Refusal) -> None:
        """Acknowledge all up to a sequence."""
        response = IngestResponse(acknowledged_sequence=sequence, refusals=refusals)
        self._rpc.send_response(response)

    def closed(self) -> None:
        """Wait until the client has sent everything."""
        self._rpc.requests_closed()

    def end(self, code: StatusCode = StatusCode.OK, trailers: Sequence[Any] = ()) -> None:
        """End it."""
        self._rpc.terminate(trailers, code, "it is so")


class FakeChannel:
    """What the test sees of the fake channel.

    Attributes:
        channel: for the client.
    """

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self.channel: grpc.Channel = grpc_testing.channel(
            _SERVICES, grpc_testing.strict_real_time()
        )
        self._threads = threads

    def calling(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Make a call in another thread; return its future."""
        return self._threads.submit(call, *arguments, **named)

    def unary(self, method: str) -> Taken:
        """Wait for a call of a method."""
        fake: Any = self.channel
        metadata, request, rpc = fake.take_unary_unary(_METHODS[method])
        return Taken(_sent(metadata), request, rpc)

    def stream(self) -> Stream:
        """Wait for an Ingest stream."""
        fake: Any = self.channel
        metadata, rpc = fake.take_stream_stream(_METHODS["Ingest"])
        rpc.send_initial_metadata(())
        return Stream(_sent(metadata), rpc)


def _sent(metadata: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return what the client has sent: the fake channel adds something of its own."""
    return {key: value for key, value in metadata if not key.startswith("grpc.")}


@pytest.fixture
def fake() -> Iterator[FakeChannel]:
    """Return the fake channel."""
    with ThreadPoolExecutor(4) as threads:
        yield FakeChannel(threads)
