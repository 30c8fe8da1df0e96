"""Random vectors, expected to meet the fate that they meet in this process.

`python -m tests.conformance.fuzz DIRECTORY --count 300 --seed 0` writes them: the generated stubs
of Python send each request to a gateway in this process, and what comes of it is what every other
client must bring about, too.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import grpc
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError, SerializeToJsonError
from google.protobuf.message import Message
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

from gateway import embedded
from gateway.app import Gateway
from gateway.config import parse
from gateway.personalize.emulator import DOCUMENTED_QUOTAS, Emulator, EmulatorConfig, Record
from tests.conformance.calls import fate_of
from tests.conformance.dataset_groups import SEEDS, configuration
from tests.conformance.delivered import call_of
from tests.conformance.fate import Fate
from tests.conformance.random_requests import random_requests
from tests.conformance.stand import schemas_known

_DELIVERY_S = 20.0
_POLL_S = 0.002
_KINDS = 5


def write(directory: Path, count: int, seed: int) -> None:
    """Write a file of random vectors into a directory.

    Raises:
        TimeoutError: Personalize did not take what the gateway had accepted.
    """
    requests = random_requests(count, seed)
    name = f"fuzz-{seed}"
    cases = asyncio.run(_cases(requests))
    document = {"name": name, "description": "Random requests.", "cases": cases}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")


async def _cases(requests: Sequence[Message]) -> Sequence[Mapping[str, Any]]:
    async with _gateway() as (channel, emulator):
        return [
            await _case(channel, emulator, f"{number}", request)
            for number, request in enumerate(requests, 1)
        ]


@asynccontextmanager
async def _gateway() -> AsyncIterator[tuple[grpc.aio.Channel, Emulator]]:
    quotas = dict.fromkeys(DOCUMENTED_QUOTAS)
    async with Emulator(EmulatorConfig(quotas=quotas)) as emulator:
        groups = {outline.name: outline for outline in emulator.seed(*SEEDS)}
        config = parse(configuration(groups, emulator.url), "fuzz", {})
        gateway = Gateway(config, embedded.credentials(emulator))
        port = await gateway.start()
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                while await schemas_known(channel) < _KINDS:  # noqa: ASYNC110 - it has no event
                    await asyncio.sleep(_POLL_S)
                yield channel, emulator
        finally:
            await gateway.stop()


async def _case(
    channel: grpc.aio.Channel, emulator: Emulator, name: str, request: Message
) -> Mapping[str, Any]:
    rpc = type(request).__name__.removesuffix("Request")
    before = len(emulator.records())
    fate = await fate_of(channel, rpc, request)
    taken = _taken(request, fate)
    arrived = await _arrived(emulator, before, taken)
    own = _own_event_ids(request)
    return {
        "name": name,
        "rpc": rpc,
        **_shown(request),
        "expect": fate.shown(),
        "delivered": [call_of(record, own) for record in arrived],
    }


def _taken(request: Message, fate: Fate) -> int:
    """Return how many records of a request the gateway has accepted."""
    if fate.code != "OK":
        return 0
    return len(_records(request)) - len(fate.refused)


async def _arrived(emulator: Emulator, before: int, count: int) -> Sequence[Record]:
    async with asyncio.timeout(_DELIVERY_S):
        while len(emulator.records()) < before + count:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(_POLL_S)
    return emulator.records()[before:]


def _own_event_ids(request: Message) -> frozenset[str]:
    """Return the event IDs that a request has of its own; others differ from client to client."""
    return frozenset(getattr(_unwrapped(one), "event_id", "") for one in _records(request))


def _records(request: Message) -> Sequence[Message]:
    (records,) = (value for field, value in request.ListFields() if field.is_repeated)
    return list(records)


def _unwrapped(record: Message) -> Message | None:
    if not isinstance(record, IngestRecord):
        return record
    member = record.WhichOneof("kind")
    return None if member is None else getattr(record, member)


def _shown(request: Message) -> Mapping[str, Any]:
    """Return a request as JSON where that says all of it, else as it is on the wire."""
    try:
        shown = MessageToDict(request)
        if ParseDict(json.loads(json.dumps(shown)), type(request)()) == request:
            return {"request": shown}
    except (ParseError, SerializeToJsonError, ValueError):
        pass
    wire = request.SerializeToString(deterministic=True)
    return {"request_wire": base64.b64encode(wire).decode()}


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--count", type=click.IntRange(min=1), default=300, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(directory: Path, count: int, seed: int) -> None:
    """Write random vectors into a directory."""
    write(directory, count, seed)


if __name__ == "__main__":
    main()
