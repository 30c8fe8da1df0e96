"""The entry of a child that the supervisor starts: `python -m gateway.processes ROLE`."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import structlog
import uvloop

from gateway.config import Config, ConfigError, load
from gateway.outbox.unusable import OutboxDamaged
from gateway.processes.child import CANNOT_START
from gateway.processes.delivery import deliver
from gateway.processes.ingest import ingest
from gateway.telemetry import logs

log = structlog.get_logger()


def main() -> None:
    """Run one child until it is told to stop, or its supervisor is gone."""
    arguments = _arguments()
    logs.configure()
    try:
        uvloop.run(_live(load(arguments.config, os.environ), arguments))
    except Exception as error:
        sys.exit(_told(_leaf(error), arguments.role))


def _told(error: BaseException, role: str) -> int:
    """Log what ended a process, and return its exit code."""
    if isinstance(error, ConfigError | OutboxDamaged):
        log.critical("a process cannot start", process=role, why=str(error))
        return CANNOT_START
    # It may pass: the process is started again.
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
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--listen")
    parser.add_argument("--writer", type=int)
    return parser.parse_args()


async def _live(config: Config, arguments: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    await loop.connect_read_pipe(_Orphaned, sys.stdin)
    if arguments.role == "ingest":
        await ingest(config, arguments.listen, arguments.writer, stopping)
    else:
        await deliver(config, stopping)


class _Orphaned(asyncio.Protocol):
    """Ends this process when its supervisor has gone, so that it does not live on beside the next.

    At once and without a word: what is stored is stored, and who comes next delivers it.
    """

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        os._exit(1)


if __name__ == "__main__":
    main()
