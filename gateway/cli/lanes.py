"""`personalize-gateway lanes`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from gateway.control import lanes as control_lanes
from gateway.control.client import ControlClient, ControlRefused, ControlUnavailable

_Result = TypeVar("_Result")

outbox_option = click.option(
    "--outbox",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Directory of the gateway's outbox.",
)


@click.group()
def lanes() -> None:
    """List, pause, resume and purge the lanes of a gateway on this machine."""


@lanes.command("list")
@outbox_option
def list_lanes(directory: Path) -> None:
    """List the lanes: what each has in flight, and why it does not flow where it does not."""
    table = Table("lane", "state", "read ahead", "in flight", "calls/s")
    for lane in _ask(directory, control_lanes.listed):
        table.add_row(
            lane["lane"],
            _state(lane),
            str(lane["records_ahead"]),
            str(lane["calls_in_flight"]),
            f"{lane['rate_per_s']:g}",
        )
    Console().print(table)


def _state(lane: Mapping[str, Any]) -> str:
    if lane["paused"]:
        return "paused"
    if lane["parked"]:
        return f"parked: {lane['parked']}"
    return f"backing off: {lane['backing_off']}" if lane["backing_off"] else "flowing"


@lanes.command()
@click.argument("lane", metavar="DATASET_GROUP/KIND")
@outbox_option
def pause(lane: str, directory: Path) -> None:
    """Send nothing more of a lane until it is resumed; its records stay."""
    _ask(directory, lambda control: control_lanes.changed(control, lane, "pause"))


@lanes.command()
@click.argument("lane", metavar="DATASET_GROUP/KIND")
@outbox_option
def resume(lane: str, directory: Path) -> None:
    """Go on with a lane that is paused or parked, at once."""
    _ask(directory, lambda control: control_lanes.changed(control, lane, "resume"))


@lanes.command()
@click.argument("lane", metavar="DATASET_GROUP/KIND")
@outbox_option
@click.confirmation_option(prompt="The lane's records will not be delivered. Go on?")
def purge(lane: str, directory: Path) -> None:
    """Take all records out of a lane; they are not delivered, and are gone."""
    purged = _ask(directory, lambda control: control_lanes.purged(control, lane))
    click.echo(f"{purged:,} records purged")


def _ask(directory: Path, question: Callable[[ControlClient], Awaitable[_Result]]) -> _Result:
    async def ask() -> _Result:
        async with ControlClient(directory) as control:
            return await question(control)

    try:
        return asyncio.run(ask())
    except (ControlRefused, ControlUnavailable) as error:
        raise click.ClickException(str(error)) from error
