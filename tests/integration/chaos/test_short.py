"""The short form of `make chaos`: a few kills, and whether the harness would see a loss."""

import shutil

from tests.chaos.kills import delivery_of, ingest_of, kill_one, kill_whole, pause
from tests.chaos.load import Settings
from tests.chaos.playing import play
from tests.chaos.scenarios import Scenario
from tests.chaos.stand import Setup, Stand
from tests.support.served import until

LOAD = Settings(streams=2, stream_events_per_s=200.0, put_events_per_s=40.0, items=12)


async def _accepted(stand: Stand) -> None:
    """Wait until an event is accepted that is sent from now on; nothing supersedes an event."""
    before = frozenset(stand.ledger.sent)
    await until(lambda: any(isinstance(one, str) for one in stand.ledger.accepted - before))


async def _kills(stand: Stand) -> None:
    await _accepted(stand)
    await pause(stand, 0.5, 1.0)
    await kill_one(stand, "delivery", delivery_of)
    await pause(stand, 0.3, 1.0)
    await kill_one(stand, "ingest", ingest_of)
    await pause(stand, 0.3, 1.0)
    await kill_whole(stand, supervisor_alone=True)
    await pause(stand, 0.5, 1.0)


async def _loss(stand: Stand) -> None:
    """Lose a backlog, as no gateway may."""
    await stand.emulator.set_fault(answer="503")
    await _accepted(stand)
    await stand.gateway.kill(supervisor_alone=False)
    shutil.rmtree(stand.gateway.configuration.outbox)
    await stand.gateway.start()
    await stand.emulator.clear_faults()


async def test_kills_lose_nothing() -> None:
    """All that was accepted is in the emulator, and no item's updates in the wrong order."""
    scenario = Scenario("short", "each kind of process is killed", 5, _kills, load=LOAD)
    report = await play(scenario)
    assert report.failures == []
    assert report.kills == {"delivery": 1, "ingest": 1, "all": 1}
    assert report.audit is not None
    assert report.audit.delivered + report.audit.superseded == report.audit.accepted > 0


async def test_a_loss_is_seen() -> None:
    """A gateway whose outbox is removed fails the scenario."""
    scenario = Scenario("loss", "the outbox is removed", 1, _loss, LOAD, Setup(workers=1))
    report = await play(scenario, settle_s=0.1)
    assert report.audit is not None
    assert len(report.audit.lost) > 0
    assert [failure for failure in report.failures if "lost" in failure]
