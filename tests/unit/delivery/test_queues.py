"""What goes into the next call."""

from collections.abc import Callable, Iterable

import pytest

from gateway.delivery.pending import Pending
from gateway.delivery.queues import ArrivalQueue, LatestQueue, SessionQueue, queue_of
from gateway.records import Kind

MakePending = Callable[..., Pending]

LINGER_S = 2.0


def _ids(batch: Iterable[Pending]) -> list[str]:
    return [pending.record.record_id for pending in batch]


@pytest.mark.parametrize(
    ("kind", "queue_type"),
    [
        (Kind.EVENTS, SessionQueue),
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
    batch = queue.take(0.0)
    queue.put_back(batch)
    assert _ids(queue.take(0.0)) == [str(number) for number in range(10)]
    assert _ids(queue.take(0.0)) == ["10", "11"]


class TestSessionQueue:
    """Events."""

    def test_a_call_has_one_session_and_user(self, pending: MakePending) -> None:
        """The same session under another user, or anonymous, is another call."""
        queue = SessionQueue(LINGER_S)
        for number, (session, user) in enumerate(
            [("s", None), ("t", "u"), ("s", "u"), ("s", None), ("s", "v"), ("s", "u")]
        ):
            queue.add(pending(str(number), session=session, user=user))
        taken = [_ids(queue.take(0.0)) for _ in range(4)]
        assert taken == [["0", "3"], ["1"], ["2", "5"], ["4"]]

    def test_full_batches_go_first(self, pending: MakePending) -> None:
        """A session with ten events does not wait behind one that lingers."""
        queue = SessionQueue(LINGER_S)
        queue.add(pending("early", session="a", since_s=0.0))
        for number in range(13):
            queue.add(pending(str(number), session="b", since_s=1.0))
        assert _ids(queue.take(1.0)) == [str(number) for number in range(10)]
        assert queue.due_at_s(1.0) == 0.0 + LINGER_S
        assert _ids(queue.take(3.0)) == ["early"]
        assert _ids(queue.take(3.0)) == ["10", "11", "12"]


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
        """A newer record waits until the call with the older one is over."""
        queue = LatestQueue(LINGER_S)
        first, second = pending("x"), pending("x")
        queue.add(first)
        assert queue.take(0.0) == [first]
        queue.add(second)
        assert queue.due_at_s(100.0) is None
        queue.done([first])
        assert queue.take(100.0) == [second]
        assert second.predecessors == []

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
