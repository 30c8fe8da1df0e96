"""The admin port: what the children tell reaches whoever asks."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from gateway.admin.collection import collected
from gateway.admin.numbers_server import NumbersServer, socket_of
from gateway.admin.readiness import ProcessState, Readiness, readiness
from gateway.admin.server import AdminServer
from gateway.telemetry import metrics
from gateway.telemetry.snapshot import Snapshot, merged

INGEST = ProcessState("ingest-0", 7, ready=True, starts=1, problem="", port=5, generation=1)
UNWRITABLE = ProcessState(
    "ingest-1", 8, ready=False, starts=1, problem="disk full", port=6, generation=1
)
DELIVERY = ProcessState(
    "delivery", None, ready=False, starts=3, problem="", port=None, generation=0
)


@dataclass
class Admin:
    """An admin port and what it is told."""

    found: Readiness = field(default_factory=lambda: readiness([INGEST], {}, stopping=False))
    numbers: Snapshot = field(default_factory=dict)
    url: str = ""

    async def readiness(self) -> Readiness:
        return self.found

    async def merged(self) -> Snapshot:
        return self.numbers

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def admin() -> AsyncIterator[Admin]:
    """Serve what a test sets."""
    served = Admin()
    server = AdminServer(served.readiness, served.merged)
    served.url = f"http://127.0.0.1:{await server.start('127.0.0.1:0')}"
    yield served
    await server.stop()


async def test_liveness_is_that_it_answers(admin: Admin) -> None:
    """Nothing else can make it fail."""
    assert await admin.get("/livez") == (200, "alive\n")


async def test_readiness_is_a_status_and_a_page(admin: Admin) -> None:
    """A probe reads the status, an operator the page."""
    assert (await admin.get("/readyz"))[0] == 200
    admin.found = readiness([INGEST, UNWRITABLE], {}, stopping=False)
    status, page = await admin.get("/readyz")
    assert status == 503
    assert '"problem": "disk full"' in page


async def test_metrics_are_those_of_all_processes(admin: Admin) -> None:
    """The process is the first label."""
    values: Snapshot = {metrics.OUTBOX_WRITABLE.name: {(): 1}}
    admin.numbers = merged({"ingest-0": values, "ingest-1": values})
    status, page = await admin.get("/metrics")
    assert status == 200
    shown = [line for line in page.splitlines() if line.startswith("gateway_outbox_writable")]
    assert shown == [
        'gateway_outbox_writable{process="ingest-0"} 1.0',
        'gateway_outbox_writable{process="ingest-1"} 1.0',
    ]


@pytest.mark.parametrize(
    ("processes", "stopping", "ready"),
    [
        ([INGEST, DELIVERY], False, True),
        ([INGEST, DELIVERY], True, False),
        ([INGEST, UNWRITABLE], False, False),
        ([DELIVERY], False, False),
    ],
)
def test_only_what_takes_requests_makes_ready(
    processes: list[ProcessState],
    stopping: bool,  # noqa: FBT001 - a parameter of the test
    ready: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A delivery process that starts again takes nothing from readiness."""
    assert readiness(processes, {}, stopping=stopping).ready is ready


def test_lanes_that_do_not_flow_are_named() -> None:
    """They degrade their lane and leave the gateway ready."""
    states: Mapping[tuple[str, ...], float] = {
        ("shop", "events", "flowing", ""): 1,
        ("shop", "items", "parked", "AccessDeniedException"): 1,
        ("shop", "users", "paused", ""): 0,
    }
    found = readiness([INGEST], {"delivery": {metrics.LANE_STATE.name: states}}, stopping=False)
    assert found.ready
    assert found.degraded_lanes == (
        {"lane": "shop/items", "state": "parked", "reason": "AccessDeniedException"},
    )


async def test_a_child_that_does_not_answer_is_left_out(tmp_path: Path) -> None:
    """Whoever asks sees the others, with gauges as they are at that moment."""

    async def observe() -> None:
        metrics.OUTBOX_WRITABLE.set(1)

    metrics.OUTBOX_WRITABLE.replace([])
    child = NumbersServer(socket_of(tmp_path, "ingest-0"), observe)
    await child.start()
    found = await collected(tmp_path, ["ingest-0", "delivery"], 60.0)
    assert {name: values[metrics.OUTBOX_WRITABLE.name] for name, values in found.items()} == {
        "ingest-0": {(): 1}
    }
    assert socket_of(tmp_path, "ingest-0").stat().st_mode & 0o777 == 0o600
    await child.stop()
    assert await collected(tmp_path, ["ingest-0", "delivery"], 60.0) == {}
