"""All scenarios, in the order in which they are played."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos import faults
from tests.chaos.clock import compiler
from tests.chaos.load import Settings
from tests.chaos.quota import CALLS_PER_S, quota
from tests.chaos.stand import Setup, Stand
from tests.chaos.wire import refuse_bad


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of fault.

    Attributes:
        title: what happens.
        seconds: how long it lasts, where nothing else is said.
        faults: makes the faults, and returns when it is time to look what came of it.
        load: what is sent meanwhile.
        faults_after: made when nothing more is sent, so that no newer update hides what they do to
            the last ones; None for none.
        setup: what it plays on.
    """

    name: str
    title: str
    seconds: float
    faults: Callable[[Stand], Awaitable[None]]
    load: Settings = field(default_factory=Settings)
    setup: Setup = field(default_factory=Setup)
    faults_after: Callable[[Stand], Awaitable[None]] | None = None

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be played here; None where it can."""
        if self.setup.own_clock and compiler() is None:
            return "it needs a C compiler (cc), for a clock that can be set"
        return None


SCENARIOS: Sequence[Scenario] = (
    Scenario(
        "kill-ingest",
        "ingest processes are killed",
        32,
        faults.kill_ingest,
        setup=Setup(workers=3),
    ),
    Scenario(
        "kill-delivery",
        "the delivery process is killed",
        18,
        faults.kill_delivery,
        load=Settings(updates_per_s=120),
        faults_after=faults.kill_delivery_with_the_last,
    ),
    Scenario(
        "kill-all",
        "all processes are killed, or the supervisor",
        30,
        faults.kill_all,
        load=Settings(updates_per_s=120),
    ),
    Scenario(
        "disk-full",
        "the outbox's disk is full, twice",
        8,
        faults.fill_the_disk,
        setup=Setup(small_disk=True),
    ),
    Scenario("outage", "Personalize hangs, and is gone", 8, faults.outage),
    Scenario("answers", "Personalize answers with errors, or not at all", 6, faults.answers),
    Scenario(
        "bad-records",
        "Personalize refuses one record in ten",
        5,
        faults.bad_records,
        load=Settings(bad_share=0.1),
        setup=Setup(judge=lambda _: refuse_bad),
    ),
    Scenario(
        "fewer-workers",
        "the gateway starts again with fewer workers and a backlog",
        6,
        faults.fewer_workers,
        setup=Setup(workers=3),
    ),
    Scenario(
        "clock",
        "the gateway's wall clock is set forward and back",
        9,
        faults.step_the_clock,
        setup=Setup(own_clock=True),
    ),
    Scenario(
        "poison",
        "a record kills the delivery process whenever it is sent",
        6,
        faults.poison,
        setup=Setup(judge=faults.killing),
    ),
    Scenario(
        "two-workers",
        "two connections to two workers update the same items",
        6,
        faults.repeated_answers,
        load=Settings(streams=1, stream_events_per_s=50, items=8, updates_per_s=200),
    ),
    Scenario(
        "quota",
        "500 callers update items at random against 10 calls/s",
        20,
        quota,
        load=Settings(streams=0, put_events_per_s=0, items=800, updates_per_s=250, callers=500),
        setup=Setup(items_per_s=CALLS_PER_S, quotas={"PutItems": CALLS_PER_S}),
    ),
)
