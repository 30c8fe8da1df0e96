"""The delivery process: from all segments to Personalize."""

import asyncio
import gc
import os
from pathlib import Path

import structlog

from gateway.admin.numbers_server import NumbersServer, socket_of
from gateway.config import Config
from gateway.control.dead_letters import dead_letter_routes
from gateway.control.discovery import discovery_routes
from gateway.control.forgetting import forgetting_routes
from gateway.control.lanes import lane_routes
from gateway.control.server import ControlServer
from gateway.delivery.journal import Journal
from gateway.delivery.memory import Lasting
from gateway.delivery_side import DeliverySide
from gateway.discovery import FactsCache
from gateway.outbox.directory import Directory
from gateway.outbox.link_server import LinkServer
from gateway.outbox.outcome_link import outcome_handlers
from gateway.outbox.reader import SqliteReader
from gateway.processes.names import DELIVERY, LINK_SOCKET
from gateway.processes.numbers import DeliveryNumbers
from gateway.processes.pipe import SupervisorPipe
from gateway.processes.reconfiguring import reconfigured
from gateway.processes.report import Report
from gateway.telemetry.loop_lag import watch_loop

log = structlog.get_logger()

_JOURNAL_NAME = "in-flight"

_GC_THRESHOLDS = (10_000, 20, 20)
"""A hundred thousand records are held as small objects, few of them in a cycle: at Python's own
thresholds a third of all CPU time goes into looking for those."""


async def deliver(pipe: SupervisorPipe, stopping: asyncio.Event) -> None:
    """Deliver until told to stop, then what is left, up to the drain limit.

    Args:
        pipe: where the configuration comes from, and those that follow it.
        stopping: set when it is to stop.
    """
    gc.set_threshold(*_GC_THRESHOLDS)
    generation = await pipe.next()
    config = generation.config(os.environ)
    path = Path(config.outbox.path)
    directory = Directory.join(path)
    reader = SqliteReader.open(path)
    journal = Journal(path / _JOURNAL_NAME)
    side = DeliverySide(
        config,
        reader,
        lasting=Lasting(directory.boot, journal, reader),
        cache=FactsCache(path, directory.boot),
    )
    link = LinkServer(directory.socket(LINK_SOCKET), outcome_handlers(reader))
    routes = (
        *lane_routes(side.delivery),
        *dead_letter_routes(reader.dead_letters),
        *discovery_routes(side.discovery.wanted),
        *forgetting_routes(side.delivery, reader.dead_letters),
    )
    control = ControlServer(path, routes)
    numbers = DeliveryNumbers(config, side, reader.dead_letters.counts)
    server = NumbersServer(socket_of(path, DELIVERY), numbers.observe)
    await link.start()
    await control.start()
    await server.start()
    side.start()
    async with asyncio.TaskGroup() as tasks:
        report = Report(generation=generation.number)
        followed = [
            tasks.create_task(_follow(pipe, side, numbers, report)),
            tasks.create_task(watch_loop()),
        ]
        await side.run_until(stopping)
        for task in followed:
            task.cancel()
    left = await side.stop()
    if left:
        log.warning("stopped with records undelivered; they stay", lanes=sorted(map(str, left)))
    await server.stop()
    await control.stop()
    await link.close()
    await reader.close()
    journal.close()
    directory.close()


async def _follow(
    pipe: SupervisorPipe, side: DeliverySide, numbers: DeliveryNumbers, report: Report
) -> None:
    """Take up the configurations that come."""

    def reconfigure(config: Config) -> None:
        side.reconfigure(config)
        numbers.config = config

    while True:
        report.send()
        report = reconfigured(report, await pipe.next(), reconfigure)
