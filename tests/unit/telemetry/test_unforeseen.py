"""What no code catches is logged, without the values that Python would print."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import pytest

_BEGIN = """
import asyncio, threading
from gateway.telemetry import logs
logs.configure()
logs.catch_unforeseen()
def fail():
    raise ValueError("user hunter2")
class Finalised:
    def __del__(self):
        fail()
async def failing():
    fail()
async def main():
    logs.catch_unforeseen_in(asyncio.get_running_loop())
    {}
    await asyncio.sleep(0.01)
"""


async def _logged(program: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        stderr=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    _, errors = await process.communicate()
    return errors.decode()


@pytest.mark.parametrize(
    ("program", "event"),
    [
        ("fail()", "an error ended the process"),
        ("thread = threading.Thread(target=fail); thread.start(); thread.join()", "a thread"),
        ("x = Finalised(); del x", "an error could not be raised"),
    ],
)
async def test_what_ends_a_process_or_a_thread(program: str, event: str) -> None:
    """Or is lost in a finaliser."""
    errors = await _logged(_BEGIN + program)
    assert (event in errors, '"ValueError"' in errors, "hunter2" in errors) == (True, True, False)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize(
    "cause",
    [
        "asyncio.get_running_loop().call_soon(lambda user: fail(), 'hunter2')",
        "asyncio.create_task(failing(), name='t')",
    ],
)
async def test_what_is_lost_in_an_event_loop(loop: str, cause: str) -> None:
    """Neither the error's message is logged nor what a callback was called with."""
    errors = await _logged(_BEGIN.format(cause) + f"import {loop}; {loop}.run(main())")
    assert ("nobody caught an error" in errors, '"ValueError"' in errors) == (True, True)
    assert "hunter2" not in errors


@pytest.fixture(autouse=True)
async def _subprocesses_are_reaped() -> AsyncIterator[None]:
    yield
    await asyncio.sleep(0)
