"""Dead letters are for administrators."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from personalize_gateway.v1.dead_letter_service_pb2 import (
    DeleteDeadLettersRequest,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
)
from personalize_gateway.v1.dead_letter_service_pb2_grpc import DeadLetterServiceStub

from gateway.acceptance import Acceptance
from gateway.config import Identity
from gateway.routing.access import Access
from gateway.routing.permission import Administrators
from gateway.routing.router import Router
from gateway.rpc.identity import identity_of
from gateway.rpc.server import Server
from tests.support.dead_letters import VALIDATOR, Setting
from tests.support.refused import refused


@pytest.fixture
async def stub() -> AsyncIterator[Any]:
    """Of a gateway that `ops` administers."""
    setting = Setting()
    server = Server(
        Acceptance(Router((), ()), VALIDATOR, setting.outbox),
        identity_of(Identity()),
        max_message_bytes=4 * 1024 * 1024,
        dead_letters=setting.service,
        access=Access(administrators=Administrators(["ops"])),
    )
    (port,) = await server.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield DeadLetterServiceStub(channel)
    await server.stop(grace_s=0)


async def test_nobody_else_may_see_or_change_them(stub: Any) -> None:
    """Whatever is asked for."""
    calls = (
        (stub.ListDeadLetters, ListDeadLettersRequest()),
        (stub.ReplayDeadLetters, ReplayDeadLettersRequest(filter={})),
        (stub.DeleteDeadLetters, DeleteDeadLettersRequest(filter={})),
    )
    found = [
        await refused(call(request, metadata=(("x-caller", "web"),))) for call, request in calls
    ]
    assert [(one.code, one.reason) for one in found] == [
        (grpc.StatusCode.PERMISSION_DENIED, "ADMIN_REQUIRED")
    ] * 3


async def test_an_administrator_may(stub: Any) -> None:
    """There are none."""
    ops = (("x-caller", "ops"),)
    response = await stub.ListDeadLetters(ListDeadLettersRequest(), metadata=ops)
    assert len(response.dead_letters) == 0
