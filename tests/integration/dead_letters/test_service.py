"""DeadLetterService over gRPC, with its dead letters in one process and over the socket."""

from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ResourceInfo
from personalize_gateway.v1.dead_letter_pb2 import DeadLetter
from personalize_gateway.v1.dead_letter_service_pb2 import (
    DeleteDeadLettersRequest,
    DeleteDeadLettersResponse,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
    ReplayDeadLettersResponse,
    ReplayRefusal,
)
from personalize_gateway.v1.dead_letter_service_pb2_grpc import DeadLetterServiceStub
from personalize_gateway.v1.violation_pb2 import RULE_PLACEHOLDER_ID, Violation

from gateway.api import Item
from gateway.outbox.interface import OutboxUnavailable
from gateway.records import Kind, Lane
from tests.support.dead_letters import Setting, dead_letter, event
from tests.support.refused import refused


async def test_dead_letters_are_listed_replayed_and_deleted(
    setting: Setting, channel: grpc.aio.Channel
) -> None:
    """The three RPCs do what they say, with clients' own classes."""
    setting.kept.add(
        dead_letter("d1", event(event_id="e1")),
        dead_letter("d2", Item(item_id="i"), superseded=True),
        dead_letter("d3", Item(item_id="null")),
    )
    stub = DeadLetterServiceStub(channel)
    page = await stub.ListDeadLetters(ListDeadLettersRequest(page_size=2))
    assert [one.dead_letter_id for one in page.dead_letters] == ["d1", "d2"]
    assert page.dead_letters[0].record.event.event_id == "e1"
    rest = await stub.ListDeadLetters(ListDeadLettersRequest(page_token=page.next_page_token))
    assert isinstance(rest.dead_letters[0], DeadLetter)
    assert ([one.dead_letter_id for one in rest.dead_letters], rest.next_page_token) == (["d3"], "")

    request = ReplayDeadLettersRequest(filter={})
    request.patch.update({"event": {"eventType": "Buy"}})
    done = await stub.ReplayDeadLetters(request)
    (chunk,) = await setting.appended()
    assert b'"eventType":"Buy"' in chunk.records[0].element
    assert (done.replayed, done.superseded, done.refusals[0].dead_letter_id) == (1, 1, "d3")

    done = await stub.ReplayDeadLetters(ReplayDeadLettersRequest(filter={}))
    violation = Violation(
        field="record.item.item_id",
        rule=RULE_PLACEHOLDER_ID,
        description=done.refusals[0].violations[0].description,
    )
    assert done == ReplayDeadLettersResponse(
        replayed=0,
        superseded=1,
        refusals=[ReplayRefusal(dead_letter_id="d3", violations=[violation])],
        refused=1,
    )
    deleting = DeleteDeadLettersRequest(filter={"dataset_group": "shop"})
    assert await stub.DeleteDeadLetters(deleting) == DeleteDeadLettersResponse(deleted=2)
    assert setting.kept.ids == []


async def test_an_unknown_id_is_not_found(setting: Setting, channel: grpc.aio.Channel) -> None:
    """The details name it, and the status has room for them however long the IDs are."""
    stub = DeadLetterServiceStub(channel)
    setting.kept.add(dead_letter("d1", event()))
    made_up = [f"{number:03}" + "\U0001d4b3" * 253 for number in range(20)]
    for call in (
        stub.ListDeadLetters(ListDeadLettersRequest(filter={"dead_letter_ids": made_up})),
        stub.ReplayDeadLetters(ReplayDeadLettersRequest(filter={"dead_letter_ids": made_up})),
        stub.DeleteDeadLetters(DeleteDeadLettersRequest(filter={"dead_letter_ids": made_up})),
    ):
        answer = await refused(call)
        assert (answer.code, answer.reason) == (grpc.StatusCode.NOT_FOUND, "DEAD_LETTER_UNKNOWN")
        assert answer.metadata == {"unknown": "20"}
        assert answer.trailer_bytes < 7000
        info = answer.others["ResourceInfo"]
        assert isinstance(info, ResourceInfo)
        assert (info.resource_type, info.resource_name) == ("dead_letter", made_up[4])


@pytest.mark.parametrize(
    ("method", "request_", "violations"),
    [
        ("ListDeadLetters", ListDeadLettersRequest(page_token="x"), [("page_token", "PATTERN")]),
        ("DeleteDeadLetters", DeleteDeadLettersRequest(filter={}), [("filter", "REQUIRED")]),
        ("ReplayDeadLetters", ReplayDeadLettersRequest(), [("filter", "REQUIRED")]),
        (
            "ReplayDeadLetters",
            ReplayDeadLettersRequest(filter={}, patch={"event": {"itemID": "i"}}),
            [('patch["event"]["itemID"]', "PATTERN")],
        ),
    ],
)
async def test_a_request_that_is_wrong_says_where(
    method: str, request_: Any, violations: list[tuple[str, str]], channel: grpc.aio.Channel
) -> None:
    """The status is INVALID_ARGUMENT with the path of the field."""
    answer = await refused(getattr(DeadLetterServiceStub(channel), method)(request_))
    assert (answer.code, answer.reason, answer.violations) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_FIELDS",
        violations,
    )


async def test_a_full_outbox_asks_to_wait(setting: Setting, channel: grpc.aio.Channel) -> None:
    """The answer is that of a put into it."""
    setting.kept.add(dead_letter("d1", Item(item_id="i"), lane=Lane("full", Kind.ITEMS)))
    stub = DeadLetterServiceStub(channel)
    answer = await refused(stub.ReplayDeadLetters(ReplayDeadLettersRequest(filter={})))
    assert (answer.code, answer.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "BUDGET_EXHAUSTED",
    )
    assert "RetryInfo" in answer.others


async def test_dead_letters_that_cannot_be_written_are_unavailable(
    setting: Setting, channel: grpc.aio.Channel
) -> None:
    """The caller may ask again, and learns nothing of the disk."""

    def fail() -> None:
        raise OutboxUnavailable("/var/lib is full")

    setting.kept.add(dead_letter("d1", Item(item_id="i")))
    setting.kept.on_delete = fail
    stub = DeadLetterServiceStub(channel)
    answer = await refused(stub.ReplayDeadLetters(ReplayDeadLettersRequest(filter={})))
    assert (answer.code, answer.reason, answer.message) == (
        grpc.StatusCode.UNAVAILABLE,
        "OUTBOX_UNAVAILABLE",
        "the dead letters cannot be reached at the moment; ask again",
    )
    assert "RetryInfo" in answer.others


async def test_500_large_refusals_fit_into_a_message(
    setting: Setting, channel: grpc.aio.Channel
) -> None:
    """Each dead letter is named, if not each of its faults."""
    columns = {f"{'k' * 60}{number}": float(2**60) for number in range(120)}
    setting.kept.add(
        *(
            dead_letter(f"d{number}", Item(item_id=f"i{number}", properties=columns))
            for number in range(500)
        )
    )
    stub = DeadLetterServiceStub(channel)
    done = await stub.ReplayDeadLetters(ReplayDeadLettersRequest(filter={}))
    assert len(done.refusals) == 500
    assert {len(refusal.violations) for refusal in done.refusals} == {100, 1}
