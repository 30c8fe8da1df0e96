"""What a lane decides."""

from collections import defaultdict
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.delivery.journal import SUSPECTED_TOGETHER, RefKey, key
from gateway.delivery.lane import MAX_CRASHES, LaneState
from gateway.delivery.open_time import OpenTime
from gateway.delivery.pace import Pace, PaceSettings
from gateway.delivery.pending import Batch
from gateway.delivery.queues import Queue, queue_of
from gateway.delivery.quota import Quota
from gateway.delivery.refusals import Refusals, RefusalSettings
from gateway.delivery.results import MAX_UNFORESEEN, outcome_unknown
from gateway.delivery.room import Room
from gateway.delivery.steps import LaneLimits, LookAhead, Read, Send, Wait
from gateway.errors import CallFailed, CallRefused, CallThrottled, LaneBlocked
from gateway.outbox.interface import (
    DeadLetterCause,
    DeadLetterReason,
    Position,
    RecordRef,
    Settlement,
    StoredChunk,
)
from gateway.records import Chunk, Kind, Lane, Record

HOLD_S = 10.0
MAX_AGE_S = 1_000_000.0


def _lane(
    kind: Kind = Kind.ITEMS,
    look_ahead: LookAhead | None = None,
    max_age_s: float = MAX_AGE_S,
) -> LaneState:
    return _lane_with(queue_of(kind, linger_s=0.0), look_ahead, max_age_s=max_age_s)


def _lane_with(
    queue: Queue,
    look_ahead: LookAhead | None = None,
    suspects: Mapping[RefKey, int] | None = None,
    room: Room | None = None,
    *,
    max_age_s: float = MAX_AGE_S,
) -> LaneState:
    return LaneState(
        queue,
        Quota(1e6, now_s=-1.0),
        Pace(PaceSettings(max_in_flight=2), Random(1)),
        Refusals(RefusalSettings(max_share=0.5, of_records=10, careful_for_calls=2)),
        OpenTime(0, now_s=0.0),
        LaneLimits(look_ahead or LookAhead(), max_age_s=max_age_s, unknown_hold_s=HOLD_S),
        suspects=suspects,
        room=room,
    )


def _stored(row: int, *ids: str, settled: frozenset[int] = frozenset()) -> StoredChunk:
    records = tuple(Record(record_id, f"{record_id}@{row}".encode(), "s") for record_id in ids)
    chunk = Chunk(Lane("shop", Kind.ITEMS), "web", "storefront", records)
    return StoredChunk(Position((0, row), 0, row), chunk, settled)


def _refs(batch: Batch) -> list[tuple[int, int]]:
    return [(pending.ref.position.row, pending.ref.index) for pending in batch]


def _ref(row: int, index: int = 0) -> RecordRef:
    return RecordRef(Position((0, row), 0, row), index)


def _send(lane: LaneState, now_s: float) -> Batch:
    """Read nothing more and return the batch that the lane sends now."""
    step = lane.next_step(now_s)
    if isinstance(step, Read):
        lane.add([], now_s)
        step = lane.next_step(now_s)
    assert isinstance(step, Send), step
    return step.batch


def test_what_is_appended_while_it_reads_is_looked_for() -> None:
    """The read may have looked before."""
    lane = _lane()
    assert isinstance(lane.next_step(0.0), Read)
    lane.appended()
    lane.add([], 0.0)
    assert isinstance(lane.next_step(0.0), Read)
    lane.add([], 0.0)
    assert lane.next_step(0.0) == Wait(None)


def test_it_reads_until_there_is_no_more_and_again_when_told() -> None:
    """Reading goes on after the last chunk; news start it again."""
    lane = _lane()
    assert lane.next_step(0.0) == Read(None, 2000, 64 * 1024 * 1024)
    lane.add([_stored(1, "a"), _stored(2, "b")], 0.0)
    step = lane.next_step(0.0)
    assert isinstance(step, Read)
    assert step.after == Position((0, 2), 0, 2)
    lane.add([], 0.0)
    assert isinstance(lane.next_step(0.0), Send)
    assert lane.next_step(0.0) == Wait(None)
    lane.appended()
    assert isinstance(lane.next_step(0.0), Read)


@pytest.mark.parametrize("look_ahead", [LookAhead(records=3), LookAhead(size_bytes=9)])
def test_it_reads_no_further_ahead_than_it_may(look_ahead: LookAhead) -> None:
    """What is in flight counts, what is settled does not."""
    lane = _lane(look_ahead=look_ahead)
    lane.add([_stored(row, str(row)) for row in range(3)], 0.0)
    step = lane.next_step(0.0)
    assert isinstance(step, Send)
    assert lane.next_step(0.0) == Wait(None)
    lane.finished(step.batch, None, 0.0)
    assert isinstance(lane.next_step(0.0), Read)


def test_it_says_how_far_it_has_read_ahead() -> None:
    """In records and in bytes, until they are settled."""
    lane = _lane()
    lane.add([_stored(1, "x"), _stored(2, "yy")], 0.0)
    status = lane.status()
    assert (status.records_ahead, status.bytes_ahead) == (2, len(b"x@1") + len(b"yy@2"))
    lane.finished(_send(lane, 0.0), None, 0.0)
    status = lane.status()
    assert (status.records_ahead, status.bytes_ahead) == (0, 0)


def test_what_is_settled_already_is_not_sent() -> None:
    """A chunk that was delivered in part goes on where it stopped."""
    lane = _lane()
    lane.add([_stored(1, "a", "b", "c", settled=frozenset({0, 2}))], 0.0)
    assert _refs(_send(lane, 0.0)) == [(1, 1)]


def test_no_more_calls_are_under_way_than_may_be() -> None:
    """The third batch waits for one of the two before it."""
    lane = _lane()
    lane.add([_stored(row, *(f"{row}-{n}" for n in range(10))) for row in range(3)], 0.0)
    first = _send(lane, 0.0)
    _send(lane, 0.0)
    assert lane.next_step(0.0) == Wait(None)
    lane.finished(first, None, 0.0)
    assert isinstance(lane.next_step(0.0), Send)


def test_a_delivered_record_settles_those_it_stood_for() -> None:
    """Both go in one list, and so in one transaction."""
    lane = _lane()
    lane.add([_stored(1, "x"), _stored(2, "x"), _stored(3, "y")], 0.0)
    batch = _send(lane, 0.0)
    assert _refs(batch) == [(2, 0), (3, 0)]
    assert lane.finished(batch, None, 0.0) == [
        Settlement(_ref(1), superseded=True),
        Settlement(_ref(2)),
        Settlement(_ref(3)),
    ]


def test_a_refused_call_is_split_until_the_bad_record_is_alone() -> None:
    """The good ones are delivered, the bad one becomes a dead letter."""
    lane = _lane()
    lane.add([_stored(1, *"abcdefghij")], 0.0)
    lane.add([], 0.0)
    settled: list[Settlement] = []
    calls = 0
    while isinstance(step := lane.next_step(0.0), Send):
        bad = any(pending.record_id == "g" for pending in step.batch)
        error = CallRefused("InvalidInputException", "g is bad") if bad else None
        settled += lane.finished(step.batch, error, 0.0)
        calls += 1
    assert sorted(s.record.index for s in settled) == list(range(10))
    assert [s for s in settled if s.dead_letter] == [
        Settlement(
            _ref(1, 6),
            dead_letter=DeadLetterCause("InvalidInputException", "g is bad", attempts=4),
        )
    ]
    assert calls == 7


def test_when_the_newest_is_refused_the_one_before_takes_its_place() -> None:
    """Newest-wins loses nothing."""
    lane = _lane()
    lane.add([_stored(1, "x"), _stored(2, "x"), _stored(3, "x")], 0.0)
    newest = _send(lane, 0.0)
    (dead,) = lane.finished(newest, CallRefused("InvalidInputException"), 0.0)
    assert (dead.record, dead.dead_letter is not None) == (_ref(3), True)
    assert lane.next_step(0.0) == Wait(None)
    lane.noted(newest)
    survivor = _send(lane, 0.0)
    assert _refs(survivor) == [(2, 0)]
    assert lane.finished(survivor, None, 0.0) == [
        Settlement(_ref(1), superseded=True),
        Settlement(_ref(2)),
    ]


def test_an_id_waits_until_what_became_of_its_record_is_noted() -> None:
    """After a crash that one would be sent again: nothing newer may have been sent before it."""
    lane = _lane()
    lane.add([_stored(1, "x"), _stored(2, "y")], 0.0)
    batch = _send(lane, 0.0)
    lane.add([_stored(3, "x"), _stored(4, "z")], 0.0)
    assert len(lane.finished(batch, None, 0.0)) == 2
    assert _refs(_send(lane, 0.0)) == [(4, 0)]
    assert lane.next_step(0.0) == Wait(None)
    lane.noted(batch)
    assert _refs(_send(lane, 0.0)) == [(3, 0)]


def test_a_record_that_was_put_back_stays_in_flight_when_its_neighbour_is_noted() -> None:
    """Of a batch one was too old and is a dead letter; the other is in a second call by then."""
    lane = _lane()
    young, now_s = int(MAX_AGE_S * 1e9), MAX_AGE_S + 1.0  # A row is its stamp, in nanoseconds.
    lane.add([_stored(1, "old"), _stored(young, "x")], now_s)
    batch = _send(lane, now_s)
    (dead,) = lane.finished(batch, CallFailed("InternalFailure"), now_s)
    assert dead.record == _ref(1)
    later_s = now_s + 100.0
    lane.resume(later_s)
    again = _send(lane, later_s)
    assert _refs(again) == [(young, 0)]
    lane.noted(batch)
    lane.add([_stored(young + 1, "x")], later_s)
    lane.add([], later_s)
    assert lane.next_step(later_s) == Wait(None)
    assert lane.finished(again, None, later_s) == [Settlement(_ref(young))]
    lane.noted(again)
    assert _refs(_send(lane, later_s)) == [(young + 1, 0)]


def test_a_throttled_call_is_made_again_not_before_the_hint() -> None:
    """Nothing is settled, and one call at a time probes."""
    lane = _lane()
    lane.add([_stored(row, *(f"{row}-{n}" for n in range(10))) for row in range(3)], 0.0)
    batch = _send(lane, 0.0)
    assert lane.finished(batch, CallThrottled("ThrottlingException", retry_after_s=4.0), 0.0) == []
    assert lane.next_step(0.0) == Wait(4.0)
    assert _refs(_send(lane, 4.0)) == _refs(batch)
    assert lane.next_step(4.0) == Wait(None)


def test_a_blocked_lane_is_parked_and_flows_again_by_itself() -> None:
    """The records stay; a probe that succeeds ends it."""
    lane = _lane()
    lane.add([_stored(1, "a")], 0.0)
    batch = _send(lane, 0.0)
    assert lane.finished(batch, LaneBlocked("ResourceNotFoundException"), 0.0) == []
    assert (lane.parked, lane.next_step(0.0)) == ("ResourceNotFoundException", Wait(30.0))
    probe = _send(lane, 30.0)
    assert lane.finished(probe, None, 30.0) == [Settlement(_ref(1))]
    assert lane.parked is None


def test_past_the_limit_refusals_park_the_lane_and_lose_nothing() -> None:
    """When half of the last ten records are dead letters the fault is not theirs."""
    lane = _lane()
    lane.add([_stored(row, str(row)) for row in range(20)], 0.0)
    lane.add([], 0.0)
    settled: list[Settlement] = []
    while isinstance(step := lane.next_step(0.0), Send):
        settled += lane.finished(step.batch, CallRefused("InvalidInputException"), 0.0)
    assert "parked: DeadLetterLimit" in repr(lane)
    assert len(settled) == 10
    probe = _send(lane, 30.0)
    assert lane.finished(probe, CallRefused("InvalidInputException"), 30.0) == []
    assert "parked: DeadLetterLimit" in repr(lane)
    now_s = 60.0
    while isinstance(step := lane.next_step(now_s), Send):
        settled += lane.finished(step.batch, None, now_s)
        now_s += 1.0
    assert "0 failures" in repr(lane)
    assert sorted(s.record.position.row for s in settled) == list(range(20))


def test_after_a_refusal_a_call_holds_one_callers_records() -> None:
    """One producer's faults split its own batches alone, until enough calls were taken."""
    queue = queue_of(Kind.ITEMS, linger_s=0.0)
    lane = _lane_with(queue)
    lane.add([_stored(1, "a", "b"), _stored(2, "c")], 0.0)
    batch = _send(lane, 0.0)
    lane.finished(batch, CallRefused("InvalidInputException"), 0.0)
    modes = [queue.of_one_caller]
    for _ in range(2):
        lane.finished(_send(lane, 0.0), None, 0.0)
        modes.append(queue.of_one_caller)
    assert modes == [True, True, False]


def test_a_call_that_fails_lets_others_go_first() -> None:
    """A record that Personalize answers with 500, always, does not stop what is behind it."""
    lane = _lane()
    lane.add([_stored(row, *(f"{row}-{n}" for n in range(10))) for row in range(2)], 0.0)
    batch = _send(lane, 0.0)
    lane.finished(batch, CallFailed("InternalFailure"), 0.0)
    assert _refs(_send(lane, 100.0)) == [(1, n) for n in range(10)]


def test_an_unknown_outcome_holds_the_id_for_the_time_of_a_call() -> None:
    """Then the newest is sent."""
    lane = _lane()
    lane.add([_stored(1, "x")], 0.0)
    batch = _send(lane, 0.0)
    lane.finished(batch, CallFailed("Timeout", outcome_unknown=True), 0.0)
    lane.add([_stored(2, "x")], 0.0)
    lane.add([], 0.0)
    assert lane.next_step(5.0) == Wait(HOLD_S)
    assert _refs(_send(lane, HOLD_S)) == [(2, 0)]


def test_records_of_unforeseen_failures_go_alone_and_end_as_dead_letters() -> None:
    """Five failures that nobody foresaw are enough for one record; its neighbour is delivered."""
    lane = _lane()
    lane.add([_stored(1, "good", "bad")], 0.0)
    settled: list[Settlement] = []
    now_s = 0.0
    for _ in range(MAX_UNFORESEEN + 1):
        batch = _send(lane, now_s)
        bad = any(pending.record_id == "bad" for pending in batch)
        settled += lane.finished(batch, ZeroDivisionError() if bad else None, now_s)
        now_s += 100.0
    assert settled == [
        Settlement(_ref(1, 0)),
        Settlement(
            _ref(1, 1),
            dead_letter=DeadLetterCause("INTERNAL", "", MAX_UNFORESEEN, DeadLetterReason.INTERNAL),
        ),
    ]


def test_a_record_that_was_in_flight_at_a_crash_goes_alone_and_at_the_last_no_more() -> None:
    """It may be what killed the process."""
    suspects = {key(_ref(1, 0)): MAX_CRASHES, key(_ref(1, 2)): 1}
    lane = _lane_with(queue_of(Kind.ITEMS, linger_s=0.0), suspects=suspects)
    assert lane.add([_stored(1, "killer", "a", "b", "c")], 0.0) == [
        Settlement(
            _ref(1, 0),
            dead_letter=DeadLetterCause("INTERNAL", "", MAX_CRASHES, DeadLetterReason.INTERNAL),
        )
    ]
    assert _refs(_send(lane, 0.0)) == [(1, 1), (1, 3)]
    assert lane.next_step(0.0) == Wait(HOLD_S)
    assert _refs(_send(lane, HOLD_S)) == [(1, 2)]


def test_a_record_that_was_in_flight_at_two_crashes_goes_by_itself_once() -> None:
    """When the process has lived through that, it is no more in question than any other."""
    suspects = {key(_ref(1, 0)): 1, key(_ref(1, 1)): SUSPECTED_TOGETHER}
    lane = _lane_with(queue_of(Kind.EVENTS, linger_s=0.0), suspects=suspects)
    assert lane.add([_stored(1, "a", "b", "c")], 0.0) == []
    lane.add([], 0.0)
    sent: list[tuple[list[tuple[int, int]], bool]] = []
    for now_s in (0.0, 100.0, 200.0, 300.0):
        step = lane.next_step(now_s)
        assert isinstance(step, Send)
        sent.append((_refs(step.batch), step.by_itself))
        error = CallThrottled("ThrottlingException") if step.by_itself else None
        lane.finished(step.batch, error, now_s)
    assert sorted(sent) == [
        ([(1, 0)], False),
        ([(1, 1)], False),
        ([(1, 1)], True),
        ([(1, 2)], False),
    ]


@pytest.mark.parametrize("look_ahead", [LookAhead(), LookAhead(records=2)])
def test_it_reads_up_to_what_was_in_flight_though_there_is_no_room(look_ahead: LookAhead) -> None:
    """Only then does it send: what is older than that would come after it."""
    queue, suspects = queue_of(Kind.ITEMS, linger_s=0.0), {key(_ref(2001)): 1}
    lane = _lane_with(queue, look_ahead, suspects, Room(max_bytes=0))
    lane.add([_stored(row, str(row)) for row in range(2000)], 0.0)
    assert isinstance(lane.next_step(0.0), Read)
    lane.add([_stored(2000, "x"), _stored(2001, "x"), _stored(2002, "y")], 0.0)
    assert _refs(_send(lane, 0.0)) == [(row, 0) for row in range(10)]
    assert isinstance(lane.next_step(0.0), Send)


def test_what_is_older_than_a_record_that_killed_the_process_is_not_sent() -> None:
    """Personalize may have taken that one: an older one would then replace it."""
    suspects = {key(_ref(2)): MAX_CRASHES}
    lane = _lane_with(queue_of(Kind.ITEMS, linger_s=0.0), suspects=suspects)
    cause = DeadLetterCause("INTERNAL", "", MAX_CRASHES, DeadLetterReason.INTERNAL)
    assert lane.add([_stored(1, "x"), _stored(2, "x"), _stored(3, "x")], 0.0) == [
        Settlement(_ref(2), dead_letter=cause),
        Settlement(_ref(1), superseded=True),
    ]
    lane.add([], 0.0)
    assert lane.next_step(0.0) == Wait(HOLD_S)
    assert _refs(_send(lane, HOLD_S)) == [(3, 0)]


def test_after_an_error_that_nobody_foresaw_an_id_is_held_as_after_a_time_out() -> None:
    """Nobody can say that the call was not made: it may still be at work."""
    lane = _lane()
    lane.add([_stored(1, "x")], 0.0)
    lane.finished(_send(lane, 0.0), ZeroDivisionError(), 0.0)
    lane.add([_stored(2, "x"), _stored(3, "y")], 1.0)
    other = _send(lane, 1.0)
    assert _refs(other) == [(3, 0)]
    lane.finished(other, None, 1.0)
    assert lane.next_step(1.0) == Wait(HOLD_S)
    assert _refs(_send(lane, HOLD_S)) == [(2, 0)]


def test_an_older_record_does_not_follow_one_that_may_have_arrived() -> None:
    """Given up by a fault of ours, which it may have reached, the newest stays the last sent."""
    lane = _lane()
    lane.add([_stored(1, "x"), _stored(2, "x")], 0.0)
    now_s = 0.0
    settled: list[Settlement] = []
    for _ in range(MAX_UNFORESEEN):
        now_s += 100.0
        settled += lane.finished(_send(lane, now_s), ZeroDivisionError(), now_s)
    assert [(s.record, s.superseded) for s in settled] == [(_ref(2), False), (_ref(1), True)]
    assert lane.next_step(now_s + HOLD_S) == Wait(None)


def test_an_older_record_does_not_follow_one_that_is_too_old_and_may_have_arrived() -> None:
    """Its only call ended without an answer: given up, it stays the last sent all the same."""
    lane = _lane()
    lane.add([_stored(1, "x"), _stored(2, "x")], 0.0)
    now_s = MAX_AGE_S + 1.0
    batch = _send(lane, now_s)
    settled = lane.finished(batch, CallFailed("Timeout", outcome_unknown=True), now_s)
    lane.noted(batch)
    assert [(s.record, s.superseded) for s in settled] == [(_ref(2), False), (_ref(1), True)]
    assert lane.next_step(now_s + 100.0) == Wait(None)


def test_a_newer_record_waits_for_one_that_was_given_up_and_may_be_at_work() -> None:
    """Personalize may take the older one as long as a call lasts: it would come after the newer."""
    lane = _lane()
    lane.add([_stored(1, "x")], 0.0)
    now_s = MAX_AGE_S + 1.0
    batch = _send(lane, now_s)
    lane.finished(batch, CallFailed("Timeout", outcome_unknown=True), now_s)
    lane.noted(batch)
    lane.add([_stored(2, "x")], now_s)
    lane.add([], now_s)
    assert lane.next_step(now_s + 1.0) == Wait(now_s + HOLD_S)
    assert _refs(_send(lane, now_s + HOLD_S)) == [(2, 0)]


def test_a_failure_is_the_last_of_a_record_that_is_too_old() -> None:
    """It becomes a dead letter that says with what it failed."""
    lane = _lane()
    lane.add([_stored(1, "a")], 0.0)
    now_s = MAX_AGE_S + 1.0
    assert lane.finished(_send(lane, now_s), CallFailed("InternalFailure"), now_s) == [
        Settlement(
            _ref(1), dead_letter=DeadLetterCause("InternalFailure", "", 1, DeadLetterReason.EXPIRED)
        )
    ]


def test_an_outage_makes_no_record_older() -> None:
    """However long nothing can be sent, nothing is given up for it."""
    lane = _lane()
    lane.add([_stored(1, "a")], 0.0)
    for now_s in (1.0, MAX_AGE_S, 2 * MAX_AGE_S, 3 * MAX_AGE_S):
        assert lane.finished(_send(lane, now_s), CallFailed("ConnectionRefused"), now_s) == []
    assert lane.finished(_send(lane, 4 * MAX_AGE_S), None, 4 * MAX_AGE_S) == [Settlement(_ref(1))]


_RESULTS = st.sampled_from(
    [
        None,
        None,
        CallThrottled("ThrottlingException"),
        CallFailed("ConnectionRefused"),
        CallFailed("Timeout", outcome_unknown=True),
        LaneBlocked("AccessDeniedException"),
        ZeroDivisionError(),
    ]
)


class _Simulation:
    """A lane, an outbox of one record a chunk, and a Personalize that does what is drawn."""

    def __init__(self, kind: Kind, ids: str, bad: set[int], data: st.DataObject) -> None:
        max_age_s = data.draw(st.sampled_from([MAX_AGE_S, 0.0]), label="maximum age")
        self.lane = _lane(kind, LookAhead(records=20), max_age_s)
        self.kind = kind
        self.chunks = [_stored(row, record_id) for row, record_id in enumerate(ids)]
        self.available = 0
        self.bad = bad
        self.data = data
        self.now_s = 0.0
        self.in_flight: list[Batch] = []
        self.settled: dict[int, Settlement] = {}
        self.arrived: dict[str, list[tuple[float, int]]] = defaultdict(list)

    def step(self) -> bool:
        """Do what the lane wants; False when it wants nothing any more."""
        match self.lane.next_step(self.now_s):
            case Read(after):
                start = 0 if after is None else after.row + 1
                self.lane.add(self.chunks[start : min(start + 4, self.available)], self.now_s)
            case Send(batch):
                self._start(batch)
            case Wait(until_s) if not self.in_flight:
                if until_s is None and self.available == len(self.chunks):
                    return False
                self.now_s = until_s or self.now_s
                self._append()
            case Wait():
                self._end()
        return True

    def _append(self) -> None:
        self.available = min(
            len(self.chunks), self.available + self.data.draw(st.integers(1, 6), label="appended")
        )
        self.lane.appended()

    def _start(self, batch: Batch) -> None:
        self.in_flight.append(batch)
        busy = [pending.record_id for one in self.in_flight for pending in one]
        assert self.kind is not Kind.ITEMS or len(busy) == len(set(busy))
        if self.data.draw(st.booleans(), label="more comes meanwhile"):
            self._append()
        else:
            self._end()

    def _end(self) -> None:
        last = len(self.in_flight) - 1
        batch = self.in_flight.pop(self.data.draw(st.integers(0, last), label="which ends"))
        rows = [pending.ref.position.row for pending in batch]
        error: Exception | None = CallRefused("InvalidInputException")
        if not self.bad.intersection(rows):
            error = self.data.draw(_RESULTS, label="result")
            self._arrive(batch, error)
        for settlement in self.lane.finished(batch, error, self.now_s):
            assert settlement.record.position.row not in self.settled
            self.settled[settlement.record.position.row] = settlement
        self.lane.noted(batch)
        self.now_s += 0.01

    def _arrive(self, batch: Batch, error: Exception | None) -> None:
        """Let Personalize take the records, if it does: of what is unknown as late as it may be."""
        delay_s: float | None = None if error else 0.0
        if outcome_unknown(error):
            delays_s = st.sampled_from([None, 0.0, HOLD_S - 0.001])
            delay_s = self.data.draw(delays_s, label="arrives after")
        if delay_s is not None:
            for pending in batch:
                arrival = self.now_s + delay_s, pending.ref.position.row
                self.arrived[pending.record_id].append(arrival)


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from([Kind.ITEMS, Kind.EVENTS, Kind.ACTION_INTERACTIONS]),
    ids=st.text("abc", min_size=1, max_size=60),
    bad=st.sets(st.integers(0, 59), max_size=3),
    data=st.data(),
)
def test_whatever_happens_each_record_settles_once_and_in_order(
    kind: Kind, ids: str, bad: set[int], data: st.DataObject
) -> None:
    """Good records arrive, bad ones are dead letters, and those of one ID keep their order."""
    simulation = _Simulation(kind, ids, bad, data)
    while simulation.step():
        pass
    assert simulation.settled.keys() == set(range(len(ids)))
    for row, settlement in simulation.settled.items():
        if settlement.dead_letter and settlement.dead_letter.reason is DeadLetterReason.REFUSED:
            assert row in bad
        if row in bad and kind is not Kind.ITEMS:
            assert settlement.dead_letter is not None
    for arrivals in simulation.arrived.values():
        rows = [row for _, row in sorted(arrivals)]
        assert kind is not Kind.ITEMS or rows == sorted(rows)
