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
from gateway.config import ConfigError
from gateway.config.reading import text_of
from gateway.errors import GatewayError
from gateway.ingest_side import check_files
from gateway.outbox.claim import Claim
from gateway.personalize.emulator import Emulator
from gateway.processes.admin import AdminPort
from gateway.processes.generation import Generation
from gateway.processes.ledger import ledger_path
from gateway.processes.reloading import Reloading
from gateway.processes.supervisor import Supervisor
from gateway.routing.shared_ledger import SharedLedger
from gateway.telemetry import logs
from gateway.telemetry.exporting import traces


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
    logs.catch_unforeseen()
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
    except (OSError, GatewayError) as error:
        raise click.ClickException(str(error)) from error


async def _supervise(config_file: Path, workers: int | None) -> bool:
    logs.catch_unforeseen_in(asyncio.get_running_loop())
    generation = Generation(1, str(config_file), text_of(config_file))
    config = generation.config(os.environ)
    check_files(config)
    workers = workers or config.server.workers
    path = Path(config.outbox.path)
    claim = Claim.take(path, writers=workers)
    try:
        SharedLedger.create(ledger_path(path), slots=workers)
        supervisor = Supervisor(config, generation, workers=workers, clock=SystemClock())
        supervisor.handle_signals()
        admin = AdminPort(supervisor, claim, config.admin.listen)
        return await _run(supervisor, config_file, admin)
    finally:
        ledger_path(path).unlink(missing_ok=True)
        claim.close()


async def _run(supervisor: Supervisor, config_file: Path, admin: AdminPort) -> bool:
    reloading = Reloading(
        config_file, os.environ, lambda: supervisor.generation, supervisor.use, SystemClock()
    )
    reloading.handle_signals()
    running = asyncio.create_task(supervisor.run())
    ready = asyncio.create_task(supervisor.ready())
    beside = [asyncio.create_task(reloading.run()), asyncio.create_task(admin.run())]
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
    if ready.done():
        _say(supervisor.address, "Personalize")
    ready.cancel()
    try:
        return await running
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)


async def _serve_embedded(listen: str) -> None:
    logs.catch_unforeseen_in(asyncio.get_running_loop())
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with Emulator() as emulator, traces("gateway"):
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
