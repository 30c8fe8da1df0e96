"""The entry of a child that the supervisor starts: `python -m gateway.processes ROLE`."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
import uvloop

from gateway.config import ConfigError
from gateway.errors import GatewayError
from gateway.outbox.unusable import OutboxDamaged
from gateway.processes.child import CANNOT_START
from gateway.processes.names import DELIVERY, ingest_name
from gateway.processes.pipe import SupervisorPipe
from gateway.telemetry import logs
from gateway.telemetry.exporting import traces

log = structlog.get_logger()

_Work = Callable[[SupervisorPipe, asyncio.Event], Awaitable[None]]
"""Goes on until the event is set."""


def main() -> None:
    """Run one child until it is told to stop, or its supervisor is gone."""
    arguments = _arguments()
    work = _work(arguments)
    logs.configure()
    logs.catch_unforeseen()
    # A terminal that closes, or a signal to all processes of this name, is for the supervisor.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _let_threads_finish()
    try:
        uvloop.run(_live(arguments, work))
    except Exception as error:
        sys.exit(_told(_leaf(error), arguments.role))


def _let_threads_finish() -> None:
    """Let a thread that wakes wait until the one that runs sleeps or its time slice is over.

    gRPC wakes a thread of its own four times for each RPC, which takes the core from the event loop
    each time. Where all share one, this saves a fifth of an RPC's CPU time.
    """
    # Threads that are started later inherit it. Where it is forbidden, all works as before.
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _told(error: BaseException, role: str) -> int:
    """Log what ended a process, and return its exit code."""
    if isinstance(error, ConfigError | OutboxDamaged):
        log.critical("a process cannot start", process=role, why=str(error))
        return CANNOT_START
    # It may pass: the process is started again.
    if isinstance(error, GatewayError):
        log.critical("a process ended", process=role, why=str(error))
        return 1
    log.critical("a process ended in a way that nobody foresaw", process=role, exc_info=error)
    return 1


def _leaf(error: BaseException) -> BaseException:
    """Return what a group of errors holds, the first of it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gateway.processes")
    parser.add_argument("role", choices=("ingest", "delivery"))
    parser.add_argument("--listen")
    parser.add_argument("--writer", type=int)
    return parser.parse_args()


def _work(arguments: argparse.Namespace) -> _Work:
    """Return what the role does. Only what that takes is imported: delivery does without gRPC."""
    if arguments.role == "ingest":
        from gateway.processes.ingest import ingest  # noqa: PLC0415

        return partial(ingest, arguments.listen, arguments.writer)
    from gateway.processes.delivery import deliver  # noqa: PLC0415

    return deliver


async def _live(arguments: argparse.Namespace, work: _Work) -> None:
    loop = asyncio.get_running_loop()
    logs.catch_unforeseen_in(loop)
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    pipe = await SupervisorPipe.open()
    ingests = arguments.role == "ingest"
    async with traces(ingest_name(arguments.writer) if ingests else DELIVERY):
        await work(pipe, stopping)
    if ingests:
        # At once: an event loop that is taken down, or gRPC's own stop, cancels the calls that come
        # in meanwhile. Who meets a closed connection sees UNAVAILABLE: nothing was stored.
        os._exit(0)


if __name__ == "__main__":
    main()
