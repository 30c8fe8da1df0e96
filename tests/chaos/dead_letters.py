"""The dead letters of a gateway, as DeadLetterService tells of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import grpc
from personalize_gateway.v1.dead_letter_pb2 import DeadLetter, DeadLetterReason
from personalize_gateway.v1.dead_letter_service_pb2 import ListDeadLettersRequest
from personalize_gateway.v1.dead_letter_service_pb2_grpc import DeadLetterServiceStub

from tests.chaos.connection import CALL_S, metadata
from tests.chaos.ledger import Identity, Version
from tests.chaos.messages import ADMIN, BAD

_PAGE = 500
_PREFIX = "DEAD_LETTER_REASON_"


@dataclass(frozen=True, slots=True)
class Given:
    """A record that the gateway has given up.

    Attributes:
        reason: a value of the API's `DeadLetterReason`, without its prefix.
        bad: whether it was marked to be refused.
    """

    identity: Identity
    reason: str
    bad: bool

    @classmethod
    def up(cls, dead_letter: DeadLetter) -> Self:
        """Return what a dead letter stands for."""
        reason = DeadLetterReason.Name(dead_letter.reason).removeprefix(_PREFIX)
        record = dead_letter.record
        if record.HasField("event"):
            event_id = record.event.event_id
            return cls(event_id, reason, bad=event_id.startswith(f"{BAD}-"))
        properties = record.item.properties.fields
        version = Version(record.item.item_id, int(properties["version"].number_value))
        return cls(version, reason, bad=properties["mark"].string_value == BAD)


async def given_up(address: str) -> Sequence[Given]:
    """Return what the gateway at an address has given up.

    Raises:
        grpc.aio.AioRpcError: it does not answer.
    """
    found: list[DeadLetter] = []
    request = ListDeadLettersRequest(page_size=_PAGE)
    async with grpc.aio.insecure_channel(address) as channel:
        stub = DeadLetterServiceStub(channel)
        while True:
            page = await stub.ListDeadLetters(request, timeout=CALL_S, metadata=metadata(ADMIN))
            found += page.dead_letters
            if not page.next_page_token:
                return [Given.up(dead_letter) for dead_letter in found]
            request.page_token = page.next_page_token
