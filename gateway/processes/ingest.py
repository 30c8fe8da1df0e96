"""An ingest process: gRPC into segments of its own."""

import asyncio
from pathlib import Path

from gateway.app import IngestSide, budgets_bytes
from gateway.config import Config
from gateway.control.client import ControlClient
from gateway.control.dead_letters import RemoteDeadLetters
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.directory import Directory
from gateway.outbox.link_client import LinkClient
from gateway.outbox.outcome_link import RemoteOutcomes
from gateway.outbox.writer import SqliteWriter
from gateway.processes.report import Report

LINK_SOCKET = "delivery.sock"

_HEALTH_INTERVAL_S = 0.2
_NOTICE_S = 0.5
"""How long those who call have to notice that it ends."""


async def ingest(config: Config, address: str, slot: int, stopping: asyncio.Event) -> None:
    """Serve until told to stop, then answer what is under way.

    Args:
        config: of the gateway.
        address: HOST:PORT that all ingest processes share.
        slot: which of them this is, from 0.
        stopping: set when it is to stop.
    """
    path = Path(config.outbox.path)
    link = LinkClient(Directory.join(path).socket(LINK_SOCKET))
    settings = WriterSettings(linger_s=config.outbox.linger_s)
    writer = SqliteWriter.open(path, slot, budgets_bytes(config), RemoteOutcomes(link), settings)
    control = ControlClient(path)
    side = IngestSide(config, writer, RemoteDeadLetters(control), shares_port=True)
    # A port of its own besides: a sidecar lists them all, where two connections to the shared one
    # would leave every third process idle.
    host = address.rpartition(":")[0]
    _, own_port = await side.start(address, f"{host}:0")
    watching = asyncio.create_task(_watch(side, writer, own_port))
    await stopping.wait()
    watching.cancel()
    await side.stop(_NOTICE_S)
    await control.close()
    await writer.close()
    await link.close()


async def _watch(side: IngestSide, writer: SqliteWriter, own_port: int) -> None:
    """Tell health checks and the supervisor whether records can be written."""
    told: Report | None = None
    while True:
        problem = writer.unhealthy
        report = Report(own_port, healthy=problem is None, problem=problem or "")
        if report != told:
            await side.set_serving(serving=report.healthy)
            report.send()
            told = report
        await asyncio.sleep(_HEALTH_INTERVAL_S)
