"""The records of a publisher that are not settled."""

from collections.abc import Sequence

from grpc import StatusCode
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from personalize_gateway import GatewayError, Options, PublisherOptions, Violation
from personalize_gateway.publishing.backlog import Backlog, Settled
from personalize_gateway.publishing.ending import Endings
from personalize_gateway.v1.error_reason_pb2 import ERROR_REASON_INVALID_FIELDS
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.ingest_service_pb2 import (
    IngestRecord,
    IngestRequest,
    IngestResponse,
    Refusal,
)
from personalize_gateway.v1.violation_pb2 import RULE_REQUIRED
from personalize_gateway.v1.violation_pb2 import Violation as ViolationMessage

_OPTIONS = PublisherOptions(batch_records=3, batch_bytes=100, linger_s=1.0, max_unacknowledged=2)


def _record(name: str) -> IngestRecord:
    return IngestRecord(event=Event(event_id=name))


def _backlog(*names: str, options: PublisherOptions = _OPTIONS, size_bytes: int = 1) -> Backlog:
    backlog = Backlog(options, "shop")
    for name in names:
        backlog.add(_record(name), size_bytes, 10.0)
    return backlog


def _names(records: Sequence[IngestRecord]) -> list[str]:
    return [record.event.event_id for record in records]


def _sent(backlog: Backlog, now_s: float = 99.0) -> list[tuple[int, list[str]]]:
    """Take all that is due: sequence and event IDs of each request."""
    taken = []
    while request := backlog.next_request(now_s):
        assert request.dataset_group == "shop"
        taken.append((request.sequence, _names(request.records)))
    return taken


def test_a_batch_goes_when_it_is_full_or_has_lingered() -> None:
    """Or when it is in a hurry."""
    backlog = _backlog("a", "b", "c", "d")
    assert _sent(backlog, 10.2) == [(1, ["a", "b", "c"])]
    assert backlog.due_in_s(10.25) == 0.75
    assert _sent(backlog, 11.0) == [(2, ["d"])]
    hurried = _backlog("a")
    assert hurried.hurry() == 1
    assert _sent(hurried, 10.0) == [(1, ["a"])]
    assert hurried.due_in_s(99.0) is None


def test_a_batch_is_bounded_by_bytes() -> None:
    """One record goes however large it is."""
    backlog = _backlog("a", "b", "c", size_bytes=60)
    assert _sent(backlog) == [(1, ["a"]), (2, ["b"])]
    assert _sent(_backlog("a", size_bytes=1000)) == [(1, ["a"])]


def test_no_more_is_under_way_than_may_be() -> None:
    """Until something is acknowledged."""
    backlog = _backlog(*"abcdefghi")
    assert _sent(backlog) == [(1, ["a", "b", "c"]), (2, ["d", "e", "f"])]
    assert _names(backlog.acknowledged(IngestResponse(acknowledged_sequence=1)).confirmed) == [
        "a", "b", "c",
    ]  # fmt: skip
    assert _sent(backlog) == [(3, ["g", "h", "i"])]


def test_a_refusal_is_told_with_its_record() -> None:
    """The others of the request are confirmed."""
    backlog = _backlog(*"abc")
    _sent(backlog)
    violation = ViolationMessage(field="records[1].event", rule=RULE_REQUIRED, description="x")
    refusal = Refusal(
        sequence=1,
        record_index=1,
        reason=ERROR_REASON_INVALID_FIELDS,
        message="wrong",
        violations=[violation],
    )
    settled = backlog.acknowledged(IngestResponse(acknowledged_sequence=1, refusals=[refusal]))
    assert _names(settled.confirmed) == ["a", "c"]
    (refused,) = settled.refused
    assert (refused.record.event.event_id, refused.reason, refused.message) == (
        "b",
        "INVALID_FIELDS",
        "wrong",
    )
    assert refused.violations == (Violation("records[1].event", "REQUIRED", "x"),)
    assert (backlog.counts.confirmed, backlog.counts.refused, backlog.counts.pending) == (2, 1, 0)


def test_what_was_not_acknowledged_is_sent_again_in_order() -> None:
    """On the next stream sequences begin anew."""
    backlog = _backlog(*"abcdefg")
    _sent(backlog)
    backlog.acknowledged(IngestResponse(acknowledged_sequence=1))
    backlog.interrupted()
    assert _sent(backlog) == [(1, ["d", "e", "f"]), (2, ["g"])]
    assert backlog.counts.resent == 3


def test_room_is_counted_in_records_and_bytes() -> None:
    """What is settled makes room."""
    options = PublisherOptions(max_records=2, max_bytes=10)
    backlog = _backlog("a", options=options, size_bytes=6)
    assert [backlog.has_room(size) for size in (4, 5)] == [True, False]
    backlog.add(_record("b"), 1, 0.0)
    assert not backlog.has_room(1)
    _sent(backlog)
    backlog.acknowledged(IngestResponse(acknowledged_sequence=1))
    assert backlog.has_room(10)


def _ended(error: GatewayError | None, times: int = 1) -> tuple[list[str], list[str], float]:
    """End a stream on which two requests are, so often; return what is refused and what waits."""
    backlog, endings = _backlog(*"abcdefgh"), Endings(Options(), lambda: 1.0)
    refused: list[str] = []
    delay_s = 0.0
    for _ in range(times):
        _sent(backlog)
        settled, delay_s = endings.ended(backlog, error)
        refused += [one.record.event.event_id for one in settled.refused]
    return refused, [name for _, names in _sent(backlog) for name in names], delay_s


def test_a_stream_that_is_drained_or_lost_refuses_nothing() -> None:
    """It is tried again after a back-off, and the delay that was named."""
    for error in (
        GatewayError(StatusCode.UNAVAILABLE, "", reason="DRAINING"),
        GatewayError(StatusCode.INTERNAL, "RST_STREAM"),
        GatewayError(StatusCode.CANCELLED, ""),
    ):
        assert _ended(error) == ([], list("abcdef"), 0.1)
        assert _ended(error, times=9)[0] == []
    busy = GatewayError(StatusCode.RESOURCE_EXHAUSTED, "", reason="OVERLOADED", retry_delay_s=2.0)
    assert _ended(busy) == ([], list("abcdef"), 2.1)
    assert _ended(None) == ([], list("abcdef"), 0.1)


def test_an_error_that_is_final_refuses_what_it_is_about() -> None:
    """All that is on the stream, or the oldest request."""
    for code in (StatusCode.UNAUTHENTICATED, StatusCode.PERMISSION_DENIED):
        assert _ended(GatewayError(code, "")) == (list("abcdef"), list("gh"), 0.1)
    for code in (StatusCode.INVALID_ARGUMENT, StatusCode.RESOURCE_EXHAUSTED):
        assert _ended(GatewayError(code, "")) == (list("abc"), list("defgh"), 0.1)


def test_an_error_that_nobody_foresaw_is_tried_five_times() -> None:
    """Then the oldest request is refused, so that the others get on."""
    error = GatewayError(StatusCode.INTERNAL, "", reason="INTERNAL")
    assert _ended(error, times=4)[0] == []
    assert _ended(error, times=5)[0] == list("abc")


def test_a_caller_who_is_refused_before_anything_was_sent_is_refused_a_request() -> None:
    """Else the publisher would ask for ever."""
    backlog, endings = _backlog(*"abcd"), Endings(Options(), lambda: 1.0)
    settled, _ = endings.ended(backlog, GatewayError(StatusCode.UNAUTHENTICATED, ""))
    assert [one.record.event.event_id for one in settled.refused] == list("abc")
    assert _sent(backlog) == [(1, ["d"])]


class _Publisher(RuleBasedStateMachine):
    """A backlog that is used in any order, beside a gateway that is a list."""

    def __init__(self) -> None:
        super().__init__()
        self.backlog = Backlog(PublisherOptions(batch_records=3, max_unacknowledged=3), "")
        self.published: list[str] = []
        self.settled: list[str] = []
        self.stream: list[IngestRequest] = []

    @rule(count=st.integers(1, 5))
    def publish(self, count: int) -> None:
        for _ in range(count):
            self.published.append(str(len(self.published)))
            self.backlog.add(_record(self.published[-1]), 7, 0.0)

    @rule()
    def send(self) -> None:
        if request := self.backlog.next_request(99.0):
            assert request.sequence == len(self.stream) + 1
            self.stream.append(request)

    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        upto = data.draw(st.integers(0, len(self.stream)))
        self._settle(self.backlog.acknowledged(IngestResponse(acknowledged_sequence=upto)))

    @rule()
    def interrupt(self) -> None:
        self.backlog.interrupted()
        self.stream.clear()

    @precondition(lambda self: self.stream)
    @rule()
    def refuse(self) -> None:
        error = GatewayError(StatusCode.INVALID_ARGUMENT, "")
        self._settle(self.backlog.give_up_first(error))
        self.interrupt()

    def _settle(self, settled: Settled) -> None:
        self.settled += _names(settled.confirmed)
        self.settled += _names([one.record for one in settled.refused])

    @invariant()
    def settled_once_and_in_order(self) -> None:
        assert self.settled == self.published[: len(self.settled)]
        assert self.backlog.counts.pending == len(self.published) - len(self.settled)

    def teardown(self) -> None:
        self._settle(self.backlog.give_up_all())
        assert self.settled == self.published


TestPublisher = _Publisher.TestCase
TestPublisher.settings = settings(max_examples=50, stateful_step_count=30)
