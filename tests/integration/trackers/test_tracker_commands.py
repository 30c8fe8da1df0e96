"""`personalize-gateway trackers` against a server."""

import asyncio
import json
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from gateway.cli import main
from gateway.personalize.emulator.lifecycle import Status
from tests.integration.trackers.conftest import Setting, Start
from tests.support.trackers import HeldClock

Run = Callable[..., Coroutine[Any, Any, Result]]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def run_at(address: str, caller: str = "ops") -> Run:
    """Return what runs a command of the group against a server."""

    async def invoke(*arguments: str, answers: str | None = None) -> Result:
        command = ["trackers", *arguments, "--to", address, "--caller", caller]
        command += ["--dataset-group", "shop"]
        return await asyncio.to_thread(CliRunner().invoke, main, command, answers)

    return invoke


@pytest.fixture(autouse=True)
def no_logs() -> Iterator[None]:
    """The gateway shares the output of the command, which is a process of its own in life."""
    with capture_logs():
        yield


@pytest.fixture
def run(setting: Setting) -> Run:
    """Run a command of the group as an administrator."""
    return run_at(setting.address)


def untimed(result: Result) -> tuple[int, list[str]]:
    """Return the exit status and the lines, with their times taken out."""
    return result.exit_code, _TIME.sub("TIME", result.output).splitlines()


async def test_a_life_by_commands(run: Run, setting: Setting) -> None:
    """Created, waited for, shown, listed, deleted and waited for."""
    assert untimed(await run("create", "clicks", "--tag", "team=web", "--wait")) == (
        0,
        ["TIME  CREATE PENDING", "TIME  CREATE IN_PROGRESS", "TIME  ACTIVE"],
    )
    outline = setting.emulator.dataset_group("shop")
    (arn,) = (tracker["eventTrackerArn"] for tracker in await listed(run))
    assert untimed(await run("describe", "clicks")) == (
        0,
        [
            "name           clicks",
            "dataset group  shop",
            "status         ACTIVE",
            f"tracking ID    {outline.tracking_id}",
            f"ARN            {arn}",
            "created        TIME",
            "updated        TIME",
        ],
    )
    heading = f"NAME    STATUS  CREATED{' ' * 15}ARN"
    result = await run("list")
    assert result.output.splitlines()[0] == heading
    assert untimed(result)[1][1] == f"clicks  ACTIVE  TIME  {arn}"
    assert untimed(await run("watch", "clicks")) == (0, ["TIME  ACTIVE"])
    assert untimed(await run("delete", "clicks", "--yes", "--wait")) == (
        0,
        ["TIME  DELETE PENDING", "TIME  DELETE IN_PROGRESS", "TIME  DELETED"],
    )
    assert await listed(run) == []


async def listed(run: Run) -> list[dict[str, Any]]:
    """Return what the JSON of a list says."""
    result = await run("list", "--json")
    assert result.exit_code == 0
    return [json.loads(line) for line in result.output.splitlines()]


async def test_json_is_one_tracker_a_line(run: Run) -> None:
    """As the API's JSON has it."""
    created = await run("create", "clicks", "--json", "--wait")
    lines = [json.loads(line) for line in created.output.splitlines()]
    assert [line["awsStatus"] for line in lines] == [
        "CREATE PENDING",
        "CREATE IN_PROGRESS",
        "ACTIVE",
    ]
    described = await run("describe", "clicks", "--json")
    assert json.loads(described.output) == lines[-1]
    watched = await run("watch", "clicks", "--json")
    assert json.loads(watched.output) == lines[-1]


async def test_without_wait_a_command_ends_at_once(run: Run) -> None:
    """What AWS has yet to do is seen by `watch`."""
    assert untimed(await run("create", "clicks")) == (0, ["TIME  CREATE PENDING"])
    await run("watch", "clicks")
    assert untimed(await run("delete", "clicks", "--yes")) == (0, [])
    assert untimed(await run("describe", "clicks"))[1][2] == "status         DELETE PENDING"


async def test_a_tracker_that_fails_is_another_end_than_was_asked_for(
    run: Run, setting: Setting
) -> None:
    """The exit status says so."""
    await run("create", "clicks")
    (tracker,) = await listed(run)
    setting.emulator.force_status(tracker["eventTrackerArn"], Status.CREATE_FAILED)
    assert untimed(await run("watch", "clicks")) == (1, ["TIME  CREATE FAILED"])


async def test_a_tracker_is_deleted_only_when_that_was_confirmed(run: Run) -> None:
    """Events for it would be refused."""
    await run("create", "clicks", "--wait")
    result = await run("delete", "clicks", answers="n\n")
    assert result.exit_code == 1
    assert [tracker["awsStatus"] for tracker in await listed(run)] == ["ACTIVE"]


async def test_what_fails_is_told_with_its_reason(setting: Setting) -> None:
    """As every command of the gateway tells it."""
    result = await run_at(setting.address, "web")("describe", "clicks")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("PERMISSION_DENIED ADMIN_REQUIRED: caller 'web'")


@pytest.mark.parametrize("tag", ["team", "=web", ""])
async def test_a_tag_has_a_key_and_a_value(run: Run, tag: str) -> None:
    """An empty value is one."""
    result = await run("create", "clicks", "--tag", tag)
    assert result.exit_code == 2
    assert "is not KEY=VALUE" in result.stderr


async def test_a_watch_that_takes_too_long_fails(start: Start) -> None:
    """The deadline is the caller's."""
    clock = HeldClock()
    setting = await start(watch_clock=clock)
    run = run_at(setting.address)
    await run("create", "clicks")
    within_s = 1
    async with asyncio.timeout(60):
        # On a busy machine it may be over before anything was seen.
        while not (result := await run("watch", "clicks", "--within", str(within_s))).stdout:
            within_s *= 2
    assert untimed(result)[1][0] == "TIME  CREATE PENDING"
    assert result.exit_code == 2
    assert result.stderr.startswith("DEADLINE_EXCEEDED: ")
