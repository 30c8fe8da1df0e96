"""`personalize-gateway forget-user`."""

import asyncio
import sys
from pathlib import Path

import click

from gateway.cli.lanes import outbox_option
from gateway.control.client import ControlClient, ControlRefused, ControlUnavailable
from gateway.control.forgetting import forgotten


@click.command("forget-user")
@click.argument("user_id", metavar="ID")
@outbox_option
def forget_user(user_id: str, directory: Path) -> None:
    """Take a user out of the outbox and the dead letters of the gateway on this machine.

    Removes the user, and the events and action interactions that name it, as far as they were
    accepted before: while something sends more of them, stop that first, or run this again. With -
    the ID is read from the standard input, so that it is in no list of processes. What Personalize
    has already it removes by a data deletion job (CreateDataDeletionJob).
    """
    if user_id == "-":
        user_id = sys.stdin.readline().rstrip("\r\n")
    if not user_id:
        raise click.UsageError("the ID is empty")
    try:
        waiting, dead_letters = asyncio.run(_forget(directory, user_id))
    except (ControlRefused, ControlUnavailable) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Removed {waiting} from the outbox and {dead_letters} from the dead letters.")


async def _forget(directory: Path, user_id: str) -> tuple[int, int]:
    async with ControlClient(directory) as control:
        return await forgotten(control, user_id)
