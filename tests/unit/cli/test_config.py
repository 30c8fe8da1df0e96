"""The command `personalize-gateway config`, and the frame of all commands."""

import json
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from gateway.cli import _COMMANDS, main
from gateway.config import schema
from gateway.config.reference import reference

GOOD = """\
dataset_groups:
  shop:
    arn: arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop
    tracking_id: ${TRACKING_ID}
routes:
  - {name: web, callers: [web], kinds: [events], dataset_group: shop}
"""


def run(*args: str, **environ: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, args, env=environ)


def test_a_good_file_is_ok(tmp_path: Path) -> None:
    """What it has is counted, in good English."""
    path = tmp_path / "gateway.yaml"
    path.write_text(GOOD)
    one = run("config", "check", str(path), TRACKING_ID="t")
    path.write_text(
        GOOD + "  - {name: app, callers: [app], kinds: [events], dataset_group: shop}\n"
    )
    two = run("config", "check", str(path), TRACKING_ID="t")
    assert [(result.exit_code, result.stdout, result.stderr) for result in (one, two)] == [
        (0, f"{path}: ok: 1 dataset group, 1 route\n", ""),
        (0, f"{path}: ok: 1 dataset group, 2 routes\n", ""),
    ]


def test_each_problem_is_a_line_on_stderr(tmp_path: Path) -> None:
    """With file, line and key; the exit status is 1."""
    path = tmp_path / "gateway.yaml"
    path.write_text(GOOD.replace("[events]", "[events, event]"))
    result = run("config", "check", str(path))
    assert (result.exit_code, result.stdout, result.stderr.splitlines()) == (
        1,
        "",
        [
            (
                f"{path}:4: dataset_groups.shop.tracking_id: the environment variable TRACKING_ID"
                " is not set"
            ),
            (
                f"{path}:6: routes[0].kinds[1]: expected one of 'events', 'action_interactions',"
                " 'items', 'users' or 'actions'"
            ),
        ],
    )


def test_a_file_that_is_not_there_is_a_problem_like_others(tmp_path: Path) -> None:
    """No traceback, no usage."""
    path = tmp_path / "gateway.yaml"
    result = run("config", "check", str(path))
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        f"{path}: cannot be read: No such file or directory\n",
    )


def test_the_schema_is_printed_as_json() -> None:
    """So that it can be kept beside the file."""
    result = run("config", "schema")
    assert (result.exit_code, json.loads(result.stdout)) == (0, schema())


def test_the_schema_is_printed_as_a_table() -> None:
    """For the docs, and for who reads in a terminal."""
    result = run("config", "schema", "--markdown")
    assert (result.exit_code, result.stdout) == (0, reference())


def test_the_version_is_that_of_the_package() -> None:
    """As it is installed."""
    result = run("--version")
    assert (result.exit_code, result.stdout) == (
        0,
        f"personalize-gateway, version {version('personalize-gateway')}\n",
    )


def test_an_unknown_command_is_refused() -> None:
    """With click's own exit status for usage."""
    result = run("confg")
    assert (result.exit_code, "No such command 'confg'" in result.stderr) == (2, True)


def test_help_lists_all_commands_and_imports_none() -> None:
    """It is there at once: gRPC, AWS's libraries and pydantic take long to import."""
    script = (
        "import sys\n"
        "from gateway.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "print(sorted({'grpc', 'botocore', 'pydantic', 'aiohttp'} & set(sys.modules)))\n"
    )
    found = subprocess.run(  # noqa: S603  # our own interpreter, our own script
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    lines = found.stdout.splitlines()
    listed = lines[lines.index("Commands:") + 1 : -1]
    assert ([line.split()[0] for line in listed], lines[-1]) == (list(_COMMANDS), "[]")


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_can_be_imported(name: str) -> None:
    """The frame names it as it is."""
    module, _, attribute = _COMMANDS[name][0].partition(":")
    assert isinstance(getattr(import_module(module), attribute), click.Command)
