"""A supervisor outlives its children, whatever it is about to tell them."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.processes.backoff import RestartDelay
from gateway.processes.child import Child
from gateway.processes.generation import Generation

# The first one dies, but its output stays open: nobody has started it again yet.
PROGRAM = """
import json, os, sys
number = json.loads(sys.stdin.readline())["number"]
print(json.dumps({"generation": number}), flush=True)
if number == 1:
    if os.fork() == 0:
        os.close(0), os.close(2), os.closerange(3, 100)
        open(sys.argv[1]).read(1)
    os._exit(0)
sys.stdin.read()
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_configuration_for_a_child_that_has_just_died(loop: str, tmp_path: Path) -> None:
    """Its pipe is closed; the one that is started in its place is told."""
    pytest.importorskip(loop).run(_told_when_dead(tmp_path / "fifo"))


async def _told_when_dead(fifo: Path) -> None:
    os.mkfifo(fifo)
    open_end = os.open(fifo, os.O_RDWR)
    child = Child(
        "test",
        (sys.executable, "-c", PROGRAM, str(fifo)),
        Generation(1, "F", ""),
        clock=SystemClock(),
        on_change=lambda: None,
        restart_delay=RestartDelay(base_s=0.001, max_s=0.001),
    )
    running = asyncio.create_task(child.run())
    await _until(lambda: child.status.generation == 1)
    await _until(lambda: not Path(f"/proc/{child.pid}").exists())
    try:
        for number in (2, 3):  # By the first the event loop finds out.
            child.use(Generation(number, "F", ""))
            await asyncio.sleep(0.01)
    finally:
        os.write(open_end, b"end")
        os.close(open_end)
    await _until(lambda: child.status.generation == 3)
    child.stop()
    await running


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - a process has no event
            await asyncio.sleep(0.01)
