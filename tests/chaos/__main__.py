"""`make chaos`: real processes, real faults, and a ledger beside them."""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from tests.chaos import report
from tests.chaos.playing import Report, play
from tests.chaos.scenarios import SCENARIOS, Scenario

_NAMES = [scenario.name for scenario in SCENARIOS]


@click.command()
@click.argument("names", metavar="[SCENARIO]...", nargs=-1, type=click.Choice(_NAMES))
@click.option("--list", "listed", is_flag=True, help="List the scenarios, and play none.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1, max=3600),
    help="How long the faults of each scenario last. By default as long as each says.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random numbers.")
@click.option(
    "--logs",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the logs of gateway and emulator in this directory.",
)
def main(
    names: Sequence[str], seconds: float | None, seed: int, logs: Path | None, *, listed: bool
) -> None:
    """Play scenarios, all by default, and fail where anything was lost or out of order."""
    chosen = [one for one in SCENARIOS if not names or one.name in names]
    if listed:
        for one in chosen:
            click.echo(f"{one.name:<14} {one.seconds:>3g} s  {one.title}")
        return
    try:
        reports = asyncio.run(_play(chosen, seconds, seed, logs))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("stopped")
    for line in report.summary(reports):
        click.echo(line)
    sys.exit(any(one.failures for one in reports))


async def _play(
    chosen: Sequence[Scenario], seconds: float | None, seed: int, logs: Path | None
) -> list[Report]:
    task = asyncio.current_task()
    assert task is not None
    # As Ctrl-C does: what was started is ended before the end.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    click.echo(report.heading())
    reports: list[Report] = []
    for scenario in chosen:
        if scenario.obstacle is not None:
            click.echo(f"{scenario.name}: skipped, {scenario.obstacle}")
            continue
        begun_s = time.monotonic()
        reports.append(await play(scenario, seconds=seconds, seed=seed, logs=logs))
        for line in report.lines(reports[-1]):
            click.echo(line)
        click.echo(f"    {time.monotonic() - begun_s:.0f} s")
    return reports


if __name__ == "__main__":
    main()
