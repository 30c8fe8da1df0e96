"""How the commands for dead letters reach DeadLetterService."""

from collections.abc import Iterator
from typing import Any

import grpc
from personalize_gateway.v1.dead_letter_pb2 import DeadLetter
from personalize_gateway.v1.dead_letter_service_pb2 import (
    DeadLetterFilter,
    DeleteDeadLettersRequest,
    DeleteDeadLettersResponse,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
    ReplayDeadLettersResponse,
)
from personalize_gateway.v1.dead_letter_service_pb2_grpc import DeadLetterServiceStub

from gateway.cli.channel import Metadata, with_client_of
from gateway.cli.failure import Failure, end_by


class Client:
    """The dead letters of a gateway. A call that fails ends the command.

    Args:
        opened: a channel to the gateway.
        metadata: of every call.
        timeout_s: how long each call may take.
    """

    def __init__(self, opened: grpc.Channel, metadata: Metadata | None, timeout_s: float) -> None:
        self._stub = DeadLetterServiceStub(opened)
        self._how: dict[str, Any] = {"metadata": metadata, "timeout": timeout_s}

    def find(self, which: DeadLetterFilter, page_size: int = 100) -> Iterator[DeadLetter]:
        """Yield the dead letters that a filter chooses, the oldest first."""
        request = ListDeadLettersRequest(filter=which, page_size=page_size)
        while True:
            page = self._call("ListDeadLetters", request)
            yield from page.dead_letters
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def replay(self, request: ReplayDeadLettersRequest) -> ReplayDeadLettersResponse:
        """Replay what a request chooses."""
        response: ReplayDeadLettersResponse = self._call("ReplayDeadLetters", request)
        return response

    def delete(self, which: DeadLetterFilter) -> DeleteDeadLettersResponse:
        """Delete what a filter chooses, or as much of it as one call can."""
        request = DeleteDeadLettersRequest(filter=which)
        response: DeleteDeadLettersResponse = self._call("DeleteDeadLetters", request)
        return response

    def _call(self, method: str, request: Any) -> Any:  # noqa: ANN401 - of any of the RPCs
        try:
            return getattr(self._stub, method)(request, **self._how)
        except grpc.RpcError as error:
            end_by(Failure.of_call(error))


with_client = with_client_of(Client)
"""Gives a command the options that name the gateway, and the client as `client`."""
