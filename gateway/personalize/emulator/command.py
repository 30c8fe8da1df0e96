"""The command `emulator` of the command line."""

import asyncio
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from gateway.personalize.emulator.config import (
    DOCUMENTED_QUOTAS,
    Delays,
    EmulatorConfig,
    UnusableTracker,
)
from gateway.personalize.emulator.embedded import Emulator
from gateway.personalize.emulator.seeding import SeedError, load_seed
from gateway.personalize.emulator.store import StateError

_LAST_PORT = 65535
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class _Pair(click.ParamType[tuple[str, str]]):
    """An option's value of two parts."""

    name: str
    separator: str

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        first, separator, second = str(value).rpartition(self.separator)
        if not (first and separator and second):
            self.fail(f"{value!r} is not {self.name}", param, ctx)
        return first, second


@click.command()
@click.option(
    "--listen",
    type=_Pair("HOST:PORT", ":"),
    default="127.0.0.1:50080",
    show_default=True,
    help="Address to listen on; port 0 takes a free one.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="SQLite file to keep resources and records in; without it they live in memory.",
)
@click.option(
    "--seed",
    "seed_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML or JSON file of dataset groups to start with.",
)
@click.option("--region", default="us-east-1", show_default=True, help="AWS region.")
@click.option("--account", default="000000000000", show_default=True, help="AWS account ID.")
@click.option(
    "--credentials",
    type=_Pair("KEY:SECRET", ":"),
    multiple=True,
    help="Access key and secret to accept; may be repeated. Default: emulator:emulator.",
)
@click.option("--any-credentials", is_flag=True, help="Accept the signature of every access key.")
@click.option(
    "--quota",
    "quotas",
    type=_Pair("OPERATION=CALLS_PER_S", "="),
    multiple=True,
    help="Quota of a put for each dataset group, such as PutItems=10; 'none' lifts it.",
)
@click.option(
    "--create-delay",
    "create_delay_s",
    type=click.FloatRange(min=0),
    default=0.5,
    show_default=True,
    help="Seconds from the creation of a resource until it is ACTIVE.",
)
@click.option(
    "--delete-delay",
    "delete_delay_s",
    type=click.FloatRange(min=0),
    default=0.5,
    show_default=True,
    help="Seconds from the deletion of a resource until it is gone.",
)
@click.option(
    "--throttling-status",
    type=click.Choice(["400", "429"]),
    default="400",
    show_default=True,
    help="HTTP status of ThrottlingException.",
)
@click.option(
    "--unusable-tracker",
    type=click.Choice([choice.value for choice in UnusableTracker]),
    default=UnusableTracker.REFUSE.value,
    show_default=True,
    help="What PutEvents does without a tracker that is ACTIVE.",
)
@click.option(
    "--random-seed", type=int, default=0, show_default=True, help="For faults that hit a share."
)
def emulator(seed_file: Path | None, **options: object) -> None:
    """Run a Personalize that AWS SDKs and the AWS CLI can call."""
    asyncio.run(_serve(_config(options), seed_file))


def _config(options: dict[str, Any]) -> EmulatorConfig:
    host, port = options["listen"]
    if not port.isdecimal() or int(port) > _LAST_PORT:
        raise click.BadParameter(f"{port!r} is not a port", param_hint="--listen")
    create_s, delete_s = options["create_delay_s"] / 2, options["delete_delay_s"] / 2
    return EmulatorConfig(
        host=host.strip("[]"),
        port=int(port),
        state=options["state"],
        region=options["region"],
        account_id=options["account"],
        credentials=dict(options["credentials"]) or {"emulator": "emulator"},
        any_credentials=options["any_credentials"],
        delays=Delays(create_s, create_s, delete_s, delete_s),
        quotas={**DOCUMENTED_QUOTAS} | dict(_quota(*pair) for pair in options["quotas"]),
        throttling_status=int(options["throttling_status"]),
        unusable_tracker=UnusableTracker(options["unusable_tracker"]),
        random_seed=options["random_seed"],
    )


def _quota(operation: str, calls_per_s: str) -> tuple[str, float | None]:
    if operation not in DOCUMENTED_QUOTAS:
        known = ", ".join(DOCUMENTED_QUOTAS)
        raise click.BadParameter(f"{operation!r} is none of {known}", param_hint="--quota")
    if calls_per_s == "none":
        return operation, None
    if not _NUMBER.fullmatch(calls_per_s):
        raise click.BadParameter(f"{calls_per_s!r} is no number", param_hint="--quota")
    return operation, float(calls_per_s)


async def _serve(config: EmulatorConfig, seed_file: Path | None) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        running = Emulator(config)
        if seed_file is not None:
            running.seed(*load_seed(seed_file))
        async with running:
            click.echo(_ready(running))
            await stopped.wait()
    except (StateError, SeedError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        message = f"cannot listen on {config.host}:{config.port}: {error.strerror}"
        raise click.ClickException(message) from error


def _ready(running: Emulator) -> str:
    key, secret = next(iter(running.config.credentials.items()))
    return (
        f"Personalize emulator at {running.url} - try: AWS_ACCESS_KEY_ID={key}"
        f" AWS_SECRET_ACCESS_KEY={secret} aws --region {running.config.region}"
        f" --endpoint-url {running.url} personalize list-dataset-groups"
    )
