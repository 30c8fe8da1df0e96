"""The control endpoints over HTTP, and faults as clients meet them."""

import asyncio
import errno
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from gateway.personalize.emulator import Emulator

EVENT: dict[str, Any] = {"eventType": "View", "itemId": "i", "sentAt": 1}


async def put(emulator: Emulator, wire: Any, *, user: str = "u") -> Any:
    """Put one event."""
    body = {
        "trackingId": emulator.dataset_group("shop").tracking_id,
        "sessionId": "s",
        "userId": user,
        "eventList": [EVENT],
    }
    return await wire.post("/events", body)


async def fault(wire: Any, **settings: Any) -> None:
    """Set a fault."""
    reply = await wire.send("POST", "/_emulator/faults", json.dumps(settings).encode())
    assert reply.status == 201


async def test_health(wire: Any) -> None:
    """Who asks for health needs no signature."""
    reply = await wire.send("GET", "/_emulator/health")

    assert (reply.status, reply.json) == (200, {"status": "ok"})


async def test_dataset_groups(emulator: Emulator, wire: Any) -> None:
    """The identifiers that a gateway is configured with can be asked for."""
    shop = emulator.dataset_group("shop")

    assert (await wire.send("GET", "/_emulator/dataset_groups")).json == {
        "dataset_groups": [
            {
                "name": "shop",
                "arn": shop.arn,
                "tracking_id": shop.tracking_id,
                "action_tracking_id": shop.action_tracking_id,
                "dataset_arns": dict(shop.dataset_arns),
            }
        ]
    }


async def test_records_as_json_lines(emulator: Emulator, wire: Any) -> None:
    """Records come as JSON lines in order of arrival, filtered by kind and dataset group."""
    for user in ("u1", "u2"):
        await put(emulator, wire, user=user)
    arn = emulator.dataset_group("shop").arn

    async def users(query: str) -> list[str]:
        reply = await wire.send("GET", f"/_emulator/records{query}")
        assert reply.headers["Content-Type"] == "application/x-ndjson"
        return [json.loads(line)["user_id"] for line in reply.body.splitlines()]

    assert [
        await users(""),
        await users("?kind=events&dataset_group=shop"),
        await users(f"?dataset_group={arn}"),
        await users("?kind=items"),
        await users("?dataset_group=other"),
    ] == [["u1", "u2"], ["u1", "u2"], ["u1", "u2"], [], []]


async def test_a_line_of_a_record(emulator: Emulator, wire: Any) -> None:
    """A line has all that is known of a record."""
    reply = await put(emulator, wire)
    (line,) = (await wire.send("GET", "/_emulator/records")).body.splitlines()
    shown = json.loads(line)
    received_at = shown.pop("received_at")

    assert received_at == emulator.records()[0].received_at
    assert shown == {
        "sequence": 1,
        "kind": "events",
        "dataset_group": "shop",
        "request_id": reply.headers["x-amzn-RequestId"],
        "session_id": "s",
        "user_id": "u",
        "element": EVENT,
    }


async def test_many_records_are_streamed(emulator: Emulator, wire: Any) -> None:
    """More records than fit into one part of the answer come without a gap."""
    for _ in range(120):
        body = {
            "trackingId": emulator.dataset_group("shop").tracking_id,
            "sessionId": "s",
            "eventList": [EVENT] * 10,
        }
        assert (await wire.post("/events", body)).status == 200

    reply = await wire.send("GET", "/_emulator/records")

    sequences = [json.loads(line)["sequence"] for line in reply.body.splitlines()]
    assert sequences == list(range(1, 1201))


async def test_an_unknown_kind(wire: Any) -> None:
    """A kind that there is not is an error, not an empty answer."""
    reply = await wire.send("GET", "/_emulator/records?kind=event")

    assert (reply.status, reply.json) == (
        400,
        {"error": "kind is one of events, action_interactions, items, users, actions"},
    )


async def test_stats(emulator: Emulator, wire: Any) -> None:
    """Counts are shown by operation and by dataset group."""
    await put(emulator, wire)
    await fault(wire, answer="throttle")
    await put(emulator, wire)
    counts = {
        "calls": 2,
        "succeeded": 1,
        "throttled": 1,
        "refused": 0,
        "failed": 0,
        "reset": 0,
        "records": 1,
        "dropped": 0,
        "errors": {"ThrottlingException": 1},
        "records_per_call": {"1": 1},
        "mean_records_per_call": 1.0,
    }

    assert (await wire.send("GET", "/_emulator/stats")).json == {
        "operations": {"PutEvents": counts},
        "dataset_groups": {"shop": {"PutEvents": counts}},
    }


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"answer": "throttle"}, (400, "ThrottlingException")),
        ({"answer": "500"}, (500, "InternalFailure")),
        ({"answer": 503}, (503, "ServiceUnavailable")),
        ({"answer": "refuse"}, (400, "InvalidInputException")),
        (
            {"answer": "refuse", "code": "ExpiredTokenException", "status": 403},
            (403, "ExpiredTokenException"),
        ),
    ],
)
async def test_faults_that_are_answers(
    emulator: Emulator, wire: Any, settings: dict[str, Any], error: tuple[int, str]
) -> None:
    """A faulty answer is given so many times, and the call has no effect."""
    await fault(wire, next=2, **settings)
    replies = [await put(emulator, wire) for _ in range(3)]

    assert [reply.status for reply in replies] == [error[0], error[0], 200]
    assert replies[0].error == error
    assert len(emulator.records()) == 1


async def test_how_long_to_wait(emulator: Emulator, wire: Any) -> None:
    """A fault may say when to come again."""
    await fault(wire, answer="throttle", retry_after_s=2)

    assert (await put(emulator, wire)).headers["Retry-After"] == "2"


@pytest.mark.parametrize(("answer", "kept"), [("reset_before", 0), ("reset_after", 1)])
async def test_connections_that_are_reset(
    emulator: Emulator, wire: Any, answer: str, kept: int
) -> None:
    """A reset comes before the call takes effect, or after; the client cannot tell which."""
    await fault(wire, answer=answer, next=1)
    with pytest.raises(aiohttp.ClientOSError) as caught:
        await put(emulator, wire)
    records = len(emulator.records())
    after = (await put(emulator, wire)).status
    counts = emulator.stats()["operations"]["PutEvents"]

    assert caught.value.errno == errno.ECONNRESET
    assert (records, after) == (kept, 200)
    assert (counts["reset"], counts["succeeded"], counts["records"]) == (1, 1, kept + 1)


@pytest.mark.parametrize(("setting", "kept"), [("latency_s", 0), ("answer_latency_s", 1)])
async def test_latency(
    emulator: Emulator, wire: Any, eventually: Callable[..., Any], setting: str, kept: int
) -> None:
    """A late call takes effect late, or at once and is answered late; others pass meanwhile."""
    await fault(wire, next=1, **{setting: 600})
    late = asyncio.create_task(put(emulator, wire))
    await eventually(lambda: emulator.stats()["operations"])
    records = len(emulator.records())
    passing = await put(emulator, wire, user="other")
    done = late.done()
    late.cancel()
    await asyncio.wait([late])

    assert (records, passing.status, done) == (kept, 200, False)


async def test_a_sequence_of_answers(emulator: Emulator, wire: Any) -> None:
    """A script gives each call its own answer, then the emulator is itself again."""
    await fault(wire, sequence=["throttle", "normal", "503"], operation="PutEvents")

    assert [(await put(emulator, wire)).status for _ in range(4)] == [400, 200, 503, 200]


async def test_faults_of_one_dataset_group(emulator: Emulator, wire: Any) -> None:
    """A fault of another dataset group or operation leaves a call alone; discovery is hit too."""
    arn = emulator.dataset_group("shop").dataset_arns["ITEMS"]
    await fault(wire, answer="500", dataset_group="other")
    await fault(wire, answer="500", operation="PutItems")
    await fault(wire, answer="503", dataset_group="shop", operation="DescribeDataset")

    described = await wire.post("/", {"datasetArn": arn}, target="DescribeDataset")

    assert ((await put(emulator, wire)).status, described.status) == (200, 503)


async def test_faults_are_shown_and_cleared(emulator: Emulator, wire: Any) -> None:
    """What is set can be seen and taken back."""
    await fault(wire, answer="500", next=3)
    await put(emulator, wire)
    shown = await wire.send("GET", "/_emulator/faults")
    cleared = await wire.send("DELETE", "/_emulator/faults")

    assert shown.json == {
        "faults": [{"number": 1, "answer": "500", "next": 3, "hits": 1, "left": 2}]
    }
    assert cleared.json == {"faults": []}
    assert (await put(emulator, wire)).status == 200


async def test_what_is_no_fault(wire: Any) -> None:
    """A fault that cannot be says which field is wrong."""
    reply = await wire.send("POST", "/_emulator/faults", b'{"share": 2, "answr": "500"}')

    assert reply.status == 400
    assert [problem["field"] for problem in reply.json["error"]] == ["share", "answr"]


async def test_forced_states(emulator: Emulator, wire: Any) -> None:
    """A tracker can be made to fail, and given back to the clock."""
    listed = await wire.post("/", {}, target="ListEventTrackers")
    tracker = {"eventTrackerArn": listed.json["eventTrackers"][0]["eventTrackerArn"]}

    async def force(status: str | None) -> int:
        body = {"arn": tracker["eventTrackerArn"], "status": status}
        reply = await wire.send("POST", "/_emulator/status", json.dumps(body).encode())
        described = await wire.post("/", tracker, target="DescribeEventTracker")
        assert described.json["eventTracker"]["status"] == (status or "ACTIVE")
        return int(reply.status)

    seen = [
        await force("CREATE FAILED"),
        (await put(emulator, wire)).error,
        await force(None),
        (await put(emulator, wire)).status,
    ]

    assert seen == [200, (400, "InvalidInputException"), 200, 200]


async def test_the_reason_of_a_failure(emulator: Emulator, wire: Any) -> None:
    """A dataset group that failed shows why."""
    arn = emulator.dataset_group("shop").arn
    body = {"arn": arn, "status": "CREATE FAILED", "failure_reason": "no reason"}
    await wire.send("POST", "/_emulator/status", json.dumps(body).encode())

    described = await wire.post("/", {"datasetGroupArn": arn}, target="DescribeDatasetGroup")

    group = described.json["datasetGroup"]
    assert (group["status"], group["failureReason"]) == ("CREATE FAILED", "no reason")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"arn": "none", "status": "ACTIVE"}, 404),
        ({"arn": "none", "status": "BROKEN"}, 400),
        ({"status": "ACTIVE"}, 400),
    ],
)
async def test_states_that_cannot_be_forced(wire: Any, body: dict[str, str], status: int) -> None:
    """An unknown resource is not found, an unknown state refused."""
    reply = await wire.send("POST", "/_emulator/status", json.dumps(body).encode())

    assert reply.status == status
