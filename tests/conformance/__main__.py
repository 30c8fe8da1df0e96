"""`make conformance`: the clients of all languages against a running gateway."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tests.conformance import envoy, table
from tests.conformance.case import VECTORS, Case, cases
from tests.conformance.fuzz import write
from tests.conformance.language import Language, languages
from tests.conformance.publisher_run import Outcome, run_publisher
from tests.conformance.stand import Stand, standing
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
@click.option(
    "--envoy/--no-envoy",
    "by_envoy",
    default=envoy.is_installed,
    help="Whether Go and TypeScript are tried through Envoy, too. By default where it is there.",
)
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
    by_envoy: bool,
) -> None:
    """Send the vectors with each client, then try the publishers; fail where one deviates."""
    logs = logs or Path(tempfile.mkdtemp(prefix="conformance-logs-"))
    logs.mkdir(parents=True, exist_ok=True)
    trial = Trial(languages([name for name in only.split(",") if name]), logs, by_envoy)
    good = True
    try:
        if send:
            good = asyncio.run(trial.send(vectors))
        if fuzz:
            write(logs / "fuzz", fuzz, seed)
            good &= asyncio.run(trial.send(logs / "fuzz"))
        if publish:
            good &= asyncio.run(trial.publish(seconds, rate, seed))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("stopped")
    click.echo("all clients conform" if good else f"clients deviate; their errors are in {logs}")
    sys.exit(not good)


@dataclass(frozen=True, slots=True)
class Trial:
    """Tries clients, and prints what came of it.

    Attributes:
        chosen: their languages.
        logs: gets what their programs say of what went wrong.
        by_envoy: whether some are tried through Envoy, too.
    """

    chosen: Sequence[Language]
    logs: Path
    by_envoy: bool

    async def send(self, vectors: Path) -> bool:
        """Send the vectors of a directory with each; return whether all is as it must be."""
        _stop_as_by_ctrl_c()
        known = list(cases(vectors))
        async with standing() as stand:
            results = [await self._sent(stand, one, known, vectors) for one in self.chosen]
            if through := self._through_envoy():
                async with envoy.through_envoy(stand) as behind:
                    results += [await self._sent(behind, one, known, vectors) for one in through]
        for line in (*table.vectors_table(known, results), *table.deviations(results)):
            click.echo(line)
        return all(result.is_good for result in results)

    async def _sent(
        self, stand: Stand, language: Language, known: Sequence[Case], vectors: Path
    ) -> Result:
        click.echo(f"{language.name}{stand.way}: {len(known)} cases", err=True)
        return await run_vectors(stand, language, known, vectors, self.logs)

    async def publish(self, seconds: float, rate: float, seed: int) -> bool:
        """Have each publish while gateways are killed; return whether all is as it must be."""
        _stop_as_by_ctrl_c()
        outcomes = list[Outcome]()
        for language, program, by_envoy in self.publishers():
            click.echo(f"{language.name}: {program}{' via envoy' * by_envoy}", err=True)
            trying = run_publisher(
                language, program, seconds, rate, seed, self.logs, by_envoy=by_envoy
            )
            outcomes.append(await trying)
        for line in table.publishers_table(outcomes):
            click.echo(line)
        return not any(outcome.failures for outcome in outcomes)

    def publishers(self) -> Iterator[tuple[Language, str, bool]]:
        """Yield language and program of each, and whether it calls through Envoy."""
        for by_envoy, tried in ((False, self.chosen), (True, self._through_envoy())):
            for language in tried:
                if language.name not in _WITHOUT_PUBLISHER:
                    yield from ((language, one, by_envoy) for one in language.publishers)

    def _through_envoy(self) -> Sequence[Language]:
        """Return those that are tried through Envoy, too."""
        return [one for one in self.chosen if self.by_envoy and one.name in envoy.LANGUAGES]


def _stop_as_by_ctrl_c() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


if __name__ == "__main__":
    main()
