"""`personalize-gateway serve`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import click
import uvloop

from gateway import embedded
from gateway.app import Gateway
from gateway.clock import SystemClock
from gateway.config import ConfigError, load
from gateway.outbox.claim import Claim
from gateway.outbox.unusable import OutboxUnusable
from gateway.personalize.emulator import Emulator
from gateway.processes.supervisor import Supervisor
from gateway.telemetry import logs


@click.command()
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="YAML file. Without it the gateway delivers to an emulator in its own process.",
)
@click.option("--workers", type=click.IntRange(1, 64), help="Overrides server.workers.")
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Where to listen, without a file. Port 0 takes a free one.  [default: 127.0.0.1:50051]",
)
def serve(config_file: Path | None, workers: int | None, listen: str | None) -> None:
    """Run the gateway until SIGTERM or SIGINT; with --config, told so twice, it stops at once."""
    logs.configure()
    if config_file is not None and listen is not None:
        raise click.UsageError("--listen is for a gateway without --config; set server.listen")
    try:
        if config_file is None:
            uvloop.run(_serve_embedded(listen or "127.0.0.1:50051"))
        elif not uvloop.run(_supervise(config_file, workers)):
            sys.exit(1)
    except ConfigError as error:
        click.echo(error, err=True)
        sys.exit(1)
    except (OSError, OutboxUnusable) as error:
        raise click.ClickException(str(error)) from error


async def _supervise(config_file: Path, workers: int | None) -> bool:
    config = load(config_file, os.environ)
    workers = workers or config.server.workers
    claim = Claim.take(Path(config.outbox.path), writers=workers)
    try:
        supervisor = Supervisor(config, config_file, workers=workers, clock=SystemClock())
        supervisor.handle_signals()
        running = asyncio.create_task(supervisor.run())
        ready = asyncio.create_task(supervisor.ready())
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            _say(supervisor.address, "Personalize")
        ready.cancel()
        return await running
    finally:
        claim.close()


async def _serve_embedded(listen: str) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with Emulator() as emulator:
        config = embedded.configuration(emulator, listen)
        gateway = Gateway(config, embedded.credentials(emulator))
        port = await gateway.start()
        host = config.server.listen.rpartition(":")[0]
        _say(f"{host}:{port}", f"its own emulator at {emulator.url}")
        try:
            await gateway.run_until(stopping)
        finally:
            await gateway.stop()


def _say(address: str, to: str) -> None:
    click.echo(f"Personalize gateway at {address}, delivering to {to}")
