"""A service of the API that a gateway does not serve."""

import grpc
import pytest
from personalize_gateway.v1.dead_letter_service_pb2 import ListDeadLettersRequest
from personalize_gateway.v1.dead_letter_service_pb2_grpc import DeadLetterServiceStub
from personalize_gateway.v1.tracker_service_pb2 import WatchEventTrackerRequest
from personalize_gateway.v1.tracker_service_pb2_grpc import TrackerServiceStub

from tests.support.identity import serving
from tests.support.refused import refused, taken_apart


async def test_its_rpcs_say_that_they_are_not_served() -> None:
    """Unary or streaming, with a reason."""
    async with serving("") as served, served.channel(None) as channel:
        stream = TrackerServiceStub(channel).WatchEventTracker(WatchEventTrackerRequest())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for _ in stream:
                pass
        unary = await refused(
            DeadLetterServiceStub(channel).ListDeadLetters(ListDeadLettersRequest())
        )
    for answer in (unary, taken_apart(caught.value)):
        assert (answer.code, answer.reason) == (grpc.StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED")
