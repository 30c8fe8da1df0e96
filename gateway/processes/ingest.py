"""An ingest process: gRPC into segments of its own."""

import asyncio
import gc
import os
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from gateway.admin.numbers_server import NumbersServer, socket_of
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.control.client import ControlClient
from gateway.control.dead_letters import RemoteDeadLetters
from gateway.control.discovery import want
from gateway.discovery import FactsCache, KnownDatasetGroups, sources
from gateway.ingest_side import IngestSide, budgets_bytes
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.directory import Directory
from gateway.outbox.link_client import LinkClient
from gateway.outbox.outcome_link import RemoteOutcomes
from gateway.outbox.writer import SqliteWriter
from gateway.personalize.control_plane import BotoControlPlane
from gateway.personalize.credential_chain import CredentialChain
from gateway.processes.ledger import ledger_path
from gateway.processes.names import LINK_SOCKET, ingest_name
from gateway.processes.numbers import IngestNumbers
from gateway.processes.pipe import SupervisorPipe
from gateway.processes.reconfiguring import reconfigured
from gateway.processes.report import Report
from gateway.routing.shared_ledger import SharedLedger
from gateway.telemetry.loop_lag import watch_loop

_HEALTH_INTERVAL_S = 0.2
_LAST_ANSWERS_S = 0.5
"""How long the last answers have to reach those who wait for them."""


async def ingest(address: str, slot: int, pipe: SupervisorPipe, stopping: asyncio.Event) -> None:
    """Serve until told to stop, then answer what is under way.

    When it returns, connections are still open: the end of the process closes them.

    Args:
        address: HOST:PORT that all ingest processes share.
        slot: which of them this is, from 0.
        pipe: where the configuration comes from, and those that follow it.
        stopping: set when it is to stop.
    """
    generation = await pipe.next()
    config = generation.config(os.environ)
    path = Path(config.outbox.path)
    directory = Directory.join(path)
    async with AsyncExitStack() as resources:
        link = LinkClient(directory.socket(LINK_SOCKET))
        resources.push_async_callback(link.close)
        linger = WriterSettings(linger_s=config.outbox.linger_s)
        outcomes = RemoteOutcomes(link)
        writer = SqliteWriter.open(path, slot, budgets_bytes(config), outcomes, linger)
        resources.push_async_callback(writer.close)
        # After the writer, which waits until the process that had the slot before is gone.
        ledger = SharedLedger.open(ledger_path(path), slot)
        control = ControlClient(path)
        resources.push_async_callback(control.close)
        control_plane = BotoControlPlane(CredentialChain())
        resources.push_async_callback(control_plane.close)
        cache = FactsCache(path, directory.boot)
        known = KnownDatasetGroups(cache, sources(config.dataset_groups), clock=SystemClock())
        await known.first_round()
        async with asyncio.TaskGroup() as tasks:
            side = IngestSide(
                config,
                writer,
                known.facts,
                control_plane,
                dead_letters=RemoteDeadLetters(control),
                ledger=ledger,
                wanted=partial(_ask, tasks, control),
                shares_port=True,
            )
            # A port of its own besides: a sidecar lists them all, where two connections to the
            # shared one would leave every third process idle.
            host = address.rpartition(":")[0]
            own_address = f"{host}:{config.server.own_port(slot)}"
            _, own_port = await side.start(address, own_address)
            numbers = IngestNumbers(side, writer)
            server = NumbersServer(socket_of(path, ingest_name(slot)), numbers.observe)
            await server.start()
            _search_less_for_garbage()
            report = Report(own_port, generation=generation.number)
            followed = [
                tasks.create_task(watch_loop()),
                tasks.create_task(_watch(pipe, side, writer, known, report)),
                tasks.create_task(known.watch(side.learn)),
            ]
            await stopping.wait()
            for task in followed:
                task.cancel()
            await side.drain()
            await server.stop()
    await asyncio.sleep(_LAST_ANSWERS_S)


def _search_less_for_garbage() -> None:
    """Leave what is loaded out of all searches, and search less often: few requests make cycles.

    By default Python goes through all objects at about every ten thousandth RPC: 60 ms in which
    none is answered. In all, searching took a twelfth of the CPU time of a stream.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _ask(tasks: asyncio.TaskGroup, control: ControlClient, dataset_group: str) -> None:
    tasks.create_task(want(control, dataset_group))


async def _watch(
    pipe: SupervisorPipe,
    side: IngestSide,
    writer: SqliteWriter,
    known: KnownDatasetGroups,
    report: Report,
) -> None:
    """Take up the configurations that come, and tell whether records can be written."""

    def reconfigure(config: Config) -> None:
        known.replace(sources(config.dataset_groups))
        side.reconfigure(config, known.facts)
        writer.replace_budgets(budgets_bytes(config))

    told: Report | None = None
    while True:
        problem = writer.unhealthy
        report = replace(report, healthy=problem is None, problem=problem or "")
        if report != told:
            await side.set_serving(serving=report.healthy)
            report.send()
            told = report
        newest = await pipe.newest(_HEALTH_INTERVAL_S)
        if newest is not None:
            report = reconfigured(report, newest, reconfigure)
