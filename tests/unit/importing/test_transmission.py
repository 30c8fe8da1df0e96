import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, IngestRequest, IngestResponse

from gateway.importing.batch import Batch, batches
from gateway.importing.exchange import Exchange, Interrupted, Rejected
from gateway.importing.patience import Patience
from gateway.importing.row import Problem, Row
from gateway.importing.source import SourceError
from gateway.importing.transmission import MAX_UNDER_WAY, Transmission
from gateway.importing.window import Settled


def rows(marks: str) -> list[Row]:
    """Return a row for each character: a dot for one that is sent."""
    found = []
    for line, mark in enumerate(marks):
        record = IngestRecord()
        record.user.user_id = str(line)
        problem = Problem("", "MALFORMED_ROW", "")
        found.append(Row(line, (), record) if mark == "." else Row(line, (), problems=[problem]))
    return found


@dataclass
class Plan:
    """What one stream does.

    Attributes:
        requests: it takes so many and then breaks; None for all.
        unanswered: so many of them it does not acknowledge before it breaks.
        error: what it breaks with; None where it ends as if all were well.
    """

    requests: int | None = None
    unanswered: int = 0
    error: Exception | None = field(default_factory=lambda: Interrupted("broken"))


class Network:
    """Streams that behave as planned, and after those well."""

    def __init__(self, *plans: Plan) -> None:
        self._plans = iter(plans)
        self.stored: list[int] = []
        self.streams = 0
        self.open = 0
        self.most_unacknowledged = 0

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Exchange]:
        self.streams += 1
        self.open += 1
        try:
            yield _Stream(self, next(self._plans, Plan()))
        finally:
            self.open -= 1


class _Stream:
    def __init__(self, network: Network, plan: Plan) -> None:
        self._network = network
        self._plan = plan
        self._answers: asyncio.Queue[IngestResponse | Exception | None] = asyncio.Queue()
        self._taken: list[int] = []
        self._acknowledged = 0
        self._broken = False

    async def send(self, request: IngestRequest) -> None:
        await asyncio.sleep(0)
        if not self._broken and len(self._taken) == self._plan.requests:
            self._break()
        if self._broken:
            await asyncio.sleep(0)
            raise self._plan.error or Interrupted("ended")
        assert request.sequence > max(self._taken, default=0)
        self._taken.append(request.sequence)
        self._network.stored += [int(record.user.user_id) for record in request.records]
        waiting = len(self._taken) - self._acknowledged
        self._network.most_unacknowledged = max(self._network.most_unacknowledged, waiting)
        last = len(self._taken) - self._plan.unanswered
        if last > self._acknowledged:
            self._acknowledged = last
            answer = IngestResponse(acknowledged_sequence=self._taken[last - 1])
            self._answers.put_nowait(answer)

    async def end(self) -> None:
        if len(self._taken) == self._plan.requests:
            self._break()
            return
        if self._taken:
            self._answers.put_nowait(IngestResponse(acknowledged_sequence=self._taken[-1]))
        self._answers.put_nowait(None)

    async def receive(self) -> IngestResponse | None:
        answer = await self._answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _break(self) -> None:
        self._broken = True
        self._answers.put_nowait(self._plan.error)


class Import:
    """A transmission and what it told."""

    def __init__(self, network: Network, attempts: int = 3) -> None:
        self.rows = 0
        self.refused: list[int] = []
        self.pauses: list[str] = []
        self.slept_s: list[float] = []
        self._transmission = Transmission(
            network.connect,
            settled=self._settled,
            pausing=lambda error, _: self.pauses.append(str(error)),
            patience=Patience(attempts),
            random=Random(0),
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)

    async def send(self, found: Iterator[Batch]) -> None:
        await self._transmission.send(found)

    def _settled(self, one: Settled) -> None:
        self.rows += one.rows
        self.refused += [row.line for row, _ in one.refused]


plans = st.builds(
    Plan,
    requests=st.integers(0, 6),
    unanswered=st.integers(0, 6),
    error=st.sampled_from([Interrupted("broken"), None]),
)


@settings(max_examples=60)
@given(st.text("..x", max_size=60), st.integers(1, 4), st.lists(plans, max_size=5))
def test_every_row_is_settled_once_and_stored_whatever_breaks(
    marks: str, size: int, broken: list[Plan]
) -> None:
    """In the order of the file, with at least as many streams as broke."""
    network = Network(*broken)
    imported = Import(network, attempts=10)
    asyncio.run(imported.send(batches(rows(marks), "", size)))
    sent = [line for line, mark in enumerate(marks) if mark == "."]
    assert imported.rows == len(marks)
    assert imported.refused == [line for line, mark in enumerate(marks) if mark == "x"]
    assert sorted(set(network.stored)) == sent
    assert network.streams == len(imported.pauses) + 1
    assert network.open == 0


async def test_what_was_acknowledged_is_not_sent_again() -> None:
    """Only the rest goes on the next stream."""
    network = Network(Plan(requests=5, unanswered=2))
    imported = Import(network)
    await imported.send(batches(rows("." * 8), "", 1))
    assert network.stored == [0, 1, 2, 3, 4, 3, 4, 5, 6, 7]
    assert imported.pauses == ["broken"]


async def test_file_is_read_no_faster_than_is_acknowledged() -> None:
    """A gateway that stores nothing for a while is not flooded, and memory not filled."""
    network = Network(Plan(unanswered=1000, requests=MAX_UNDER_WAY), Plan())
    read: list[int] = []

    def noted() -> Iterator[Batch]:
        for batch in batches(rows("." * 100), "", 1):
            read.append(batch.sequence)
            yield batch

    imported = Import(network, attempts=1)
    sending = asyncio.create_task(imported.send(noted()))
    for _ in range(500):
        await asyncio.sleep(0)
    assert (len(read), network.most_unacknowledged) == (MAX_UNDER_WAY, MAX_UNDER_WAY)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert network.open == 0


async def test_streams_that_break_without_progress_end_the_import() -> None:
    """What was settled before stays told."""
    network = Network(Plan(requests=2), Plan(requests=0), Plan(requests=0))
    imported = Import(network)
    with pytest.raises(Interrupted, match="broken"):
        await imported.send(batches(rows("...."), "", 1))
    assert (imported.rows, network.streams, len(imported.slept_s)) == (2, 3, 2)


async def test_progress_renews_patience() -> None:
    """A long import survives more restarts than attempts are allowed in a row."""
    network = Network(*(Plan(requests=1) for _ in range(8)))
    imported = Import(network, attempts=2)
    await imported.send(batches(rows("." * 9), "", 1))
    assert (imported.rows, network.streams) == (9, 9)


async def test_wait_that_the_gateway_asks_for_is_kept() -> None:
    """RetryInfo is the least."""
    network = Network(Plan(requests=0, error=Interrupted("busy", retry_after_s=20.0)))
    imported = Import(network)
    await imported.send(batches(rows("."), "", 1))
    assert imported.slept_s == [20.0]


async def test_rejection_is_final() -> None:
    """Trying again would be answered the same."""
    network = Network(Plan(requests=1, error=Rejected("no route")))
    imported = Import(network)
    with pytest.raises(Rejected, match="no route"):
        await imported.send(batches(rows("..."), "", 1))
    assert (network.streams, network.open) == (1, 0)


async def test_file_that_fails_midway_ends_the_import() -> None:
    """The stream does not stay open behind it."""

    def failing() -> Iterator[Batch]:
        yield from batches(rows(".."), "", 1)
        raise SourceError("cannot be read")

    network = Network()
    imported = Import(network)
    with pytest.raises(SourceError, match="cannot be read"):
        await imported.send(failing())
    assert network.open == 0
