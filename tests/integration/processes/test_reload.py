"""A gateway takes up another configuration while it serves: whole or not at all."""

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import grpc
import pytest
from personalize_gateway.v1.acknowledgement_pb2 import OUTCOME_STATE_DELIVERED

from gateway.personalize.emulator import Answer, Emulator, Fault
from tests.support.load import under_load
from tests.support.served import Served, arrived, serving, until


def _write(config_file: Path, settings: dict[str, Any], **routes: list[str]) -> None:
    """Write a configuration with other routes, each a name and who may send."""
    group = {"kinds": ["events"], "dataset_group": "demo"}
    changed = [{"name": name, "callers": callers, **group} for name, callers in routes.items()]
    config_file.write_text(json.dumps({**settings, "routes": changed}))


def _break(config_file: Path) -> list[str]:
    """Break a configuration in two places; return what is to be said of it."""
    text = config_file.read_text().replace("kinds:", "kinnds:") + "rutes: []\n"
    config_file.write_text(text)
    lines = text.splitlines()
    wrong = lines.index("  kinnds:") + 1
    return [
        f"{config_file}:{wrong}: routes[0].kinnds: is an unknown key; did you mean 'kinds'?",
        f"{config_file}:{len(lines)}: rutes: is an unknown key; did you mean 'routes'?",
    ]


async def _denied(served: Served) -> bool:
    try:
        await served.put("one more")
    except grpc.aio.AioRpcError as error:
        return error.code() is grpc.StatusCode.PERMISSION_DENIED
    return False


async def test_a_reload_under_load_loses_no_request(
    config_file: Path, settings: dict[str, Any], emulator: Emulator
) -> None:
    """Every call is answered OK, and every event delivered."""
    async with serving(config_file) as served:
        async with under_load(served.address, clients=4) as load:
            for generation in range(2, 7):
                await load.more(50)
                _write(config_file, settings, all=["*"], **{f"extra{generation}": ["somebody"]})
                await served.reload(generation)
            await load.more(50)
        await until(lambda: arrived(emulator) >= load.accepted)
    assert set(load.answers) == {grpc.StatusCode.OK}


async def test_a_request_ends_under_the_configuration_that_it_began_with(
    config_file: Path, settings: dict[str, Any], emulator: Emulator
) -> None:
    """One that waits for delivery is answered, where its caller may send no more."""
    emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        waiting = asyncio.create_task(served.put("e1", delivered=True))
        await until(lambda: "PutEvents" in emulator.stats()["operations"])
        _write(config_file, settings, all=["somebody-else"])
        await served.reload(2)
        assert await _denied(served)
        emulator.faults.clear()
        response = await waiting
    assert [outcome.state for outcome in response.outcomes] == [OUTCOME_STATE_DELIVERED]
    assert arrived(emulator) == {"e1"}


@pytest.mark.parametrize("role", ["delivery", "ingest"])
async def test_a_file_that_cannot_be_used_changes_nothing(
    config_file: Path, emulator: Emulator, role: str
) -> None:
    """It is refused with every problem, and a process that dies meanwhile comes back without it."""
    async with serving(config_file) as served:
        problems = _break(config_file)
        served.process.send_signal(signal.SIGHUP)
        refused = await served.logged("the configuration is refused; the one before stays")
        assert refused["problems"] == problems
        os.kill(served.child(role), signal.SIGKILL)
        await served.put("e1", delivered=True)
        assert arrived(emulator) == {"e1"}


async def test_what_takes_a_restart_is_refused_by_its_keys(
    config_file: Path, settings: dict[str, Any]
) -> None:
    """Nothing of the file is used, not even what could be."""
    async with serving(config_file) as served:
        settings["server"]["workers"] = 3
        settings["outbox"]["linger"] = "9ms"
        _write(config_file, settings, all=["somebody-else"])
        served.process.send_signal(signal.SIGHUP)
        refused = await served.logged("the configuration is refused; the one before stays")
        assert refused["why"] == (
            "server.workers, outbox.linger: changed, which takes a restart of the gateway"
        )
        await served.put("e1")


async def test_a_changed_file_is_taken_up_without_a_signal(
    config_file: Path, settings: dict[str, Any]
) -> None:
    """As Kubernetes changes one: a link to it is replaced. What is different is logged."""
    link = config_file.parent / "link.yaml"
    link.symlink_to(config_file)
    async with serving(link) as served:
        changed = config_file.parent / "changed.yaml"
        _write(changed, settings, all=["somebody-else"])
        new_link = config_file.parent / "new.yaml"
        new_link.symlink_to(changed)
        new_link.rename(link)
        taken_up = await served.logged("a configuration is taken up")
        await served.logged("all processes use the configuration", generation=2)
        assert taken_up["changes"] == ["routes.all.callers: [*] → [somebody-else]"]
        assert await _denied(served)
