"""How much each caller of a route may send."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import SystemClock
from gateway.config import Route
from gateway.records import Chunk, Kind, Lane, Record
from gateway.routing.errors import CallerLimitReached
from gateway.routing.ledger import Ledger, MemoryLedger
from gateway.routing.limits import Limits
from gateway.routing.shared_ledger import SharedLedger

BOOTED_S = 1_000_000.0
RECORD = Record("i1", b"x" * 100)


class Clock(SystemClock):
    """A clock that stands until it is moved."""

    now_s = BOOTED_S

    def monotonic(self) -> float:
        return self.now_s


def route(name: str = "web", **limit: Any) -> Route:
    """Return a route with a limit."""
    return Route.model_validate(
        {"name": name, "callers": ["*"], "dataset_group": "shop", "limit": limit}
    )


def chunk(records: int, caller: str = "a", route: str = "web", kind: Kind = Kind.EVENTS) -> Chunk:
    """Return a chunk of records of 100 bytes."""
    return Chunk(Lane("shop", kind), caller, route, (RECORD,) * records)


def refused(limits: Limits, *chunks: Chunk) -> tuple[str, str, float]:
    """Return the message, the limit and the wait that a request is refused with."""
    with pytest.raises(CallerLimitReached) as caught:
        limits.admit(chunks)
    return str(caught.value), caught.value.limit, caught.value.retry_after_s


@pytest.fixture(params=["memory", "shared"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Both kinds."""
    if request.param == "memory":
        yield MemoryLedger()
        return
    SharedLedger.create(tmp_path / "ledger", slots=2)
    shared = SharedLedger.open(tmp_path / "ledger", 1)
    yield shared
    shared.close()


def test_a_burst_and_then_the_rate(ledger: Ledger) -> None:
    """The wait that is told is the one after which it is admitted."""
    clock = Clock()
    limits = Limits([route(records_per_s=100, burst=50)], ledger, clock)
    for records in (20, 30):
        limits.admit([chunk(records)])
    message, limit, wait_s = refused(limits, chunk(10))
    assert (message, limit) == (
        "caller 'a' has reached the limit of route 'web': 100 records a second",
        "records_per_s",
    )
    assert wait_s == pytest.approx(0.1, abs=1e-3)
    clock.now_s += 0.1
    limits.admit([chunk(10)])
    clock.now_s += 3600
    limits.admit([chunk(50)])
    assert refused(limits, chunk(1))[1] == "records_per_s"


def test_what_is_larger_than_the_burst_passes_once_the_bucket_is_full(ledger: Ledger) -> None:
    """And leaves a debt."""
    clock = Clock()
    limits = Limits([route(records_per_s=100, burst=50)], ledger, clock)
    limits.admit([chunk(1)])
    assert refused(limits, chunk(500))[2] == pytest.approx(0.01, abs=1e-3)
    clock.now_s += 0.01
    limits.admit([chunk(500)])
    assert refused(limits, chunk(1))[2] == pytest.approx(4.51, abs=1e-3)


def test_bytes_in_flight_are_held_until_they_are_answered(ledger: Ledger) -> None:
    """Twice answered is answered once; what is larger than the limit passes by itself."""
    limits = Limits([route(in_flight_bytes="1KiB")], ledger, Clock())
    first, second = limits.admit([chunk(5)]), limits.admit([chunk(5)])
    assert refused(limits, chunk(1)) == (
        "caller 'a' has reached the limit of route 'web': 1024 bytes that are not yet answered",
        "in_flight_bytes",
        0.05,
    )
    first.release()
    first.release()
    assert refused(limits, chunk(6))[1] == "in_flight_bytes"
    second.release()
    limits.admit([chunk(500)])
    assert refused(limits, chunk(1))[1] == "in_flight_bytes"


def test_what_was_not_admitted_after_all_counts_for_nothing(ledger: Ledger) -> None:
    """Neither its records nor its bytes."""
    limits = Limits([route(records_per_s=100, burst=50, in_flight_bytes="5KiB")], ledger, Clock())
    limits.admit([chunk(50)]).undo()
    limits.admit([chunk(50)])
    assert refused(limits, chunk(1))[1] == "records_per_s"


def test_each_caller_has_its_own_of_each_route(ledger: Ledger) -> None:
    """A route without a limit has none."""
    routes = [route("web", records_per_s=10), route("app", records_per_s=10), route("free")]
    limits = Limits(routes, ledger, Clock())
    for caller in ("a", "b"):
        for name in ("web", "app"):
            limits.admit([chunk(10, caller, name)])
            assert refused(limits, chunk(1, caller, name))[1] == "records_per_s"
        limits.admit([chunk(1000, caller, "free")])


def test_a_request_by_several_routes_is_admitted_whole_or_not_at_all(ledger: Ledger) -> None:
    """What goes by one route counts together, of whatever kinds it is."""
    limits = Limits(
        [route("web", records_per_s=10), route("app", records_per_s=5)], ledger, Clock()
    )
    limits.admit([chunk(1, route="app")])
    refused(limits, chunk(10), chunk(2, route="app"), chunk(3, route="app", kind=Kind.ITEMS))
    limits.admit([chunk(10), chunk(2, route="app"), chunk(2, route="app", kind=Kind.ITEMS)])
    assert refused(limits, chunk(1))[1] == "records_per_s"


def test_a_limit_that_changes_begins_anew(ledger: Ledger) -> None:
    """In both directions; one that stays the same goes on."""
    clock = Clock()
    limits = Limits([route(records_per_s=1000, burst=10)], ledger, clock)
    limits.admit([chunk(10)])
    limits.replace([route(records_per_s=1, burst=10)])
    limits.admit([chunk(10)])
    limits.replace([route(records_per_s=1, burst=10), route("other")])
    assert refused(limits, chunk(1))[2] == pytest.approx(1.0, abs=0.01)
    limits.replace([])
    limits.admit([chunk(1000)])


def test_limits_show_what_they_limit() -> None:
    """For logs and debuggers."""
    assert repr(Limits([route(), route("app", records_per_s=1)])) == "<Limits of ['app']>"


RATE, BURST, LARGEST = 10.0, 20.0, 50


@given(
    st.lists(
        st.tuples(
            st.floats(0, 3, allow_nan=False),
            st.integers(0, 2),
            st.integers(1, LARGEST),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_several_processes_never_admit_more_and_never_starve_a_caller(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[float, int, int, bool]]
) -> None:
    """In any time, no more than the burst and the rate allow; whoever waits as told is admitted."""
    path = tmp_path_factory.mktemp("limits") / "ledger"
    SharedLedger.create(path, slots=3)
    clock, admitted = Clock(), []
    ledgers = [SharedLedger.open(path, slot) for slot in range(3)]
    processes = [Limits([route(records_per_s=RATE, burst=20)], one, clock) for one in ledgers]
    for pause_s, process, records, waits in steps:
        clock.now_s += pause_s
        try:
            processes[process].admit([chunk(records)])
        except CallerLimitReached as error:
            if not waits:
                continue
            clock.now_s += error.retry_after_s
            processes[(process + 1) % 3].admit([chunk(records)])
        admitted.append((clock.now_s, records))
    for one in ledgers:
        one.close()
    for start, (since_s, _) in enumerate(admitted):
        total = 0
        for at_s, records in admitted[start:]:
            total += records
            most = BURST + RATE * (at_s - since_s)
            # One that is larger than the burst leaves a debt, which those after it wait for.
            assert total <= most + max(0, records - BURST) + 0.1
