"""`make conformance`: the clients of all languages against a running gateway."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from tests.conformance import table
from tests.conformance.case import VECTORS, cases
from tests.conformance.fuzz import write
from tests.conformance.language import Language, languages
from tests.conformance.publisher_run import Outcome, run_publisher
from tests.conformance.stand import standing
from tests.conformance.vectors_run import Result, run_vectors

_WITHOUT_PUBLISHER = {"rust", "cpp"}


@click.command()
@click.option("--only", metavar="LANGUAGE[,…]", default="", help="By default all in clients/.")
@click.option(
    "--vectors",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=VECTORS,
    help="Directory of the cases. By default those of the project.",
)
@click.option("--fuzz", type=click.IntRange(min=0), default=0, help="So many random cases besides.")
@click.option("--publish/--no-publish", default=True, help="Whether publishers are tried.")
@click.option("--send/--no-send", default=True, help="Whether the vectors are sent.")
@click.option("--seconds", type=click.FloatRange(min=1), default=20.0, show_default=True)
@click.option("--rate", type=click.FloatRange(min=1), default=400.0, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of random cases and kills.")
@click.option(
    "--logs", type=click.Path(file_okay=False, path_type=Path), help="Keep the programs' errors."
)
def main(
    *,
    only: str,
    vectors: Path,
    seconds: float,
    rate: float,
    seed: int,
    fuzz: int,
    logs: Path | None,
    publish: bool,
    send: bool,
) -> None:
    """Send the vectors with each client, then try the publishers; fail where one deviates."""
    chosen = languages([name for name in only.split(",") if name])
    logs = logs or Path(tempfile.mkdtemp(prefix="conformance-logs-"))
    logs.mkdir(parents=True, exist_ok=True)
    good = True
    try:
        if send:
            good = asyncio.run(_vectors(chosen, vectors, logs))
        if fuzz:
            write(logs / "fuzz", fuzz, seed)
            good &= asyncio.run(_vectors(chosen, logs / "fuzz", logs))
        if publish:
            good &= asyncio.run(_publishers(chosen, (seconds, rate, seed), logs))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("stopped")
    click.echo("all clients conform" if good else f"clients deviate; their errors are in {logs}")
    sys.exit(not good)


async def _vectors(chosen: Sequence[Language], vectors: Path, logs: Path) -> bool:
    _stop_as_by_ctrl_c()
    known, results = list(cases(vectors)), list[Result]()
    async with standing() as stand:
        for language in chosen:
            click.echo(f"{language.name}: {len(known)} cases", err=True)
            results.append(await run_vectors(stand, language, known, vectors, logs))
    for line in (*table.vectors_table(known, results), *table.deviations(results)):
        click.echo(line)
    return all(result.is_good for result in results)


async def _publishers(
    chosen: Sequence[Language], load: tuple[float, float, int], logs: Path
) -> bool:
    _stop_as_by_ctrl_c()
    outcomes = list[Outcome]()
    for language in chosen:
        for program in () if language.name in _WITHOUT_PUBLISHER else language.publishers:
            click.echo(f"{language.name}: {program}", err=True)
            outcomes.append(await run_publisher(language, program, *load, logs))
    for line in table.publishers_table(outcomes):
        click.echo(line)
    return not any(outcome.failures for outcome in outcomes)


def _stop_as_by_ctrl_c() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


if __name__ == "__main__":
    main()
