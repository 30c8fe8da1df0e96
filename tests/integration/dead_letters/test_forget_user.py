"""`personalize-gateway forget-user` over a control socket."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.control.forgetting import forgetting_routes
from gateway.control.server import ControlServer
from gateway.outbox.interface import OutboxUnavailable
from tests.support.dead_letters import Setting, dead_letter, event


class Outbox:
    """An outbox in which three records of anybody wait."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.asked: list[str] = []

    async def forget_user(self, user_id: str) -> int:
        if user_id == "broken":
            raise OutboxUnavailable("the disk is read-only")
        # One more of the user's records becomes a dead letter at this moment.
        self._setting.kept.add(dead_letter("late", event(user_id=user_id)))
        self.asked.append(user_id)
        return 3


async def run(directory: Path, user_id: str, answers: str | None = None) -> tuple[int, str]:
    """Run the command; return its exit status and what it prints."""
    command = ["forget-user", user_id, "--outbox", str(directory)]
    result = await asyncio.to_thread(CliRunner().invoke, main, command, answers)
    return result.exit_code, result.output


@pytest.mark.parametrize("by", ["argument", "standard input"])
async def test_a_user_is_taken_out_of_both(by: str, setting: Setting, tmp_path: Path) -> None:
    """The outbox first, so that what becomes a dead letter meanwhile goes too."""
    setting.kept.add(dead_letter("e1", event(user_id="ü 1")), dead_letter("e2", event()))
    outbox = Outbox(setting)
    server = ControlServer(tmp_path, forgetting_routes(outbox, setting.kept))
    await server.start()
    arguments = ("ü 1", None) if by == "argument" else ("-", "ü 1\n")
    told = "Removed 3 from the outbox and 2 from the dead letters.\n"
    assert await run(tmp_path, *arguments) == (0, told)
    assert (outbox.asked, setting.kept.ids) == (["ü 1"], ["e2"])
    await server.stop()


async def test_a_failure_is_said(setting: Setting, tmp_path: Path) -> None:
    """Who asks learns that the user is not forgotten."""
    server = ControlServer(tmp_path, forgetting_routes(Outbox(setting), setting.kept))
    await server.start()
    assert await run(tmp_path, "broken") == (1, "Error: the disk is read-only\n")
    await server.stop()
    status, told = await run(tmp_path, "u")
    assert (status, "is it running?" in told) == (1, True)


async def test_nobody_is_no_user(tmp_path: Path) -> None:
    """An empty line is a mistake."""
    status, told = await run(tmp_path, "-", "\n")
    assert (status, "the ID is empty" in told) == (2, True)
