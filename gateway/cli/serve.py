"""`personalize-gateway serve`."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import click
import uvloop

from gateway import embedded
from gateway.app import Gateway
from gateway.config import ConfigError, load
from gateway.personalize.emulator import Emulator
from gateway.telemetry import logs


@click.command()
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="YAML file. Without it the gateway delivers to an emulator in its own process.",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Where to listen, without a file. Port 0 takes a free one.  [default: 127.0.0.1:50051]",
)
def serve(config_file: Path | None, listen: str | None) -> None:
    """Run the gateway until SIGTERM or SIGINT."""
    logs.configure()
    if config_file is not None and listen is not None:
        raise click.UsageError("--listen is for a gateway without --config; set server.listen")
    try:
        uvloop.run(_serve(config_file, listen or "127.0.0.1:50051"))
    except ConfigError as error:
        click.echo(error, err=True)
        sys.exit(1)
    except OSError as error:
        raise click.ClickException(str(error)) from error


async def _serve(config_file: Path | None, listen: str) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with _gateway(config_file, listen) as gateway:
        await gateway.run_until(stopping)


@contextlib.asynccontextmanager
async def _gateway(config_file: Path | None, listen: str) -> AsyncIterator[Gateway]:
    async with contextlib.AsyncExitStack() as stack:
        if config_file is not None:
            config = load(config_file, os.environ)
            gateway, to = Gateway(config), "Personalize"
        else:
            emulator = await stack.enter_async_context(Emulator())
            config = embedded.configuration(emulator, listen)
            gateway = Gateway(config, embedded.credentials(emulator))
            to = f"its own emulator at {emulator.url}"
        stack.push_async_callback(gateway.stop)
        port = await gateway.start()
        host = config.server.listen.rpartition(":")[0]
        click.echo(f"Personalize gateway at {host}:{port}, delivering to {to}")
        yield gateway
