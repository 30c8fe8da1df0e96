"""`personalize-gateway lanes` over a control socket."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner

from gateway.cli import main
from gateway.control.server import ControlServer

FLOWING = {
    "lane": "shop/events",
    "paused": False,
    "parked": None,
    "backing_off": None,
    "records_ahead": 0,
    "calls_in_flight": 1,
    "rate_per_s": 1000.0,
    "bytes_ahead": 0,
    "stopped_for_s": None,
    "next_call_in_s": None,
    "oldest_s": None,
}
PARKED = {
    **FLOWING,
    "lane": "shop/items",
    "parked": "AccessDenied",
    "records_ahead": 12345,
    "calls_in_flight": 0,
    "rate_per_s": 7.5,
    "bytes_ahead": None,
    "stopped_for_s": 7200.0,
    "next_call_in_s": 12.34,
    "oldest_s": 129600.0,
}


async def _run(directory: Path, *arguments: str) -> tuple[int, str]:
    command = ["lanes", *arguments, "--outbox", str(directory)]
    result = await asyncio.to_thread(
        CliRunner().invoke, main, command, env={"COLUMNS": "160", "NO_COLOR": "1"}
    )
    return result.exit_code, result.output


async def _served(directory: Path, lanes: list[dict[str, Any]], *arguments: str) -> tuple[int, str]:
    async def listed(_: web.Request) -> web.Response:
        return web.json_response({"lanes": lanes})

    server = ControlServer(directory, [web.get("/lanes", listed)])
    await server.start()
    try:
        return await _run(directory, *arguments)
    finally:
        await server.stop()


async def test_the_table_says_why_a_lane_does_not_flow(tmp_path: Path) -> None:
    """Since when, until when, and how much waits."""
    status, output = await _served(tmp_path, [FLOWING, PARKED], "list")
    assert status == 0
    assert [re.split(r"  +", line) for line in output.splitlines()[1:]] == [
        ["shop/events", "flowing", "-", "-", "0", "0", "-", "1", "1000"],
        [
            "shop/items",
            "parked: AccessDenied",
            "2.0 h",
            "12.3 s",
            "12,345",
            "-",
            "1.5 d",
            "0",
            "7.5",
        ],
    ]


async def test_programs_get_json(tmp_path: Path) -> None:
    """All that is known, as it is."""
    status, output = await _served(tmp_path, [FLOWING, PARKED], "list", "--json")
    assert (status, json.loads(output)) == (0, [FLOWING, PARKED])


@pytest.mark.parametrize(
    ("lane", "said"),
    [
        (
            "shop/hats",
            "'hats' is no kind of record; choose from events, action_interactions, items,",
        ),
        ("items", "'items' is not of the form DATASET_GROUP/KIND"),
        ("/items", "'/items' is not of the form DATASET_GROUP/KIND"),
    ],
)
@pytest.mark.parametrize("change", [["pause"], ["resume"], ["purge", "--yes"]])
async def test_what_names_no_lane_is_an_error_before_anybody_is_asked(
    tmp_path: Path, change: list[str], lane: str, said: str
) -> None:
    """No gateway runs here, and that is not what is said."""
    status, output = await _run(tmp_path, *change, lane)
    assert (status, said in output) == (2, True)
