"""What goes into the next call."""

from collections.abc import Callable, Iterable

import pytest

from gateway.delivery.arrival_queue import ArrivalQueue
from gateway.delivery.event_queue import EventQueue
from gateway.delivery.latest_queue import LatestQueue
from gateway.delivery.pending import Pending
from gateway.delivery.queues import queue_of
from gateway.records import Kind

MakePending = Callable[..., Pending]

LINGER_S = 2.0


def _ids(batch: Iterable[Pending]) -> list[str]:
    return [pending.element.decode().partition("#")[0] for pending in batch]


@pytest.mark.parametrize(
    ("kind", "queue_type"),
    [
        (Kind.EVENTS, EventQueue),
        (Kind.ACTION_INTERACTIONS, ArrivalQueue),
        (Kind.ITEMS, LatestQueue),
        (Kind.USERS, LatestQueue),
        (Kind.ACTIONS, LatestQueue),
    ],
)
def test_each_kind_has_its_queue(kind: Kind, queue_type: type) -> None:
    """Events by session, catalogue records newest-wins, the rest as it comes."""
    assert isinstance(queue_of(kind, LINGER_S), queue_type)


@pytest.mark.parametrize("kind", Kind)
def test_a_record_waits_the_linger_and_ten_do_not_wait(kind: Kind, pending: MakePending) -> None:
    """A batch is due when it is full, or when its first record has waited long enough."""
    queue = queue_of(kind, LINGER_S)
    assert queue.due_at_s(0.0) is None
    for number in range(9):
        queue.add(pending(str(number), session="s", since_s=5.0 + number))
    due_at_s = queue.due_at_s(20.0)
    assert due_at_s == 5.0 + LINGER_S
    queue.add(pending("9", session="s", since_s=14.0))
    due_at_s = queue.due_at_s(14.0)
    assert due_at_s is not None
    assert due_at_s <= 14.0
    assert _ids(queue.take(14.0)) == [str(number) for number in range(10)]
    assert queue.due_at_s(14.0) is None


@pytest.mark.parametrize("kind", Kind)
def test_what_is_put_back_comes_first_and_in_order(kind: Kind, pending: MakePending) -> None:
    """A batch that failed is the next one again."""
    queue = queue_of(kind, LINGER_S)
    for number in range(12):
        queue.add(pending(str(number), session="s"))
    batch = queue.take(LINGER_S)
    queue.put_back(batch)
    assert _ids(queue.take(LINGER_S)) == [str(number) for number in range(10)]
    assert _ids(queue.take(LINGER_S)) == ["10", "11"]


class TestEventQueue:
    """Events."""

    def test_a_call_has_one_session_and_user(self, pending: MakePending) -> None:
        """The same session under another user, or anonymous, is another call."""
        queue = EventQueue(LINGER_S)
        for number, (session, user) in enumerate(
            [("s", None), ("t", "u"), ("s", "u"), ("s", None), ("s", "v"), ("s", "u")]
        ):
            queue.add(pending(str(number), session=session, user=user))
        taken = [_ids(queue.take(LINGER_S)) for _ in range(4)]
        assert taken == [["0", "3"], ["1"], ["2", "5"], ["4"]]

    def test_events_of_a_session_share_what_names_it(self, pending: MakePending) -> None:
        """A look-ahead of a hundred thousand events holds it once, and no event ID."""
        queue = EventQueue(LINGER_S)
        for number in range(2):
            queue.add(pending(str(number), session=f"s{number // 2}", user="u"))
        first, second = queue.take(LINGER_S)
        assert (first.session, first.record_id) == (("s0", "u"), "")
        assert first.session is second.session

    def test_full_batches_go_first(self, pending: MakePending) -> None:
        """A session with ten events does not wait behind one that lingers."""
        queue = EventQueue(LINGER_S)
        queue.add(pending("early", session="a", since_s=0.0))
        for number in range(13):
            queue.add(pending(str(number), session="b", since_s=1.0))
        assert _ids(queue.take(1.0)) == [str(number) for number in range(10)]
        assert queue.due_at_s(1.0) == 0.0 + LINGER_S
        assert _ids(queue.take(3.0)) == ["early"]
        assert _ids(queue.take(3.0)) == ["10", "11", "12"]

    def test_a_session_that_waits_too_long_goes_before_newer_full_batches(
        self, pending: MakePending
    ) -> None:
        """But not before older ones: neither holds the other for ever."""
        queue = EventQueue(LINGER_S)
        late_s = 10 * LINGER_S + 1.0
        for session, since_s in (("old", 0.0), ("new", late_s)):
            for number in range(10):
                queue.add(pending(f"{session}{number}", session=session, since_s=since_s))
        queue.add(pending("lone", session="a", since_s=1.0))
        assert [_ids(queue.take(late_s))[0] for _ in range(3)] == ["old0", "lone", "new0"]
        assert queue.due_at_s(late_s) is None

    def test_what_is_put_back_joins_its_session(self, pending: MakePending) -> None:
        """Ten of both are a full batch; the rest goes on waiting."""
        queue = EventQueue(LINGER_S)
        for number in range(6):
            queue.add(pending(str(number), session="s"))
        batch = queue.take(LINGER_S)
        for number in range(6, 12):
            queue.add(pending(str(number), session="s"))
        queue.put_back(batch, last=True)
        assert _ids(queue.take(0.0)) == [str(number) for number in range(10)]
        assert _ids(queue.take(LINGER_S)) == ["10", "11"]


class TestLatestQueue:
    """Items, users and actions."""

    def test_the_newest_takes_the_place_of_the_oldest(self, pending: MakePending) -> None:
        """It is sent where the first would have been, and stands for all before it."""
        queue = LatestQueue(LINGER_S)
        first, other, second, third = (pending(i, since_s=n) for n, i in enumerate("xyxx"))
        for one in (first, other, second, third):
            queue.add(one)
        assert queue.due_at_s(10.0) == first.since_s + LINGER_S
        assert queue.take(10.0) == [third, other]
        assert third.predecessors == [first, second]

    def test_an_id_is_in_one_call_at_a_time(self, pending: MakePending) -> None:
        """A newer record waits until it is noted what became of the older one."""
        queue = LatestQueue(LINGER_S)
        first, second = pending("x"), pending("x")
        queue.add(first)
        assert queue.take(0.0) == [first]
        queue.add(second)
        assert queue.delivered([first]) == []
        assert queue.due_at_s(100.0) is None
        queue.done([first])
        assert queue.take(100.0) == [second]
        assert not second.predecessors

    def test_a_failed_record_gives_way_to_a_newer_one(self, pending: MakePending) -> None:
        """What came meanwhile is sent instead, and stands for what failed."""
        queue = LatestQueue(LINGER_S)
        first, second, third = pending("x"), pending("x"), pending("x")
        queue.add(first)
        queue.add(second)
        assert queue.take(0.0) == [second]
        queue.add(third)
        queue.put_back([second])
        assert queue.take(0.0) == [third]
        assert third.predecessors == [first, second]

    def test_of_an_id_the_one_accepted_last_counts(self, pending: MakePending) -> None:
        """A replay waits behind what is newer than its first acceptance, in whatever order."""
        queue = LatestQueue(LINGER_S)
        oldest, older, newest = (pending("x") for _ in range(3))
        replay = pending("x")
        replay.origin = older.accepted_at
        for one in (newest, replay, oldest):
            assert queue.add(one)
        assert queue.take(0.0) == [newest]
        assert newest.predecessors == [oldest, replay]

    def test_what_is_delivered_supersedes_replays_that_are_older(
        self, pending: MakePending
    ) -> None:
        """Those that wait, those that another one stands for, and those that come only then."""
        queue = LatestQueue(LINGER_S)
        first, second, sent = (pending("x") for _ in range(3))
        replays = [pending("x") for _ in range(3)]
        for replay, origin in zip(replays, (first, second, first), strict=True):
            replay.origin = origin.accepted_at
        queue.add(sent)
        assert queue.take(0.0) == [sent]
        newer = pending("x")
        for one in (replays[0], replays[1], newer):
            queue.add(one)
        assert queue.delivered([sent]) == replays[:2]
        assert not queue.add(replays[2])
        queue.done([sent])
        assert queue.take(0.0) == [newer]
        assert not newer.predecessors
        queue.put_back([newer])
        other = pending("x")
        other.origin = sent.accepted_at
        assert queue.add(other)

    def test_what_waits_alone_is_superseded_by_what_was_in_flight(
        self, pending: MakePending
    ) -> None:
        """Nothing of the ID is left to be sent."""
        queue = LatestQueue(LINGER_S)
        first, sent, replay = (pending("x") for _ in range(3))
        replay.origin = first.accepted_at
        queue.add(sent)
        queue.take(0.0)
        queue.add(replay)
        assert queue.delivered([sent]) == [replay]
        assert queue.due_at_s(100.0) is None

    def test_after_an_unknown_outcome_the_id_is_held(self, pending: MakePending) -> None:
        """Nothing of that ID is sent before the time is over; others are."""
        queue = LatestQueue(LINGER_S)
        first, newer, other = pending("x"), pending("x"), pending("y")
        queue.add(first)
        queue.put_back(queue.take(0.0), not_before_s=50.0)
        queue.add(newer)
        queue.add(other)
        assert queue.take(10.0) == [other]
        queue.done([other])
        assert queue.due_at_s(10.0) == 50.0
        assert queue.take(50.0) == [newer]
        assert newer.predecessors == [first]

    def test_two_of_an_id_that_are_held_are_held_as_one(self, pending: MakePending) -> None:
        """Both were in flight at a crash and were read apart: the newer goes, at the later time."""
        queue = LatestQueue(LINGER_S)
        second, third, newest = (pending("x") for _ in range(3))
        queue.put_back([second], not_before_s=50.0)
        queue.put_back([third], not_before_s=60.0)
        assert queue.take(55.0) == []
        assert queue.due_at_s(55.0) == 60.0
        assert queue.take(60.0) == [third]
        assert third.predecessors == [second]
        queue.add(newest)
        assert queue.take(70.0) == []

    def test_a_hold_outlives_a_call_with_an_older_record(self, pending: MakePending) -> None:
        """What is delivered meanwhile does not let the ID go; nor is it sent beside itself."""
        queue = LatestQueue(LINGER_S)
        first, second, third = (pending("x") for _ in range(3))
        queue.add(first)
        assert queue.take(10.0) == [first]
        queue.put_back([second], not_before_s=50.0)
        queue.add(third)
        assert queue.delivered([first]) == []
        queue.done([first])
        assert queue.take(49.0) == []
        assert queue.take(50.0) == [third]
        assert third.predecessors == [second]

    def test_what_is_held_is_superseded_by_what_is_newer(self, pending: MakePending) -> None:
        """With what it stands for: it is not sent after that."""
        queue = LatestQueue(LINGER_S)
        first, second, third = (pending("x") for _ in range(3))
        for one in (first, second):
            queue.put_back([one], not_before_s=50.0)
        assert queue.delivered([third]) == [first, second]
        assert queue.due_at_s(50.0) is None


class TestFairness:
    """Every caller has its turn."""

    @pytest.mark.parametrize("kind", Kind)
    def test_an_import_does_not_hold_back_a_click(self, kind: Kind, pending: MakePending) -> None:
        """A hundred records of one caller are before it, and it is in one of the next two calls."""
        queue = queue_of(kind, LINGER_S)
        for number in range(100):
            queue.add(pending(f"import-{number}", session=f"{number % 3}", caller="import"))
        queue.add(pending("click", session="visitor", caller="shop"))
        first_two = [*queue.take(LINGER_S), *queue.take(LINGER_S)]
        assert "click" in _ids(first_two)

    @pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.EVENTS])
    def test_a_call_is_shared_in_turn(self, kind: Kind, pending: MakePending) -> None:
        """Three callers have three or four of ten places each, in the order of each."""
        queue = queue_of(kind, LINGER_S)
        for caller in "abc":
            for number in range(6):
                queue.add(pending(f"{caller}{number}", caller=caller))
        assert _ids(queue.take(LINGER_S)) == [
            *("a0", "b0", "c0"),
            *("a1", "b1", "c1"),
            *("a2", "b2", "c2"),
            "a3",
        ]

    @pytest.mark.parametrize("kind", Kind)
    def test_a_batch_can_be_of_one_caller(self, kind: Kind, pending: MakePending) -> None:
        """So that one producer's faults split only its own batches."""
        queue = queue_of(kind, LINGER_S)
        queue.of_one_caller = True
        for number in range(8):
            queue.add(pending(str(number), session="s", caller=f"caller-{number % 2}"))
        batches = [queue.take(LINGER_S), queue.take(LINGER_S)]
        assert [{pending.caller for pending in batch} for batch in batches] == [
            {"caller-0"},
            {"caller-1"},
        ]

    def test_a_record_that_replaces_another_has_its_turn(self, pending: MakePending) -> None:
        """Whoever sent it: it stands where the first of its ID stood, and goes as that would."""
        queue = LatestQueue(LINGER_S)
        for record_id, caller in (("x", "a"), ("y", "b"), ("x", "b")):
            queue.add(pending(record_id, caller=caller))
        batch = queue.take(LINGER_S)
        assert [(one.record_id, one.caller) for one in batch] == [("x", "a"), ("y", "b")]
        assert queue.take(LINGER_S) == []

    def test_a_session_that_waits_for_long_goes_before_full_ones(
        self, pending: MakePending
    ) -> None:
        """A stream of full batches does not hold a lonely event for ever."""
        queue = EventQueue(0.0)
        queue.add(pending("lonely", session="a", since_s=0.0))
        for number in range(30):
            queue.add(pending(str(number), session="b", since_s=0.5))
        assert "lonely" not in _ids(queue.take(0.5))
        assert _ids(queue.take(1.5)) == ["lonely"]
