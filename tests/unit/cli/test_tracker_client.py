"""How the commands for event trackers go on where a gateway stops."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from personalize_gateway.v1.event_tracker_pb2 import EventTracker
from personalize_gateway.v1.tracker_service_pb2 import WatchEventTrackerResponse

from gateway.cli.failure import NOT_DONE
from gateway.cli.tracker_client import Client
from gateway.errors import GatewayError
from gateway.rpc.errors import Draining
from gateway.rpc.status import answer
from gateway.trackers.errors import TrackerUnknown


class CallFailed(grpc.RpcError):
    """A call that a gateway failed with an error of its own."""

    def __init__(self, error: GatewayError) -> None:
        super().__init__()
        self._answer = answer(error)

    def code(self) -> grpc.StatusCode:
        return self._answer.code

    def details(self) -> str:
        return self._answer.message

    def trailing_metadata(self) -> Any:
        value = self._answer.status().SerializeToString()
        return [SimpleNamespace(key="grpc-status-details-bin", value=value)]


UNKNOWN = CallFailed(TrackerUnknown("shop", "clicks"))
STOPPING = CallFailed(Draining())


def tracker(word: str) -> EventTracker:
    """Return an event tracker with a status of AWS."""
    status = f"LIFECYCLE_STATUS_{word.replace(' ', '_')}"
    aws_status = "" if word == "DELETED" else word
    return EventTracker(name="clicks", status=status, aws_status=aws_status)


PENDING, IN_PROGRESS, ACTIVE = map(tracker, ("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"))


class Watching:
    """A client whose gateways stream what the test says, each in turn."""

    def __init__(self, *streams: Sequence[EventTracker | CallFailed]) -> None:
        self._streams = list(streams)
        self.slept_s: list[float] = []
        channel = grpc.insecure_channel("127.0.0.1:1")
        self.client = Client(channel, None, 60, self.slept_s.append)
        channel.close()
        self.client._stub = SimpleNamespace(WatchEventTracker=self._stream)  # type: ignore[assignment]

    def _stream(self, *_: Any, **__: Any) -> Iterator[WatchEventTrackerResponse]:
        for one in self._streams.pop(0):
            if isinstance(one, CallFailed):
                raise one
            yield WatchEventTrackerResponse(event_tracker=one)

    def changes(self, last: EventTracker | None = None) -> list[EventTracker]:
        """Return what a watch yields."""
        found = list(self.client.watch("shop", "clicks", 900, last))
        assert not self._streams
        return found


def test_a_watch_goes_on_at_another_gateway() -> None:
    """What was told already is not told again."""
    watching = Watching([PENDING, STOPPING], [STOPPING], [PENDING, IN_PROGRESS, ACTIVE])
    assert watching.changes() == [PENDING, IN_PROGRESS, ACTIVE]
    assert watching.slept_s == [1, 1]


def test_what_was_seen_before_is_not_told_again() -> None:
    """A command that has printed the tracker follows it from there."""
    assert Watching([PENDING, ACTIVE]).changes(PENDING) == [ACTIVE]


def test_one_that_was_seen_and_is_not_found_is_gone() -> None:
    """AWS was done before the watch began, or while it changed the gateway."""
    assert Watching([UNKNOWN]).changes(ACTIVE) == [tracker("DELETED")]
    deleting = tracker("DELETE PENDING")
    watching = Watching([deleting, STOPPING], [UNKNOWN])
    assert watching.changes() == [deleting, tracker("DELETED")]


@pytest.mark.parametrize("failure", [UNKNOWN, STOPPING])
def test_one_that_was_never_seen_fails_the_command(
    failure: CallFailed, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody knows whether there is such a tracker, or such a gateway."""
    with pytest.raises(SystemExit) as caught:
        Watching([failure]).changes()
    assert caught.value.code == NOT_DONE
    assert failure.details() in capsys.readouterr().err
