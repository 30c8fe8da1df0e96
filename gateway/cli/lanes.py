"""`personalize-gateway lanes`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.cli.table import lines_of
from gateway.control import lanes as control_lanes
from gateway.control.client import ControlClient, ControlRefused, ControlUnavailable
from gateway.records import Kind

_Result = TypeVar("_Result")

_KINDS = [kind.value for kind in Kind]
_HEADINGS = (
    "LANE",
    "STATE",
    "FOR",
    "NEXT CALL IN",
    "READ AHEAD",
    "BYTES",
    "OLDEST",
    "IN FLIGHT",
    "CALLS/S",
)
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


class LaneName(click.ParamType[str]):
    """An argument that names a lane."""

    name = "DATASET_GROUP/KIND"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the name; whether the dataset group is there only the gateway knows."""
        group, slash, kind = str(value).rpartition("/")
        if not (group and slash):
            self.fail(f"{value!r} is not of the form {self.name}", param, ctx)
        if kind not in _KINDS:
            self.fail(f"{kind!r} is no kind of record; choose from {', '.join(_KINDS)}", param, ctx)
        return str(value)


lane_argument = click.argument("lane", metavar=LaneName.name, type=LaneName())

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
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, for programs.")
def list_lanes(directory: Path, *, as_json: bool) -> None:
    """List the lanes: what waits in each, and why it does not flow where it does not."""
    found = _ask(directory, control_lanes.listed)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for line in lines_of([_HEADINGS, *map(_cells, found)]):
        click.echo(line)


def _cells(lane: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        lane["lane"],
        _state(lane),
        _duration(lane["stopped_for_s"]),
        _duration(lane["next_call_in_s"]),
        f"{lane['records_ahead']:,}",
        _count(lane["bytes_ahead"]),
        _duration(lane["oldest_s"]),
        str(lane["calls_in_flight"]),
        f"{lane['rate_per_s']:g}",
    )


def _state(lane: Mapping[str, Any]) -> str:
    if lane["paused"]:
        return "paused"
    if lane["parked"]:
        return f"parked: {lane['parked']}"
    return f"backing off: {lane['backing_off']}" if lane["backing_off"] else "flowing"


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    unit, length_s = next((one for one in _UNITS if seconds >= one[1]), _UNITS[-1])
    return f"{seconds / length_s:.1f} {unit}"


@lanes.command()
@lane_argument
@outbox_option
def pause(lane: str, directory: Path) -> None:
    """Send nothing more of a lane until it is resumed; its records stay."""
    _ask(directory, lambda control: control_lanes.changed(control, lane, "pause"))


@lanes.command()
@lane_argument
@outbox_option
def resume(lane: str, directory: Path) -> None:
    """Go on with a lane that is paused or parked, at once."""
    _ask(directory, lambda control: control_lanes.changed(control, lane, "resume"))


@lanes.command()
@lane_argument
@outbox_option
@click.confirmation_option(prompt="The lane's records will not be delivered. Go on?")
def purge(lane: str, directory: Path) -> None:
    """Take all records out of a lane; they are not delivered, and are gone.

    Dead letters stay: `dead-letters delete` removes them.
    """
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
