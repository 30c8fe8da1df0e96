"""`personalize-gateway import`."""

import asyncio
import os
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import click
from pydantic_core import PydanticCustomError

from gateway.cli.channel import Connection, connecting, dataset_group_option
from gateway.cli.ingest_stream import connector
from gateway.cli.progress import Shown, progress
from gateway.config.scalars import duration
from gateway.errors import GatewayError
from gateway.importing.batch import Batch, batches
from gateway.importing.exchange import Interrupted
from gateway.importing.opening import open_source
from gateway.importing.schema import SchemaError, load_schema
from gateway.importing.source import Source, SourceError, survey
from gateway.importing.tally import Tally
from gateway.importing.transmission import Transmission
from gateway.importing.window import Settled
from gateway.records import Kind

_REFUSED = 1
_NOT_DONE = 2
_STOPPED = 130  # as shells have it for SIGINT

_GAP = duration("1s", "365d")


class Gap(click.ParamType[float]):
    """An option's value that is a duration; converted to seconds."""

    name = "DURATION"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the duration in seconds."""
        try:
            return float(str(_GAP.read(str(value))))
        except PydanticCustomError as error:
            self.fail(error.message(), param, ctx)


@dataclass(frozen=True, slots=True)
class Job:
    """How a file is to be sent.

    Attributes:
        batch: most records of a request.
        skip: so many rows at the start are left out.
    """

    connection: Connection
    dataset_group: str
    batch: int
    skip: int


@click.command("import")
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@connecting(required=True)
@dataset_group_option
@click.option(
    "--session-gap",
    "gap_s",
    type=Gap(),
    default="30m",
    show_default=True,
    help="A pause longer than this ends a session, for rows that name none.",
)
@click.option(
    "--schema",
    "schema_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Avro schema of the dataset, which says which columns of a CSV are numbers.",
)
@click.option(
    "--refused",
    "refused_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write refused rows.  [default: FILE with .refused before its extension]",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 500),
    default=100,
    show_default=True,
    help="Most records of a request.",
)
@click.option(
    "--skip",
    type=click.IntRange(min=0),
    default=0,
    metavar="ROWS",
    help="Leave out so many rows at the start: those that an import that broke off has settled.",
)
def import_(
    kind: str,
    file: Path,
    gap_s: float,
    schema_file: Path | None,
    refused_path: Path | None,
    **options: object,
) -> None:
    """Send the records of FILE to a gateway.

    FILE is a CSV as for a bulk import of Personalize, or JSON lines, each the JSON form of a
    record. KIND says what its records are.

    Exit status: 0 all rows were accepted, 1 some were refused, 2 the import could not be done.
    """
    source = _source(file, Kind(kind), schema_file)
    job = _job(options)
    refused_path = refused_path or file.with_name(f"{file.stem}.refused{file.suffix}")
    _check_refused_path(refused_path, file, job)
    with closing(source.refused_file(refused_path)) as refused_file:
        tally = Tally(refused_file)
        began_s = time.monotonic()
        try:
            _run(source, gap_s, job, tally)
        except KeyboardInterrupt:
            _give_up("Stopped.", job, tally, _STOPPED)
        except (GatewayError, OSError) as error:
            _give_up(f"Error: {error}", job, tally, _NOT_DONE)
    _summarise(tally, time.monotonic() - began_s, refused_path)
    if tally.refused:
        raise SystemExit(_REFUSED)


def _job(options: dict[str, Any]) -> Job:
    return Job(**options)


def _source(file: Path, kind: Kind, schema_file: Path | None) -> Source:
    try:
        schema = None if schema_file is None else load_schema(schema_file)
        return open_source(file, kind, schema)
    except (SourceError, SchemaError) as error:
        raise click.UsageError(str(error)) from error


def _check_refused_path(path: Path, file: Path, job: Job) -> None:
    if path.exists() and path.samefile(file):
        raise click.UsageError("--refused names the file that is imported")
    if path.exists() and not job.skip:
        raise click.UsageError(
            f"{path} exists, and refused rows would be mixed: import it, remove it, or name another"
            " by --refused"
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise click.UsageError(f"{path}, the file for refused rows, cannot be written")


def _run(source: Source, gap_s: float, job: Job, tally: Tally) -> None:
    total, sessions = survey(source, gap_s)
    rows = islice(source.rows(sessions), job.skip, None)
    with progress(max(0, total - job.skip)) as shown:
        sending = batches(rows, job.dataset_group, job.batch)
        asyncio.run(_send(sending, job, tally, shown))


async def _send(sending: Iterable[Batch], job: Job, tally: Tally, shown: Shown) -> None:
    def settled(one: Settled) -> None:
        tally.add(one)
        shown.show(tally.rows, tally.refused)

    def pausing(error: Interrupted, pause_s: float) -> None:
        shown.say(f"{error}\nTrying again in {pause_s:.1f} s.")

    with job.connection.open() as opened:
        connect = connector(opened, job.connection.metadata)
        await Transmission(connect, settled=settled, pausing=pausing).send(sending)


def _give_up(why: str, job: Job, tally: Tally, status: int) -> NoReturn:
    click.echo(why, err=True)
    done = job.skip + tally.rows
    if tally.rows:
        click.echo(
            f"The first {done:,} rows are settled ({tally.refused:,} refused in this run). To go"
            f" on, give the same command with --skip {done}.",
            err=True,
        )
    raise SystemExit(status)


def _summarise(tally: Tally, took_s: float, refused_path: Path) -> None:
    sent = tally.rows - tally.not_sent
    became = f"{tally.accepted:,} accepted, {tally.refused:,} refused"
    click.echo(f"{tally.rows:,} rows, {sent:,} sent: {became}, in {took_s:.1f} s")
    if tally.refused:
        rules = ", ".join(f"{count:,} {rule}" for rule, count in tally.rules.items())
        click.echo(f"Refused: {rules}")
        click.echo(f"Mend the refused rows in {refused_path}, and import that.")
