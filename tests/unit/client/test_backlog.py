"""The records of a publisher that are not settled."""

from collections.abc import Sequence

import pytest
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


def _ended(error: GatewayError | None, times: int = 1) -> tuple[list[list[str]], float]:
    """End a stream with two requests so often; return what each end refuses, and the last wait."""
    backlog, endings = _backlog(*"abcdefgh"), Endings(Options(), lambda: 1.0)
    refused: list[list[str]] = []
    delay_s = 0.0
    for _ in range(times):
        _sent(backlog)
        settled, delay_s = endings.ended(backlog, error)
        refused.append(_names([one.record for one in settled.refused]))
    return refused, delay_s


def _error(code: StatusCode, reason: str = "", retry_delay_s: float | None = None) -> GatewayError:
    return GatewayError(code, "", reason=reason, retry_delay_s=retry_delay_s)


_AGAIN = ["", "", "", "", "", ""]
_ALL = ["abcdef", "gh"]
_FIRST = ["abc", "def", "gh"]
_FIFTH = ["", "", "", "", "abc", ""]


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (None, _AGAIN),
        (_error(StatusCode.UNAVAILABLE), _AGAIN),
        (_error(StatusCode.UNAVAILABLE, "DRAINING"), _AGAIN),
        (_error(StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", 2.0), _AGAIN),
        (_error(StatusCode.INTERNAL), _AGAIN),
        (_error(StatusCode.UNKNOWN), _AGAIN),
        (_error(StatusCode.CANCELLED), _AGAIN),
        (_error(StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN"), _ALL),
        (_error(StatusCode.PERMISSION_DENIED, "ROUTE_MISSING"), _ALL),
        (_error(StatusCode.NOT_FOUND, "DATASET_GROUP_UNKNOWN"), _ALL),
        (_error(StatusCode.UNIMPLEMENTED), _ALL),
        (_error(StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE"), _FIRST),
        (_error(StatusCode.FAILED_PRECONDITION, "KIND_NOT_AVAILABLE"), _FIRST),
        (_error(StatusCode.OUT_OF_RANGE), _FIRST),
        (_error(StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"), _FIRST),
        (_error(StatusCode.INTERNAL, "INTERNAL"), _FIFTH),
        (_error(StatusCode.DEADLINE_EXCEEDED), _FIFTH),
        (_error(StatusCode.ABORTED), _FIFTH),
        (_error(StatusCode.DATA_LOSS), _FIFTH),
        (_error(StatusCode.RESOURCE_EXHAUSTED), _FIFTH),
        (_error(StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED"), _FIFTH),
    ],
    ids=str,
)
def test_what_the_end_of_a_stream_refuses(error: GatewayError | None, refused: list[str]) -> None:
    """The table of docs/clients.md, for one such end after the other."""
    assert _ended(error, len(refused))[0] == [list(names) for names in refused]


def test_the_next_stream_waits_a_back_off_and_the_delay_that_was_named() -> None:
    """The back-off grows."""
    assert _ended(None)[1] == 0.1
    assert _ended(_error(StatusCode.UNAVAILABLE), times=3)[1] == 0.4
    assert _ended(_error(StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", 2.0))[1] == 2.1


def test_unclear_ends_are_counted_anew_when_something_is_settled() -> None:
    """Another request is the first then; what ends with another error between them is not."""
    backlog, endings = _backlog(*"abcdefghi"), Endings(Options(), lambda: 1.0)
    unclear = _error(StatusCode.INTERNAL, "INTERNAL")

    def end(*errors: GatewayError) -> list[str]:
        refused: list[str] = []
        for error in errors:
            _sent(backlog)
            settled, _ = endings.ended(backlog, error)
            refused += _names([one.record for one in settled.refused])
        return refused

    assert end(*[unclear] * 4, _error(StatusCode.INVALID_ARGUMENT)) == list("abc")
    assert end(*[unclear] * 4) == []
    endings.progress()
    assert end(*[unclear] * 4, _error(StatusCode.UNAVAILABLE)) == []
    assert end(unclear) == list("def")


def test_the_end_of_a_stream_that_owes_nothing_is_about_no_request() -> None:
    """Not even about those that wait; it does not count, either."""
    backlog, endings = _backlog("a", "b", "c"), Endings(Options(), lambda: 1.0)
    for error in (_error(StatusCode.PERMISSION_DENIED), *[_error(StatusCode.ABORTED)] * 9):
        _sent(backlog)
        backlog.acknowledged(IngestResponse(acknowledged_sequence=1))
        backlog.add(_record("x"), 1, 10.0)
        assert endings.ended(backlog, error)[0] == Settled()
    assert _sent(backlog) == [(1, ["x"])]


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
