"""`personalize-gateway trackers`."""

from collections.abc import Callable, Iterable, Sequence

import click
from google.protobuf.json_format import MessageToJson
from google.protobuf.timestamp_pb2 import Timestamp
from personalize_gateway.v1.event_tracker_pb2 import EventTracker
from personalize_gateway.v1.lifecycle_status_pb2 import LifecycleStatus
from personalize_gateway.v1.tracker_service_pb2 import CreateEventTrackerRequest

from gateway.cli.table import lines_of
from gateway.cli.tracker_client import Client, with_client

_NOT_AS_HOPED = 1

_HEADINGS = ("NAME", "STATUS", "CREATED", "ARN")


class Tag(click.ParamType[tuple[str, str]]):
    """An option's value that is a tag."""

    name = "KEY=VALUE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return the tag's key and value. The value may hold further `=`."""
        key, separator, tag_value = str(value).partition("=")
        if not (key and separator):
            self.fail(f"{value!r} is not KEY=VALUE", param, ctx)
        return key, tag_value


def _naming(command: Callable[..., None]) -> Callable[..., None]:
    return click.argument("name")(_group_option(command))


_group_option = click.option(
    "--dataset-group",
    required=True,
    metavar="NAME",
    help="The dataset group, by its short name.",
)
_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, one event tracker a line."
)
_wait_option = click.option("--wait", is_flag=True, help="Wait until AWS is done with it.")
_within_option = click.option(
    "--within",
    "within_s",
    type=click.FloatRange(min=0, min_open=True),
    default=900.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for it to settle.",
)


@click.group()
def trackers() -> None:
    """Create, show, watch and delete the event trackers of dataset groups.

    Needs the permission of an administrator. Exit status: 0 it was done, 1 AWS came to another end
    than was asked for, 2 it was not done.
    """


@trackers.command()
@_naming
@click.option("--tag", "tags", type=Tag(), multiple=True, help="A tag for AWS; may be repeated.")
@_wait_option
@_within_option
@_json_option
@with_client
def create(
    client: Client,
    *,
    dataset_group: str,
    name: str,
    tags: Sequence[tuple[str, str]],
    wait: bool,
    within_s: float,
    as_json: bool,
) -> None:
    """Create an event tracker and print its status; with --wait, until it may be used."""
    request = CreateEventTrackerRequest(dataset_group=dataset_group, name=name, tags=dict(tags))
    tracker = client.create(request)
    _show(tracker, as_json=as_json)
    if wait:
        changes = client.watch(dataset_group, name, within_s, tracker)
        last = _followed(changes, tracker, as_json=as_json)
        _end(as_hoped=last.status == LifecycleStatus.LIFECYCLE_STATUS_ACTIVE)


@trackers.command()
@_naming
@_json_option
@with_client
def describe(client: Client, *, dataset_group: str, name: str, as_json: bool) -> None:
    """Show an event tracker as AWS sees it now."""
    tracker = client.describe(dataset_group, name)
    for line in (_json(tracker),) if as_json else lines_of(_described(tracker)):
        click.echo(line)


@trackers.command("list")
@_group_option
@click.option(
    "--page-size",
    type=click.IntRange(1, 100),
    default=100,
    show_default=True,
    help="How many to ask AWS for at once.",
)
@_json_option
@with_client
def list_(client: Client, *, dataset_group: str, page_size: int, as_json: bool) -> None:
    """List the event trackers of a dataset group."""
    found = client.find(dataset_group, page_size)
    for line in map(_json, found) if as_json else lines_of([_HEADINGS, *map(_row, found)]):
        click.echo(line)


@trackers.command()
@_naming
@click.confirmation_option(prompt="Delete it? Events for it will be refused.", help="Ask nothing.")
@_wait_option
@_within_option
@_json_option
@with_client
def delete(
    client: Client, *, dataset_group: str, name: str, wait: bool, within_s: float, as_json: bool
) -> None:
    """Delete an event tracker; with --wait, until it is gone. Its datasets stay."""
    if not wait:
        client.delete(dataset_group, name)
        return
    tracker = client.describe(dataset_group, name)
    client.delete(dataset_group, name)
    changes = client.watch(dataset_group, name, within_s, tracker)
    last = _followed(changes, tracker, as_json=as_json)
    _end(as_hoped=last.status == LifecycleStatus.LIFECYCLE_STATUS_DELETED)


@trackers.command()
@_naming
@_within_option
@_json_option
@with_client
def watch(client: Client, *, dataset_group: str, name: str, within_s: float, as_json: bool) -> None:
    """Show an event tracker now and at each change, until it is ACTIVE, failed or gone."""
    changes = client.watch(dataset_group, name, within_s)
    last = _followed(changes, EventTracker(), as_json=as_json)
    _end(as_hoped=not last.aws_status.endswith("FAILED"))


def _followed(
    changes: Iterable[EventTracker], last: EventTracker, *, as_json: bool
) -> EventTracker:
    """Print an event tracker at each change, and return it as it was last."""
    for tracker in changes:
        _show(tracker, as_json=as_json)
        last = tracker
    return last


def _show(tracker: EventTracker, *, as_json: bool) -> None:
    at = _time(tracker.update_time)
    click.echo(_json(tracker) if as_json else f"{at}  {_status(tracker)}")


def _end(*, as_hoped: bool) -> None:
    if not as_hoped:
        raise SystemExit(_NOT_AS_HOPED)


def _json(tracker: EventTracker) -> str:
    return MessageToJson(tracker, indent=None)


def _status(tracker: EventTracker) -> str:
    name = LifecycleStatus.Name(tracker.status).removeprefix("LIFECYCLE_STATUS_")
    return tracker.aws_status or name


def _time(time: Timestamp) -> str:
    return f"{time.ToDatetime():%Y-%m-%dT%H:%M:%SZ}"


def _described(tracker: EventTracker) -> Sequence[tuple[str, str]]:
    return (
        ("name", tracker.name),
        ("dataset group", tracker.dataset_group),
        ("status", _status(tracker)),
        ("tracking ID", tracker.tracking_id),
        ("ARN", tracker.event_tracker_arn),
        ("created", _time(tracker.create_time)),
        ("updated", _time(tracker.update_time)),
    )


def _row(tracker: EventTracker) -> Sequence[str]:
    return (
        tracker.name,
        _status(tracker),
        _time(tracker.create_time),
        tracker.event_tracker_arn,
    )
