"""The supervisor's view of its children, and which configuration they are to use."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import structlog

from gateway.admin.readiness import ProcessState
from gateway.clock import SystemClock
from gateway.processes.generation import Generation
from gateway.processes.report import Report
from gateway.processes.supervisor import Supervisor
from tests.support.configurations import WITHOUT_FILES

FIRST = Generation(1, "F", WITHOUT_FILES.replace("127.0.0.1:50051", "127.0.0.1:0"))
SECOND = replace(FIRST, number=2, text=FIRST.text.replace("linger: 20ms", "linger: 50ms"))


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    """One that follows what its children say, but starts none."""
    found = Supervisor(FIRST.config({}), FIRST, workers=1, clock=SystemClock())
    following = asyncio.create_task(found._follow_generations())
    yield found
    following.cancel()
    await asyncio.wait([following])
    found._socket.close()


async def _said(supervisor: Supervisor, **reports: Report) -> None:
    for child in supervisor.children:
        child._set_report(reports[child.name.partition("-")[0]])
    for _ in range(3):
        await asyncio.sleep(0)


async def test_its_status_is_that_of_its_children(supervisor: Supervisor) -> None:
    """Ingest processes first."""
    full = Report(port=7, healthy=False, problem="disk full", generation=1)
    await _said(supervisor, ingest=full, delivery=Report(generation=1))
    assert supervisor.status() == (
        ProcessState(
            "ingest-0", None, ready=False, starts=0, problem="disk full", port=7, generation=1
        ),
        ProcessState("delivery", None, ready=True, starts=0, problem="", port=None, generation=1),
    )


async def test_it_says_when_all_use_a_configuration(supervisor: Supervisor) -> None:
    """Once."""
    used = {"event": "all processes use the configuration", "log_level": "info"}
    with structlog.testing.capture_logs() as logs:
        await _said(supervisor, ingest=Report(7, generation=1), delivery=Report(generation=1))
        supervisor.use(SECOND)
        await _said(supervisor, ingest=Report(7, generation=2), delivery=Report(generation=1))
        assert logs == [{**used, "generation": 1}]
        await _said(supervisor, ingest=Report(7, generation=2), delivery=Report(generation=2))
        await _said(supervisor, ingest=Report(8, generation=2), delivery=Report(generation=2))
    assert logs == [{**used, "generation": 1}, {**used, "generation": 2}]


async def test_what_a_child_cannot_use_is_taken_back_everywhere(supervisor: Supervisor) -> None:
    """All use the one before again, under a number of its own."""
    supervisor.use(SECOND)
    refused = Report(7, generation=1, refused=2)
    await _said(supervisor, ingest=refused, delivery=Report(generation=2))
    assert supervisor.generation == replace(FIRST, number=3)
    await _said(supervisor, ingest=refused, delivery=Report(generation=2))
    assert supervisor.generation == replace(FIRST, number=3)


async def test_a_configuration_that_was_there_before_is_not_taken_back(
    supervisor: Supervisor,
) -> None:
    """It was read again for what it refers to; a child that cannot use that keeps what it had."""
    again = replace(FIRST, number=2)
    supervisor.use(again)
    await _said(supervisor, ingest=Report(7, generation=1, refused=2), delivery=Report())
    assert supervisor.generation == again
