"""Children: started, reported, restarted, stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from gateway.admin.readiness import ProcessState
from gateway.clock import SystemClock
from gateway.processes.backoff import RestartDelay
from gateway.processes.child import Child
from gateway.processes.generation import Generation
from gateway.processes.report import Report

_REPORT = "import sys; print('{\"port\": 7}', flush=True); "
WAITS_FOR_PIPE = _REPORT + "sys.stdin.read()"
DIES = _REPORT + "sys.exit(3)"
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAITS_FOR_PIPE


SAYS_WHICH = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"generation": json.loads(line)["number"]}), flush=True)
"""
FIRST = Generation(1, "F", "routes: ${SECRET}\n")


def _child(program: str, changed: asyncio.Event, *command: str) -> Child:
    return Child(
        "test",
        command or (sys.executable, "-c", program),
        FIRST,
        clock=SystemClock(),
        on_change=changed.set,
        restart_delay=RestartDelay(base_s=0.001, max_s=0.001),
    )


def _status(
    problem: str,
    *,
    pid: int | None = None,
    ready: bool = False,
    starts: int = 1,
    generation: int = 0,
) -> ProcessState:
    return ProcessState("test", pid, ready, starts, problem, None, generation)


async def _until(changed: asyncio.Event, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            changed.clear()
            await changed.wait()


async def test_a_child_reports_and_stops() -> None:
    """Its report is there while it runs, and gone afterwards."""
    changed = asyncio.Event()
    child = _child(WAITS_FOR_PIPE, changed)
    running = asyncio.create_task(child.run())
    await _until(changed, lambda: child.ready)
    assert repr(child) == f"<Child test: {Report(port=7)}, 1 starts>"
    child.stop()
    await running
    assert repr(child) == "<Child test: None, 1 starts>"
    assert child.pid is None


async def test_a_child_says_how_it_is() -> None:
    """Before, while and after it runs."""
    changed = asyncio.Event()
    child = _child(SAYS_WHICH, changed)
    assert child.status == _status("it was not started yet", starts=0)
    running = asyncio.create_task(child.run())
    await _until(changed, lambda: child.ready)
    assert child.status == _status("", pid=child.pid, ready=True, generation=1)
    child.stop()
    await running
    why = "it ended with exit code -15"
    assert child.status == _status(why)


async def test_a_child_uses_the_newest_configuration_also_after_its_death() -> None:
    """It is told while it runs, and told again when it is started again."""
    changed = asyncio.Event()
    child = _child(SAYS_WHICH, changed)
    running = asyncio.create_task(child.run())
    await _until(changed, lambda: child.status.generation == 1)
    child.use(Generation(2, "F", "x" * 200_000))  # more than a pipe holds
    await _until(changed, lambda: child.status.generation == 2)
    pid = child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await _until(changed, lambda: child.starts == 2 and child.status.generation == 2)
    child.stop()
    await running


async def test_a_child_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    """As where the system has no process, no memory or no file left; here it has no program."""
    changed = asyncio.Event()
    program = tmp_path / "program"
    child = _child("", changed, str(program))
    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(child.run())
        while not logs:  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0)
    assert logs[0] == {
        "event": "a process is started again",
        "log_level": "error",
        "process": "test",
        "why": "it cannot be started: No such file or directory",
        "in_s": 0.001,
    }
    program.write_text(f"#!{sys.executable}\n{WAITS_FOR_PIPE}\n")
    program.chmod(0o700)
    await _until(changed, lambda: child.ready)
    child.stop()
    await running


async def test_a_child_that_dies_is_started_again() -> None:
    """As often as it takes, until it is told to stop."""
    changed = asyncio.Event()
    child = _child(DIES, changed)
    running = asyncio.create_task(child.run())
    await _until(changed, lambda: child.starts >= 3)
    child.stop()
    await running


async def test_a_child_that_does_not_stop_is_killed() -> None:
    """The second word is final."""
    changed = asyncio.Event()
    child = _child(IGNORES_SIGTERM, changed)
    running = asyncio.create_task(child.run())
    await _until(changed, lambda: child.ready)
    child.stop()
    done, _ = await asyncio.wait({running}, timeout=0.05)
    assert not done
    child.kill()
    await running


async def test_the_pipe_closes_with_the_supervisor() -> None:
    """A supervisor that is killed takes its child with it."""
    program = f"""
import asyncio, sys
from gateway.clock import SystemClock
from gateway.processes.child import Child
from gateway.processes.generation import Generation
async def main():
    child = Child("c", (sys.executable, "-c", {WAITS_FOR_PIPE!r}), clock=SystemClock(),
                  generation=Generation(1, "F", ""),
                  on_change=lambda: print(child.pid, flush=True) if child.ready else None)
    await child.run()
asyncio.run(main())
"""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout is not None
    pid = int(await supervisor.stdout.readline())
    supervisor.send_signal(signal.SIGKILL)
    await supervisor.wait()
    async with asyncio.timeout(60):
        while _is_alive(pid):  # noqa: ASYNC110 - a process of somebody else's has no event
            await asyncio.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - no file that could be a Path's
            return stat.read().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # The latter where it goes while it is read.
        return False


def test_restart_delays_double_and_end() -> None:
    """A process that ran for long begins anew."""
    delay = RestartDelay(base_s=1.0, max_s=5.0, stable_after_s=10.0)
    waits = [delay.after(ran_for_s=0.0) for _ in range(5)]
    assert waits == [1.0, 2.0, 4.0, 5.0, 5.0]
    assert delay.after(ran_for_s=10.0) == 1.0


@pytest.mark.parametrize("line", [b"hello\n", b"[]\n", b'{"colour": 1}\n', b"\xff\n", b"7\n"])
def test_a_line_that_is_no_report_is_an_error(line: bytes) -> None:
    """Whatever a library prints to standard output, the supervisor lives on."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        Report.parse(line)
