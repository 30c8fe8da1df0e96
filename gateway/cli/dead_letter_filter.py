"""The options that choose dead letters."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

import click
from personalize_gateway.v1.dead_letter_pb2 import DeadLetter, DeadLetterReason
from personalize_gateway.v1.dead_letter_service_pb2 import DeadLetterFilter
from personalize_gateway.v1.record_kind_pb2 import RecordKind
from pydantic_core import PydanticCustomError

from gateway.config.scalars import duration
from gateway.records import Kind

_KIND = "RECORD_KIND_"
_REASON = "DEAD_LETTER_REASON_"
_KINDS = [kind.value for kind in Kind]
_REASONS = [name.removeprefix(_REASON).lower() for name in DeadLetterReason.keys()[1:]]


_AGO = duration("0s", "3650d")


class Moment(click.ParamType[datetime]):
    """An option's value that is a time, or how long ago it was."""

    name = "TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the time."""
        try:
            return datetime.now(UTC) - timedelta(seconds=float(str(_AGO.read(str(value)))))
        except PydanticCustomError:
            return self._time(str(value), param, ctx)

    def _time(
        self, text: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            time = None
        if time is None or time.tzinfo is None:
            self.fail(
                f"{text!r} is no time with its zone, such as 2026-01-31T12:00:00Z, and no duration"
                " such as 2h, which means so long ago",
                param,
                ctx,
            )
        return time


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that choose dead letters; it takes the filter, as `which`."""

    @wraps(command)
    def choose(**options: object) -> None:
        which = _filter({name: options.pop(name) for name in _NAMES})
        command(which=which, **options)

    for option in reversed(_OPTIONS):
        choose = option(choose)
    return choose


_NAMES = ("dead_letter_ids", "dataset_group", "kind", "reason", "since", "until")
_OPTIONS: Sequence[Callable[[Callable[..., None]], Callable[..., None]]] = (
    click.argument("dead_letter_ids", nargs=-1, metavar="[ID]..."),
    click.option("--dataset-group", metavar="NAME", help="Those of this dataset group."),
    click.option("--kind", type=click.Choice(_KINDS), help="Those of this kind."),
    click.option("--reason", type=click.Choice(_REASONS), help="Those for this reason."),
    click.option(
        "--since",
        type=Moment(),
        help="Those since this time, such as 2026-01-31T12:00:00Z; 2h is two hours ago.",
    ),
    click.option("--until", type=Moment(), help="Those before this time, likewise."),
)


def _filter(options: Mapping[str, Any]) -> DeadLetterFilter:
    which = DeadLetterFilter(
        dead_letter_ids=dict.fromkeys(options["dead_letter_ids"]),
        dataset_group=options["dataset_group"],
        kind=options["kind"] and f"{_KIND}{options['kind'].upper()}",
        reason=options["reason"] and f"{_REASON}{options['reason'].upper()}",
    )
    for name in ("since", "until"):
        if options[name] is not None:
            getattr(which, name).FromDatetime(options[name])
    return which


def kind_and_reason(dead_letter: DeadLetter) -> tuple[str, str]:
    """Return the two as the options name them."""
    kind = RecordKind.Name(dead_letter.kind).removeprefix(_KIND)
    return kind.lower(), DeadLetterReason.Name(dead_letter.reason).removeprefix(_REASON).lower()
