"""`personalize-gateway outbox`: look at the files of an outbox, and read out what they hold."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

import click

from gateway.outbox.locks import FileLock
from gateway.outbox.salvage import salvage as salvaged
from gateway.outbox.unusable import OutboxUnusable
from gateway.outbox.verification import FileReport
from gateway.outbox.verification import verify as verified


@click.group()
def outbox() -> None:
    """Look at the files of an outbox, and read out what they hold.

    PATH is the directory of an outbox, or one of its files. Nothing in it is changed.
    """


@outbox.command()
@click.argument("path", type=click.Path(path_type=Path))
def verify(path: Path) -> None:
    """Check that every file is as it was written.

    Prints a line for each file, and one for each problem. Exit status 1 if there is one. The
    gateway must not be running.
    """
    try:
        with ExitStack() as stack:
            _keep_out_gateway(path, stack)
            reports = verified(path)
    except (OutboxUnusable, OSError) as error:
        raise click.ClickException(str(error)) from error
    for report in reports:
        click.echo(_summary(report))
    if any(report.problems or report.failure for report in reports):
        raise SystemExit(1)


def _keep_out_gateway(path: Path, stack: ExitStack) -> None:
    """Hold the directory's lock meanwhile: files that are being written look damaged."""
    lock = (path if path.is_dir() else path.parent) / "lock"
    if lock.exists():
        stack.callback(FileLock.take(lock).release)


def _summary(report: FileReport) -> str:
    counts = f"{report.records} records in {report.chunks} chunks"
    if report.dead_letters:
        counts += f", {report.dead_letters} dead letters"
    if report.failure is not None:
        return f"{report.path}: cannot be looked at: {report.failure}"
    if not report.problems:
        return f"{report.path}: ok: {counts}"
    problems = "".join(f"\n  {problem}" for problem in report.problems)
    return f"{report.path}: damaged; {counts} can be read{problems}"


@outbox.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the lines; it is made readable for its owner alone.  [default: stdout]",
)
def salvage(path: Path, output: Path | None) -> None:
    """Read out every record that can still be read, as lines of JSON.

    For files that the gateway refuses to start with. The lines hold personal data. In each,
    `settled` says whether delivery was done with the record; null where that cannot be read.
    """
    count = 0
    try:
        with ExitStack() as stack:
            file = sys.stdout if output is None else stack.enter_context(_private(output))
            for line in salvaged(path):
                print(line, file=file)
                count += 1
    except (OutboxUnusable, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count} records", err=True)


def _private(path: Path) -> TextIO:
    """Make a file that only its owner can read; one that is there already is an error."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8")
