"""A lane against a model: what Personalize has of an ID never gets older, and nothing is lost."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from gateway.delivery.journal import RefKey, key
from gateway.delivery.lane import LaneState
from gateway.delivery.open_time import OpenTime
from gateway.delivery.pace import Pace, PaceSettings
from gateway.delivery.pending import Batch
from gateway.delivery.queues import queue_of
from gateway.delivery.quota import Quota
from gateway.delivery.refusals import Refusals, RefusalSettings
from gateway.delivery.results import outcome_unknown
from gateway.delivery.steps import LaneLimits, LookAhead, Read, Send
from gateway.errors import CallFailed, CallRefused, CallThrottled, LaneBlocked
from gateway.outbox.interface import Position, RecordRef, Settlement, StoredChunk
from gateway.records import Chunk, Kind, Lane, Origin, Record

HOLD_S = 10.0
LONG_S = 3600.0
ERRORS = [
    CallFailed("InternalServerException", ""),
    CallFailed("no answer", "", outcome_unknown=True),
    CallThrottled("ThrottlingException", "", retry_after_s=None),
    LaneBlocked("AccessDeniedException", ""),
    RuntimeError("a fault"),
]


# Mostly one ID, no error and nothing bad: what is of interest takes several steps in a row.
ID = st.sampled_from("xxxy")
BAD = st.sampled_from([set(), set(), set(), {0}])
TAKEN = st.sampled_from(["now", "later", "never"])
ERROR = st.sampled_from([None, None, None, *ERRORS])


@dataclass
class Stored:
    """A chunk as the outbox has it; `bad` are the records that Personalize refuses."""

    chunk: Chunk
    bad: frozenset[int]
    settled: set[int] = field(default_factory=set)


@dataclass
class Letter:
    """A dead letter; one that is replayed stays until the replay is settled."""

    record: Record
    origin: Origin
    superseded: bool = False
    replayed: bool = False


@dataclass
class Noted:
    """What the journal has of a call, until what became of its records is settled.

    Attributes:
        until_s: of one whose outcome is unknown: until then it may still be taken.
    """

    batch: Batch
    until_s: float | None = None


class LaneMachine(RuleBasedStateMachine):
    """Accepts, replays, reads, sends, answers, settles late, and crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.stored: list[Stored] = []
        self.letters: dict[str, Letter] = {}
        self.applied: dict[str, list[Origin]] = {}
        self.sent: dict[str, set[Origin]] = {}
        self.late: list[tuple[float, Batch]] = []
        self.suspects: dict[RefKey, int] = {}
        self.flying: list[Noted] = []
        self.held: list[Noted] = []
        self.unsettled: list[tuple[Noted | None, list[Settlement]]] = []
        self.restart()

    def restart(self) -> None:
        """Begin anew with what is settled, and with what the journal has."""
        self.suspects |= {one: self.suspects.get(one, 0) for one in _refs(self.held)}
        noted = [*self.flying, *(one for one, _ in self.unsettled if one is not None)]
        self.suspects |= {one: self.suspects.get(one, 0) + 1 for one in _refs(noted)}
        self.flying, self.held, self.unsettled = [], [], []
        self.lane = LaneState(
            queue_of(Kind.ITEMS, linger_s=0.0),
            Quota(1e6, now_s=self.now_s - 1),
            Pace(PaceSettings(max_in_flight=3), Random(1)),
            Refusals(RefusalSettings(max_share=2.0)),
            OpenTime(0, now_s=self.now_s),
            LaneLimits(LookAhead(records=6), max_age_s=1e12, unknown_hold_s=HOLD_S),
            suspects=self.suspects,
        )

    @rule(record_id=ID)
    def accept_dead(self, record_id: str) -> None:
        """A record is a dead letter already, of a time before this."""
        self.accept([record_id], set())
        row = len(self.stored) - 1
        self.stored[row].settled.add(0)
        self.letters[f"{row}-0"] = Letter(Record(record_id, b"{}"), Origin(0, row, 0, row, 0))

    @rule(ids=st.lists(ID, min_size=1, max_size=2), bad=BAD)
    def accept(self, ids: list[str], bad: set[int]) -> None:
        records = tuple(Record(one, b"{}") for one in ids)
        chunk = Chunk(Lane("shop", Kind.ITEMS), "web", "route", records)
        self.stored.append(Stored(chunk, frozenset(bad)))
        self.lane.appended()

    @rule(data=st.data(), bad=BAD)
    def replay(self, data: st.DataObject, bad: set[int]) -> None:
        """Append what is a dead letter again; it may have been mended."""
        chosen = [
            name for name, one in self.letters.items() if not one.superseded and not one.replayed
        ]
        if not chosen:
            return
        name = data.draw(st.sampled_from(chosen))
        letter = self.letters[name]
        letter.replayed = True
        chunk = Chunk(
            Lane("shop", Kind.ITEMS), "web", "route", (letter.record,), "", letter.origin, name
        )
        self.stored.append(Stored(chunk, frozenset(bad)))
        self.lane.appended()

    @rule(steps=st.integers(1, 8))
    def act(self, steps: int) -> None:
        """Do what the lane wants done."""
        for _ in range(steps):
            match self.lane.next_step(self.now_s):
                case Read(after, max_records, _):
                    chunks = self.chunks(after.row + 1 if after else 0, max_records)
                    self.unsettled.append((None, self.lane.add(chunks, self.now_s)))
                case Send(batch):
                    self.send(Noted(batch))
                case _:
                    return

    def send(self, noted: Noted) -> None:
        assert self.unnoted_ids().isdisjoint(one.record_id for one in noted.batch), (
            "of an ID nothing is sent before it is noted what became of the record before"
        )
        self.held = [one for one in self.held if (one.until_s or 0.0) > self.now_s]
        self.flying.append(noted)
        ids = [one.record_id for sent in self.flying for one in sent.batch]
        assert len(set(ids)) == len(ids), "an ID is in one call at a time"
        for one in noted.batch:
            self.sent.setdefault(one.record_id, set()).add(one.accepted_at)

    def chunks(self, first: int, max_records: int) -> list[StoredChunk]:
        found: list[StoredChunk] = []
        for row, one in enumerate(self.stored[first:], first):
            if len(one.settled) == len(one.chunk.records):
                continue
            max_records -= len(one.chunk.records)
            if found and max_records < 0:
                break
            chunk = one.chunk
            old = chunk.origin is not None and self.letters[chunk.dead_letter_id].superseded
            position = Position((0, row), 0, row)
            found.append(StoredChunk(position, chunk, frozenset(one.settled), old))
        return found

    @rule(data=st.data(), error=ERROR, taken=TAKEN)
    def answer(self, data: st.DataObject, error: Exception | None, taken: str) -> None:
        """End a call; one of unknown outcome may have been taken, or be taken yet."""
        if not self.flying:
            return
        noted = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        refused = self.refused_of(noted.batch)
        if refused and (error is None or taken == "now"):
            error = CallRefused("InvalidInputException", "")
        if error is None:
            self.apply(noted.batch)
        if outcome_unknown(error):
            self.abandon(noted.batch, taken)
            self.held.append(Noted(noted.batch, self.now_s + HOLD_S))
        self.unsettled.append((noted, self.lane.finished(noted.batch, error, self.now_s)))
        self.forget_unless_settled()

    def abandon(self, batch: Batch, taken: str) -> None:
        """Leave a call without an answer."""
        if taken == "never" or self.refused_of(batch):
            return
        self.late.append((self.now_s + HOLD_S, batch))
        if taken == "now":
            self.land()

    @rule()
    def land(self) -> None:
        """Personalize takes what was sent last of what it was given no answer for."""
        if self.late:
            self.apply(self.late.pop()[1])

    def forget_unless_settled(self) -> None:
        """Strike out of the journal at once what there is nothing to note of."""
        for number in reversed(range(len(self.unsettled))):
            if not self.unsettled[number][1]:
                self.settle_one(number)

    def refused_of(self, batch: Batch) -> bool:
        return any(
            pending.ref.index in self.stored[pending.ref.position.row].bad for pending in batch
        )

    def apply(self, batch: Batch) -> None:
        for pending in batch:
            of_id = self.applied.setdefault(pending.record_id, [])
            assert not of_id or pending.accepted_at >= max(of_id), "Personalize has a newer one"
            of_id.append(pending.accepted_at)

    @rule(settles=st.booleans())
    def answer_all(self, *, settles: bool) -> None:
        """End all calls well, as far as their records are good."""
        while self.flying:
            noted = self.flying.pop()
            batch = noted.batch
            error = CallRefused("InvalidInputException", "") if self.refused_of(batch) else None
            if error is None:
                self.apply(batch)
            self.unsettled.append((noted, self.lane.finished(batch, error, self.now_s)))
        self.forget_unless_settled()
        while settles and self.unsettled:
            self.settle_one(0)

    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        """Note something that was decided; what was decided before it may fail to be, and wait."""
        if self.unsettled:
            self.settle_one(data.draw(st.integers(0, len(self.unsettled) - 1)))

    def settle_one(self, number: int) -> None:
        noted, settlements = self.unsettled.pop(number)
        for settlement in settlements:
            self.note(settlement)
        if noted is not None:
            self.lane.noted(noted.batch)

    def note(self, settlement: Settlement) -> None:
        ref = settlement.record
        stored = self.stored[ref.position.row]
        assert ref.index not in stored.settled, "a record is settled once"
        stored.settled.add(ref.index)
        record, origin = stored.chunk.records[ref.index], self.origin_of(ref)
        if stored.chunk.origin is not None:
            del self.letters[stored.chunk.dead_letter_id]
        newer = [one for one in self.sent.get(record.record_id, ()) if one > origin]
        if settlement.dead_letter is not None:
            self.letters[f"{ref.position.row}-{ref.index}"] = Letter(record, origin)
        elif settlement.superseded:
            assert newer, "it is superseded by one that Personalize may have"
        else:
            assert origin in self.applied[record.record_id]
            for letter in self.letters.values():
                same = letter.record.record_id == record.record_id
                letter.superseded |= same and letter.origin[:2] < origin[:2]

    def unnoted_ids(self) -> set[str]:
        """Return the IDs of records that calls made final, as far as that is not noted yet."""
        refs = [one.record for noted, decided in self.unsettled if noted for one in decided]
        return {self.stored[ref.position.row].chunk.records[ref.index].record_id for ref in refs}

    def origin_of(self, ref: RecordRef) -> Origin:
        row = ref.position.row
        return self.stored[row].chunk.origin or Origin(0, row, 0, row, ref.index)

    @rule(long=st.booleans())
    def wait(self, *, long: bool) -> None:
        self.now_s += LONG_S if long else HOLD_S / 2
        for until_s, batch in self.late:  # At the last moment.
            if until_s < self.now_s:
                self.apply(batch)
        self.late = [(until_s, batch) for until_s, batch in self.late if until_s >= self.now_s]

    @rule(taken=TAKEN, often=st.integers(0, 3))
    def crash(self, often: int, taken: str) -> None:
        """What was decided and not noted is forgotten, and calls under way are abandoned."""
        if not often:
            for noted in self.flying:
                self.abandon(noted.batch, taken)
            self.restart()

    def teardown(self) -> None:
        """Let all calls be answered: everything is settled in the end, and the lane holds nothing.

        A record that was refused is a dead letter then, so this takes a bounded number of calls.
        """
        for _ in range(20 * len(self.stored) + 20):
            self.lane.resume(self.now_s)  # As an operator does where too many were refused.
            self.act(1)
            self.answer_all(settles=True)
            self.wait(long=True)
        assert all(len(one.settled) == len(one.chunk.records) for one in self.stored)
        assert self.lane.status().records_ahead == 0


def _refs(calls: Iterable[Noted]) -> list[RefKey]:
    return [key(pending.ref) for noted in calls for pending in noted.batch]


TestLane = LaneMachine.TestCase
TestLane.settings = settings(
    max_examples=150,
    stateful_step_count=50,
    phases=[phase for phase in Phase if phase is not Phase.shrink],  # That would take minutes.
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
