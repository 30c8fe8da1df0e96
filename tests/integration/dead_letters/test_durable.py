"""From a refusal by Personalize to its replay, with the outbox on disk and all that is between."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from personalize_gateway.v1.acknowledgement_pb2 import (
    ACK_LEVEL_DELIVERED,
    OUTCOME_STATE_DEAD_LETTERED,
    OUTCOME_STATE_DELIVERED,
    OutcomeState,
)
from personalize_gateway.v1.catalog_service_pb2 import PutItemsRequest
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.dead_letter_service_pb2 import (
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
    ReplayDeadLettersResponse,
)
from personalize_gateway.v1.dead_letter_service_pb2_grpc import DeadLetterServiceStub
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from gateway import embedded
from gateway.acceptance import Acceptance
from gateway.clock import SystemClock
from gateway.config import ANYBODY, Config, Identity
from gateway.control.client import ControlClient
from gateway.control.dead_letters import RemoteDeadLetters, dead_letter_routes
from gateway.control.server import ControlServer
from gateway.dead_letters.service import DeadLetterService
from gateway.delivery_side import DeliverySide
from gateway.outbox.sqlite import SqliteOutbox
from gateway.personalize.emulator import Answer, Emulator, Fault
from gateway.routing.access import Access
from gateway.routing.permission import Administrators
from gateway.routing.router import Router
from gateway.rpc.identity import identity_of
from gateway.rpc.server import Server
from tests.support.dead_letters import RENEW, VALIDATOR
from tests.support.messages import event, item
from tests.support.received import received
from tests.support.refused import refused

ALL = ReplayDeadLettersRequest(filter={})


@dataclass(frozen=True, slots=True)
class Parts:
    """A gateway of two sides, put together by hand.

    Attributes:
        control: serves the dead letters to the side of ingest.
        channel: to the side of ingest.
    """

    control: ControlServer
    channel: grpc.aio.Channel

    async def put_event(self, event_type: str = "View") -> "OutcomeState":
        """Put the event e1 and return what became of it."""
        said = event(event_id="e1", event_type=event_type)
        request = PutEventsRequest(events=[said], ack_level=ACK_LEVEL_DELIVERED)
        return (await EventServiceStub(self.channel).PutEvents(request)).outcomes[0].state

    async def put_item(self, price: float) -> "OutcomeState":
        """Put the item i1 and return what became of it."""
        request = PutItemsRequest(items=[item("i1", price=price)], ack_level=ACK_LEVEL_DELIVERED)
        return (await CatalogServiceStub(self.channel).PutItems(request)).outcomes[0].state

    async def dead_letter_ids(self) -> list[str]:
        """Return the IDs of all dead letters."""
        page = await DeadLetterServiceStub(self.channel).ListDeadLetters(ListDeadLettersRequest())
        return [one.dead_letter_id for one in page.dead_letters]

    async def replay(self, request: ReplayDeadLettersRequest) -> ReplayDeadLettersResponse:
        """Replay."""
        return await DeadLetterServiceStub(self.channel).ReplayDeadLetters(request)


@asynccontextmanager
async def running(config: Config, emulator: Emulator, directory: Path) -> AsyncIterator[Parts]:
    """Run a gateway on a directory."""
    outbox = SqliteOutbox.open(directory, {})
    control = ControlServer(directory, dead_letter_routes(outbox.dead_letters))
    await control.start()
    delivery = DeliverySide(config, outbox, embedded.credentials(emulator))
    delivery.start()
    async with ControlClient(directory) as client:
        dead_letters = RemoteDeadLetters(client)
        server = Server(
            Acceptance(Router(config.routes, config.dataset_groups), VALIDATOR, outbox),
            identity_of(Identity()),
            max_message_bytes=config.server.max_message_bytes,
            dead_letters=DeadLetterService(dead_letters, outbox, VALIDATOR, RENEW, SystemClock()),
            access=Access(administrators=Administrators([ANYBODY])),
        )
        (port,) = await server.start("127.0.0.1:0")
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Parts(control, channel)
        await server.stop(grace_s=0)
    await delivery.stop()
    await control.stop()
    await outbox.close()


@pytest.fixture
async def parts(config: Config, emulator: Emulator, tmp_path: Path) -> AsyncIterator[Parts]:
    """A gateway on a new directory."""
    async with running(config, emulator, tmp_path / "outbox") as started:
        yield started


def refuse_next(emulator: Emulator, operation: str) -> None:
    """Have Personalize refuse the next call of an operation."""
    emulator.faults.add(Fault(answer=Answer.REFUSE, operation=operation, next=1))


async def test_a_refused_event_is_mended_and_arrives(parts: Parts, emulator: Emulator) -> None:
    """The patched event reaches Personalize, by the ID that its caller gave it."""
    refuse_next(emulator, "PutEvents")
    assert await parts.put_event("view") == OUTCOME_STATE_DEAD_LETTERED
    assert len(await parts.dead_letter_ids()) == 1
    request = ReplayDeadLettersRequest(filter={}, patch={"event": {"eventType": "View"}})
    assert await parts.replay(request) == ReplayDeadLettersResponse(replayed=1)
    (record,) = await received(emulator, "events", 1)
    element = json.loads(record.element)
    assert (element["eventId"], element["eventType"], record.session_id) == ("e1", "View", "s1")
    assert await parts.dead_letter_ids() == []


async def test_what_is_refused_again_is_a_dead_letter_again(
    parts: Parts, emulator: Emulator
) -> None:
    """It has a new ID, and can be replayed once more."""
    refuse_next(emulator, "PutEvents")
    await parts.put_event()
    before = await parts.dead_letter_ids()
    refuse_next(emulator, "PutEvents")
    assert await parts.replay(ALL) == ReplayDeadLettersResponse(replayed=1)
    async with asyncio.timeout(60):
        while not (after := await parts.dead_letter_ids()):  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
    assert (len(before), len(after), set(before) & set(after)) == (1, 1, set())
    assert await parts.replay(ALL) == ReplayDeadLettersResponse(replayed=1)
    assert len(await received(emulator, "events", 1)) == 1


async def test_an_old_item_does_not_replace_a_newer_one_by_itself(
    parts: Parts, emulator: Emulator
) -> None:
    """Once the newer one was delivered, the dead letter of the old one is left unless forced."""
    refuse_next(emulator, "PutItems")
    assert await parts.put_item(1.0) == OUTCOME_STATE_DEAD_LETTERED
    assert await parts.put_item(2.0) == OUTCOME_STATE_DELIVERED
    assert await parts.replay(ALL) == ReplayDeadLettersResponse(superseded=1)
    forced = ReplayDeadLettersRequest(filter={}, force=True)
    assert await parts.replay(forced) == ReplayDeadLettersResponse(replayed=1)
    prices = [
        json.loads(json.loads(record.element)["properties"])["price"]
        for record in await received(emulator, "items", 2)
    ]
    assert prices == [2, 1]


async def test_dead_letters_outlive_their_gateway(
    config: Config, emulator: Emulator, tmp_path: Path
) -> None:
    """What was dead-lettered by one process is listed and replayed by the next."""
    async with running(config, emulator, tmp_path) as first:
        refuse_next(emulator, "PutEvents")
        await first.put_event()
        ids = await first.dead_letter_ids()
    async with running(config, emulator, tmp_path) as second:
        assert await second.dead_letter_ids() == ids
        assert await second.replay(ALL) == ReplayDeadLettersResponse(replayed=1)
        assert len(await received(emulator, "events", 1)) == 1


async def test_while_delivery_is_away_dead_letters_are_unavailable(parts: Parts) -> None:
    """The caller is told to ask again."""
    assert await parts.dead_letter_ids() == []
    await parts.control.stop()
    answer = await refused(parts.replay(ALL))
    assert (answer.code, answer.reason) == (grpc.StatusCode.UNAVAILABLE, "OUTBOX_UNAVAILABLE")
