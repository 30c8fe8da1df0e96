"""Discovery over boto3, against the emulator's control plane."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from gateway import embedded
from gateway.clock import SystemClock
from gateway.config import DatasetGroup
from gateway.dataset_group import DatasetGroupFacts
from gateway.delivery.destination import Destination
from gateway.delivery.pending import Pending
from gateway.destinations import destinations
from gateway.discovery import Discovery, FactsCache, KnownDatasetGroups, Source, sources
from gateway.discovery.inquiry import Inquiry
from gateway.errors import LaneBlocked
from gateway.outbox.interface import Position, RecordRef
from gateway.personalize.call import Endpoint
from gateway.personalize.control_plane import BotoControlPlane, ControlPlaneSettings
from gateway.personalize.credentials import Credentials, CredentialSource
from gateway.personalize.emulator import Delays, Emulator, EmulatorConfig, Fault, SeedGroup
from gateway.personalize.emulator.lifecycle import Status
from gateway.personalize.emulator.resources import DatasetType
from gateway.records import Kind, Record
from tests.support.hurried_clock import HurriedClock

ROLE = "arn:aws:iam::123456789012:role/shop"


class _OnlyAs:
    """Has credentials for one role."""

    async def current(self, endpoint: Endpoint) -> Credentials:
        if endpoint.role_arn != ROLE:
            raise LaneBlocked("NoCredentials")
        return Credentials("emulator", "emulator")

    async def renewed(self, endpoint: Endpoint, refused: Credentials) -> Credentials:
        raise NotImplementedError


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A Personalize with the dataset group of the demo."""
    # No state passes by itself: a test says which there is.
    async with Emulator(EmulatorConfig(delays=Delays(*[86_400.0] * 4))) as started:
        started.seed(embedded.SEED)
        yield started


@asynccontextmanager
async def _control_plane(credentials: CredentialSource) -> AsyncIterator[BotoControlPlane]:
    plane = BotoControlPlane(credentials, ControlPlaneSettings(max_attempts=1))
    try:
        yield plane
    finally:
        await plane.close()


@pytest.fixture
async def control_plane(emulator: Emulator) -> AsyncIterator[BotoControlPlane]:
    """Asks the emulator, and tries nothing twice by itself."""
    async with _control_plane(embedded.credentials(emulator)) as plane:
        yield plane


def _by_arn(emulator: Emulator, name: str = "demo", url: str | None = None) -> DatasetGroup:
    """Return the configuration of a dataset group that states nothing but its ARN."""
    return DatasetGroup(
        arn=emulator.config.arn(f"dataset-group/{name}"), endpoint_url=url or emulator.url
    )


@asynccontextmanager
async def _discovering(
    control_plane: BotoControlPlane, found: Sequence[Source], cache: FactsCache | None = None
) -> AsyncIterator[Discovery]:
    discovery = Discovery(
        control_plane, found, refresh_s=10.0, clock=HurriedClock(), random=Random(1), cache=cache
    )
    running = asyncio.create_task(discovery.run())
    try:
        async with asyncio.timeout(60):
            await discovery.first_round.wait()
            yield discovery
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def _until(discovery: Discovery, status: str) -> DatasetGroupFacts:
    """Return the facts of the dataset group once its tracker has a status."""
    while True:
        (facts,) = discovery.facts.values()
        if facts.tracker and facts.tracker.status == status:
            return facts
        await asyncio.sleep(0.005)


def _targets(facts: DatasetGroupFacts) -> dict[Kind, str | None]:
    return {kind: facts.target(kind) for kind in Kind}


def _expected(emulator: Emulator, name: str = "demo") -> dict[Kind, str | None]:
    outline = emulator.dataset_group(name)
    return {
        Kind.EVENTS: outline.tracking_id,
        Kind.ACTION_INTERACTIONS: outline.action_tracking_id,
        Kind.ITEMS: outline.dataset_arns.get("ITEMS"),
        Kind.USERS: outline.dataset_arns.get("USERS"),
        Kind.ACTIONS: outline.dataset_arns.get("ACTIONS"),
    }


async def test_the_arn_is_enough(emulator: Emulator, control_plane: BotoControlPlane) -> None:
    """Tracking IDs, datasets, states and schemas are found."""
    groups = sources({"demo": _by_arn(emulator)})
    async with _discovering(control_plane, groups) as discovery:
        facts = discovery.facts["demo"]
    assert _targets(facts) == _expected(emulator)
    assert {facts.status(kind) for kind in Kind} == {"ACTIVE"}
    columns = {kind: len(schema.columns) for kind in Kind if (schema := facts.schema(kind))}
    seeded = embedded.SEED.schemas
    assert columns == {
        Kind.EVENTS: len(seeded[DatasetType.INTERACTIONS]["fields"]),
        Kind.ACTION_INTERACTIONS: len(seeded[DatasetType.ACTION_INTERACTIONS]["fields"]),
        Kind.ITEMS: len(seeded[DatasetType.ITEMS]["fields"]),
        Kind.USERS: len(seeded[DatasetType.USERS]["fields"]),
        Kind.ACTIONS: len(seeded[DatasetType.ACTIONS]["fields"]),
    }


@pytest.mark.parametrize("page_size", [1, 2, 100])
async def test_lists_come_in_pages(
    emulator: Emulator, control_plane: BotoControlPlane, page_size: int
) -> None:
    """Of any size."""
    (source,) = sources({"demo": _by_arn(emulator)})
    facts = await Inquiry(control_plane, source, page_size).ask(0.0)
    assert _targets(facts) == _expected(emulator)


async def test_throttling_only_delays(emulator: Emulator, control_plane: BotoControlPlane) -> None:
    """What was learnt before it is not asked again."""
    emulator.faults.add(Fault.model_validate({"operation": "DescribeDataset", "sequence": _SOME}))
    async with _discovering(control_plane, sources({"demo": _by_arn(emulator)})) as discovery:
        facts = await _until(discovery, "ACTIVE")
    assert _targets(facts) == _expected(emulator)


_SOME = ("normal", "throttle", "throttle", "503", "normal", "reset_before")


async def test_the_role_of_a_dataset_group_asks(emulator: Emulator) -> None:
    """And not the process itself, which may not."""
    stated = _by_arn(emulator)
    role = stated.model_copy(update={"role_arn": ROLE})
    async with _control_plane(_OnlyAs()) as plane:
        for group, known in ((stated, None), (role, True)):
            async with _discovering(plane, sources({"demo": group})) as discovery:
                assert discovery.facts["demo"].takes(Kind.ITEMS) is known


async def test_a_dataset_group_that_is_not_there_is_no_empty_one(
    emulator: Emulator, control_plane: BotoControlPlane
) -> None:
    """Its ARN may be mistyped: what it takes is not known."""
    groups = sources({"other": _by_arn(emulator, "other")})
    async with _discovering(control_plane, groups) as discovery:
        assert [discovery.facts["other"].takes(kind) for kind in Kind] == [None] * 5


async def test_events_wait_for_a_tracker_that_becomes_active(
    emulator: Emulator, control_plane: BotoControlPlane
) -> None:
    """There is none at first; then it is being created; then they are sent."""
    emulator.seed(embedded.SEED.model_copy(update={"name": "late", "event_tracker": False}))
    group = _by_arn(emulator, "late")
    groups, endpoint = {"late": group}, Endpoint(group.region, emulator.url)
    async with _discovering(control_plane, sources(groups)) as discovery:
        answers = [_events_answer(destinations(groups, discovery.facts)["late"])]
        created = await control_plane.perform(
            endpoint, "CreateEventTracker", name="late", datasetGroupArn=group.arn
        )
        emulator.force_status(created["eventTrackerArn"], Status.CREATE_PENDING)
        discovery.wanted("late")
        await _until(discovery, "CREATE PENDING")
        answers.append(_events_answer(destinations(groups, discovery.facts)["late"]))
        emulator.force_status(created["eventTrackerArn"], Status.ACTIVE)
        await _until(discovery, "ACTIVE")
        answers.append(_events_answer(destinations(groups, discovery.facts)["late"]))
    assert answers == ["NotConfigured", "TrackerNotActive", created["trackingId"]]


def _events_answer(destination: Destination) -> str | None:
    """Return the code for which no call of events may be made, or the tracking ID of one."""
    ref = RecordRef(Position((0, 0), 0, 0), 0)
    pending = Pending(ref, Record("a", b"{}", "session"), "web", "", 0.0)
    try:
        destination.call(Kind.EVENTS, [pending])
    except LaneBlocked as error:
        return error.code
    return destination.facts.target(Kind.EVENTS)


@pytest.fixture
def nowhere() -> Iterator[str]:
    """A URL where nobody listens, as long as the test runs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


async def test_without_aws_and_without_a_cache_nothing_is_known(
    emulator: Emulator, control_plane: BotoControlPlane, nowhere: str, tmp_path: Path
) -> None:
    """The first round ends all the same, for the ingest processes too."""
    groups = sources({"demo": _by_arn(emulator, url=nowhere)})
    cache = FactsCache(tmp_path, 1)
    known = KnownDatasetGroups(cache, groups, clock=SystemClock())
    async with _discovering(control_plane, groups, cache) as discovery:
        assert await known.first_round()
        assert known.facts == discovery.facts == {"demo": groups[0].configured}


async def test_without_aws_a_start_works_from_the_cache(
    emulator: Emulator, control_plane: BotoControlPlane, tmp_path: Path
) -> None:
    """Also that of an ingest process, which does not wait."""
    groups = sources({"demo": _by_arn(emulator)})
    async with _discovering(control_plane, groups, FactsCache(tmp_path, 1)) as discovery:
        learnt = discovery.facts
    await emulator.stop()
    cache = FactsCache(tmp_path, 2)
    known = KnownDatasetGroups(cache, groups, clock=SystemClock())
    assert (known.first_round_over, known.facts) == (True, learnt)
    async with _discovering(control_plane, groups, cache) as discovery:
        assert discovery.facts == learnt
    assert _targets(learnt["demo"])[Kind.EVENTS] is not None


async def test_ingest_learns_what_delivery_finds(
    emulator: Emulator, control_plane: BotoControlPlane, tmp_path: Path
) -> None:
    """At the first round, and with each change."""
    emulator.seed(SeedGroup(name="bare"))
    groups = sources({"bare": _by_arn(emulator, "bare")})
    known = KnownDatasetGroups(FactsCache(tmp_path, 1), groups, clock=HurriedClock())
    async with _discovering(control_plane, groups, FactsCache(tmp_path, 1)) as discovery:
        assert await known.first_round()
        first = known.facts["bare"]
        assert first.tracker is not None
        changed = asyncio.Event()
        watching = asyncio.create_task(known.watch(lambda _: changed.set()))
        emulator.force_status(first.tracker.arn, Status.DELETE_PENDING)
        facts = await _until(discovery, "DELETE PENDING")
        await changed.wait()
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    assert first == replace(facts, tracker=first.tracker)
    assert known.facts == {"bare": facts}
