"""`personalize-gateway dead-letters`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import click
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.struct_pb2 import Struct
from personalize_gateway.v1.dead_letter_pb2 import DeadLetter
from personalize_gateway.v1.dead_letter_service_pb2 import (
    DeadLetterFilter,
    ReplayDeadLettersRequest,
    ReplayDeadLettersResponse,
    ReplayRefusal,
)
from personalize_gateway.v1.violation_pb2 import Rule

from gateway.cli.dead_letter_client import Client, with_client
from gateway.cli.dead_letter_filter import choosing, kind_and_reason
from gateway.cli.failure import NOT_DONE, Violation
from gateway.cli.table import lines_of

_REFUSED = 1
_BATCH = 500

_GO_ON = "the same command, given again, goes on."
_NAME_THE_REST = "name those that `dead-letters list` still shows, and delete them again."

_HEADINGS = ("ID", "SINCE", "REASON", "CODE", "SENT", "DATASET GROUP", "KIND", "CALLER", "NOTE")

# Control characters that JSON leaves as they are.
_UNSEEN = re.compile("[\x7f-\x9f]")


class Patch(click.ParamType[Struct]):
    """An option's value that is a JSON object."""

    name = "JSON"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Struct:
        """Return the object."""
        try:
            return Parse(value, Struct())
        except ParseError as error:
            self.fail(f"is no JSON object: {error}", param, ctx)


@click.group("dead-letters")
def dead_letters() -> None:
    """Show, replay and delete the records that Personalize would not take.

    The commands take IDs, or options that choose by what the dead letters are, or both; they take
    the oldest first. Exit status: 0 it was done, 1 some could not be replayed, 2 it was not done.
    """


@dead_letters.command("list")
@choosing
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Most to list."
)
@with_client
def list_(client: Client, which: DeadLetterFilter, limit: int) -> None:
    """List dead letters, without what is in them."""
    found = list(islice(client.find(which, min(limit + 1, 500)), limit + 1))
    for line in lines_of([_HEADINGS, *map(_row, found[:limit])]):
        click.echo(line)
    if len(found) > limit:
        click.echo(f"There are more than {limit}: see --limit, or choose fewer.", err=True)


@dead_letters.command()
@choosing
@with_client
def show(client: Client, which: DeadLetterFilter) -> None:
    """Print dead letters with all that is known of them, records included, as JSON."""
    if not which.dead_letter_ids:
        raise click.UsageError("name the dead letters to show by their IDs")
    for dead_letter in client.find(which):
        click.echo(_for_people(dead_letter))


@dead_letters.command()
@choosing
@with_client
def export(client: Client, which: DeadLetterFilter) -> None:
    """Print all dead letters, or those that are chosen, as JSON lines, records included."""
    for dead_letter in client.find(which, 500):
        click.echo(MessageToJson(dead_letter, indent=None))


@dead_letters.command()
@choosing
@click.option("--all", "everything", is_flag=True, help="Those of every kind and time.")
@click.option(
    "--patch",
    type=Patch(),
    help='A JSON merge patch of each record, such as {"event": {"eventType": "View"}}.',
)
@click.option("--force", is_flag=True, help="Also those that a newer record has superseded.")
@with_client
def replay(
    client: Client, which: DeadLetterFilter, patch: Struct | None, *, everything: bool, force: bool
) -> None:
    """Check dead letters anew and send those that pass.

    Those that are dead letters when the command begins: one that is refused by Personalize once
    more is not sent a third time.
    """
    if not everything and which == DeadLetterFilter():
        raise click.UsageError("choose what to replay, or say --all")
    ids = [dead_letter.dead_letter_id for dead_letter in client.find(which, 500)]
    tally = _Tally()
    try:
        while ids:
            batch = DeadLetterFilter(dead_letter_ids=ids[:_BATCH])
            done = client.replay(ReplayDeadLettersRequest(filter=batch, patch=patch, force=force))
            ids = ids[tally.add(done) :]
    finally:
        click.echo(tally)
        if ids:
            click.echo(f"{len(ids)} were not looked at: {_GO_ON}", err=True)
    if tally.refused:
        raise SystemExit(_REFUSED)


@dataclass(slots=True)
class _Tally:
    replayed: int = 0
    superseded: int = 0
    refused: int = 0

    def __str__(self) -> str:
        left = f"{self.superseded} superseded and left, {self.refused} refused"
        return f"{self.replayed} replayed, {left}"

    def add(self, done: ReplayDeadLettersResponse) -> int:
        """Print the refusals of a call, count what it did, and return to how many it did it."""
        for refusal in done.refusals:
            for line in _refusal(refusal):
                click.echo(line, err=True)
        self.replayed += done.replayed
        self.superseded += done.superseded
        self.refused += done.refused
        progress = done.replayed + done.superseded + done.refused
        if not progress:
            raise SystemExit(NOT_DONE)
        return progress


def _refusal(refusal: ReplayRefusal) -> Iterator[str]:
    yield refusal.dead_letter_id
    for found in refusal.violations:
        rule = Rule.Name(found.rule).removeprefix("RULE_")
        yield f"  {Violation(found.field, rule, found.description)}"


@dead_letters.command()
@choosing
@click.confirmation_option(prompt="Delete them for good?", help="Ask nothing.")
@with_client
def delete(client: Client, which: DeadLetterFilter) -> None:
    """Delete dead letters for good.

    Something has to be chosen; `--until 0s` chooses all that there are now.
    """
    deleted, incomplete = 0, True
    try:
        while incomplete:
            done = client.delete(which)
            deleted, incomplete = deleted + done.deleted, done.incomplete
            if incomplete and (which.dead_letter_ids or not done.deleted):
                raise SystemExit(NOT_DONE)
    finally:
        click.echo(f"{deleted} deleted")
        if incomplete:
            left = _NAME_THE_REST if which.dead_letter_ids else _GO_ON
            click.echo(f"Not all that were chosen were deleted: {left}", err=True)


def _row(dead_letter: DeadLetter) -> Sequence[str]:
    """Return the cells of a dead letter: nothing of its record."""
    kind, reason = kind_and_reason(dead_letter)
    return (
        dead_letter.dead_letter_id,
        f"{dead_letter.dead_letter_time.ToDatetime():%Y-%m-%dT%H:%M:%SZ}",
        reason,
        dead_letter.aws_code,
        str(dead_letter.attempts),
        dead_letter.dataset_group,
        kind,
        dead_letter.caller,
        "superseded" if dead_letter.superseded else "",
    )


def _for_people(dead_letter: DeadLetter) -> str:
    """Return a dead letter as JSON that is easy to read, and that no terminal obeys."""
    text = MessageToJson(dead_letter, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
