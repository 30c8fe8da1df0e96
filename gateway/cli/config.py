"""`personalize-gateway config`: check a configuration, or print its schema."""

import json
import os

import click

from gateway.cli.token import token
from gateway.config import ConfigError, load, schema
from gateway.config.reference import reference
from gateway.identity.files import FileUnusable
from gateway.ingest_side import check_files


@click.group()
def config() -> None:
    """Check a configuration, or print its schema."""


@config.command()
@click.argument("file", metavar="F")
@click.option("--files", is_flag=True, help="Look into the certificates, keys and tokens it names.")
def check(file: str, *, files: bool) -> None:
    """Say what is wrong with the configuration file F, or that nothing is.

    Each problem is a line on stderr with the line in F and the key. Exit status 1 if there is one.
    Variables that F names are looked up in the environment, as they are when the gateway starts.
    """
    try:
        found = load(file, os.environ)
        if files:
            check_files(found)
    except (ConfigError, FileUnusable) as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None
    groups = _counted(len(found.dataset_groups), "dataset group")
    click.echo(f"{file}: ok: {groups}, {_counted(len(found.routes), 'route')}")


@config.command("schema")
@click.option("--markdown", is_flag=True, help="Print a table of the keys instead.")
def print_schema(*, markdown: bool) -> None:
    """Print the JSON Schema of the configuration file, for editors and other tools."""
    click.echo(reference() if markdown else json.dumps(schema(), indent=2), nl=not markdown)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


config.add_command(token)
