"""Configurations on their way from the supervisor to a child."""

import asyncio
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.processes.generation import Generation
from gateway.processes.pipe import SupervisorPipe
from tests.support.configurations import WITHOUT_FILES


@given(st.integers(), st.text(), st.text())
def test_a_generation_is_one_line(number: int, source: str, text: str) -> None:
    """Whatever stands in it."""
    generation = Generation(number, source, text)
    line = generation.line()
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert Generation.parse(line) == generation


def test_a_generation_does_not_show_its_text() -> None:
    """There may be secrets in it."""
    assert repr(Generation(3, "F", "token: hunter2")) == "Generation(number=3, source='F')"


def test_a_generation_is_read_with_the_environment_of_its_process() -> None:
    """What came from there is marked."""
    text = WITHOUT_FILES.replace("linger: 20ms", "linger: ${LINGER}")
    reading = Generation(1, "F", text).reading({"LINGER": "7ms"})
    assert reading.config.delivery.linger_s == 0.007
    assert reading.from_environment == {("delivery", "linger")}


async def test_a_child_takes_whole_lines() -> None:
    """However they come, and the newest where it was busy."""
    pipe = SupervisorPipe()
    sent = b"".join(Generation(number, "F", "é").line() for number in range(1, 5))
    for start in range(0, len(sent), 7):
        pipe.data_received(sent[start : start + 7])
    assert (await pipe.next()).number == 1
    assert await pipe.newest(60) == Generation(4, "F", "é")
    assert await pipe.newest(0) is None


async def test_a_child_ends_when_the_pipe_does() -> None:
    """At once, whatever it is at."""
    program = """
import asyncio
from gateway.processes.pipe import SupervisorPipe
async def main():
    pipe = await SupervisorPipe.open()
    print((await pipe.next()).number, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    output, _ = await process.communicate(Generation(7, "F", "").line())
    assert (output, process.returncode) == (b"7\n", 1)


@pytest.mark.parametrize("line", [b"{}\n", b'{"number": 1}\n'])
def test_a_line_that_is_no_generation_is_an_error(line: bytes) -> None:
    """The child ends, and the supervisor starts another."""
    with pytest.raises(TypeError):
        Generation.parse(line)
