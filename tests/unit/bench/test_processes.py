import os
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from bench.processes import children, cpu_us, memory_mib, started
from bench.sdk_costs import SdkCosts


def burn() -> None:
    """Use some CPU time."""
    sum(range(1_000_000))


def test_cpu_time_counts_threads_that_have_ended() -> None:
    """What a thread has used stays counted when it is gone."""
    before_us, before_s = cpu_us(os.getpid()), time.process_time()
    thread = Thread(target=burn)
    thread.start()
    thread.join()
    used_s = time.process_time() - before_s
    assert cpu_us(os.getpid()) - before_us >= used_s * 1e6 > 0


def test_cpu_time_of_nobody_is_an_error() -> None:
    """A process that has ended does not count as one that does nothing."""
    with pytest.raises(OSError, match="Invalid argument"):
        cpu_us(2**22)


async def test_process_is_on_its_core_until_the_block_ends(tmp_path: Path) -> None:
    """It is the command itself that is pinned, with its input and output."""
    core = min(os.sched_getaffinity(0))
    code = "import os, sys; print(os.sched_getaffinity(0), file=sys.stderr); input()"
    async with started(sys.executable, "-c", code, core=core, log=tmp_path / "log") as process:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        await process.wait()
    assert (tmp_path / "log").read_text() == f"{{{core}}}\n"


async def test_children_are_found_by_a_word() -> None:
    """A word of a command line is a whole argument."""
    code = "print(flush=True); input()"
    core = min(os.sched_getaffinity(0))
    async with started(sys.executable, "-c", code, "60", core=core) as process:
        assert process.stdout is not None
        await process.stdout.readline()  # until then the command line is not yet its own
        assert process.pid in children(os.getpid(), "60")
        assert process.pid in children(os.getpid())
        assert process.pid not in children(os.getpid(), "6")


def test_memory_is_told_in_mib() -> None:
    """This process has some, and a peak that is no less."""
    memory = memory_mib(os.getpid())
    assert 1 < memory.pss <= memory.rss <= memory.peak_rss


def test_events_go_by_the_sdk_in_full_calls_and_one_by_one() -> None:
    """A call takes ten events at most."""
    costs = SdkCosts(
        {("boto3", 1): 800, ("boto3", 10): 1000, ("aiobotocore", 1): 600, ("aiobotocore", 10): 700}
    )
    assert dict(costs.of(1)) == {"boto3": 800, "aiobotocore": 600}
    assert dict(costs.of(100)) == {
        "boto3": 10_000,
        "boto3, one event a call": 80_000,
        "aiobotocore": 7_000,
        "aiobotocore, one event a call": 60_000,
    }
