"""What AWS checks and botocore's client does not: raw HTTP, signed and badly signed."""

import asyncio
import json
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import pytest
from botocore.credentials import Credentials

from gateway.personalize.emulator import Emulator


class Reply(Protocol):
    status: int
    headers: dict[str, str]
    body: bytes
    error: tuple[int, str]
    json: Any


class Wire(Protocol):
    url: str

    async def post(self, path: str, body: Any = b"", **options: Any) -> Reply: ...

    async def send(self, method: str, path: str, *args: Any, **options: Any) -> Reply: ...


EVENT: dict[str, Any] = {"eventType": "View", "itemId": "i", "sentAt": 1}


def events_of(emulator: Emulator, *events: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return the input of PutEvents."""
    tracking_id = emulator.dataset_group("shop").tracking_id
    sound = {"trackingId": tracking_id, "sessionId": "s", "eventList": list(events or [EVENT])}
    return sound | members


async def test_success_is_an_empty_answer(emulator: Emulator, wire: Wire) -> None:
    """A put is answered 200 without a body, with a request ID that its record has too."""
    reply = await wire.post("/events", events_of(emulator))

    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["Content-Type"] == "application/json"
    assert [r.request_id for r in emulator.records()] == [reply.headers["x-amzn-RequestId"]]


async def test_records_are_kept_as_received(emulator: Emulator, wire: Wire) -> None:
    """The JSON of an element is kept to the byte, unknown members, spaces and escapes included."""
    tracking_id = emulator.dataset_group("shop").tracking_id
    element = '{ "eventType":"View",  "sentAt" : 1.50, "itemId":"\\u00e9", "unknown":[1] }'
    body = f'{{"sessionId":"s","trackingId":"{tracking_id}","eventList":[ {element} ]}}'

    reply = await wire.post("/events", body.encode())

    assert reply.status == 200
    assert [record.element for record in emulator.records()] == [element]


@pytest.mark.parametrize(
    ("change", "path", "constraint"),
    [
        ({"sessionId": "x" * 257}, "sessionId", "have length less than or equal to 256"),
        ({"userId": ""}, "userId", "have length greater than or equal to 1"),
        ({"eventList": []}, "eventList", "have length greater than or equal to 1"),
        ({"eventList": [EVENT] * 11}, "eventList", "have length less than or equal to 10"),
        (
            {"eventList": [EVENT, EVENT | {"recommendationId": "x" * 41}]},
            "eventList.2.member.recommendationId",
            "have length less than or equal to 40",
        ),
        (
            {"eventList": [EVENT | {"properties": '{"a":"' + "x" * 1024 + '"}'}]},
            "eventList.1.member.properties",
            "have length less than or equal to 1024",
        ),
        (
            {"eventList": [EVENT | {"impression": ["x"] * 26}]},
            "eventList.1.member.impression",
            "have length less than or equal to 25",
        ),
        (
            {"eventList": [EVENT | {"metricAttribution": {"eventAttributionSource": " "}}]},
            "eventList.1.member.metricAttribution.eventAttributionSource",
            r"satisfy regular expression pattern: ^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$",
        ),
        ({"eventList": [{"sentAt": 1}]}, "eventList.1.member.eventType", "not be null"),
    ],
)
async def test_maxima_and_patterns(
    emulator: Emulator, wire: Wire, change: dict[str, Any], path: str, constraint: str
) -> None:
    """What breaks the model is refused by its path, and nothing of the call is kept."""
    reply = await wire.post("/events", events_of(emulator) | change)

    assert reply.error == (400, "InvalidInputException")
    assert reply.json == {
        "message": f"1 validation error detected: Value at '{path}' failed to satisfy constraint:"
        f" Member must {constraint}"
    }
    assert emulator.records() == []


async def test_errors_of_aws_json(wire: Wire) -> None:
    """AWS JSON says the code in the body too."""
    reply = await wire.post("/", {"name": "a b"}, target="CreateDatasetGroup")

    assert reply.error == (400, "InvalidInputException")
    assert reply.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert reply.json["__type"] == "InvalidInputException"
    assert "'name' failed to satisfy constraint" in reply.json["message"]


async def test_an_operation_that_does_not_model_invalid_input(wire: Wire) -> None:
    """Where the model has no InvalidInputException, input outside it is a ValidationException."""
    reply = await wire.post("/", {"maxResults": 101}, target="ListSchemas")

    assert reply.error == (400, "ValidationException")


async def test_the_code_for_broken_constraints_can_be_set(
    emulator_of: Callable[..., Any], wire_of: Callable[[str], Wire]
) -> None:
    """AWS's frameworks often say ValidationException; the emulator can as well."""
    emulator = await emulator_of(constraint_error="ValidationException")

    reply = await wire_of(emulator.url).post("/events", {})

    assert reply.error == (400, "ValidationException")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"eventList": {}}', b'{"sessionId": 1}', b'{"eventList": [1]}', b"\xff"]
)
async def test_bodies_that_cannot_be_read(wire: Wire, body: bytes) -> None:
    """What is no JSON, or of another JSON type, is a SerializationException."""
    assert (await wire.post("/events", body)).error == (400, "SerializationException")


async def test_a_body_that_is_too_large(wire: Wire) -> None:
    """A body beyond all limits of the model is refused for its size."""
    reply = await wire.post("/items", b'{"items":"' + b"x" * 8_400_000 + b'"}')

    assert reply.error == (413, "RequestEntityTooLargeException")


async def test_the_largest_call_is_taken(emulator: Emulator, wire: Wire) -> None:
    """Ten items of the longest properties in escapes fit."""
    arn = emulator.dataset_group("shop").dataset_arns["ITEMS"]
    filler = '{"price": 1}' + " " * (32_000 - 12)
    items = ",".join(
        '{"itemId":"i","properties":"' + "".join(f"\\u{ord(c):04x}" for c in filler) + '"}'
        for _ in range(10)
    )

    reply = await wire.post("/items", f'{{"datasetArn":"{arn}","items":[{items}]}}'.encode())

    assert (reply.status, len(emulator.records("items", "shop"))) == (200, 10)


@pytest.mark.parametrize(
    ("method", "path", "target", "status"),
    [
        ("POST", "/", "CreateSolution", 400),
        ("POST", "/", "Nonsense", 400),
        ("POST", "/", None, 400),
        ("GET", "/", None, 400),
        ("POST", "/nonsense", None, 404),
        ("GET", "/events", None, 404),
        ("POST", "/events/", None, 404),
    ],
)
async def test_operations_that_there_are_not(
    wire: Wire, method: str, path: str, target: str | None, status: int
) -> None:
    """A target or path that is not emulated is an unknown operation."""
    headers = {} if target is None else {"X-Amz-Target": f"AmazonPersonalize.{target}"}

    reply = await wire.send(method, path, b"{}", headers)

    assert reply.error == (status, "UnknownOperationException")


async def test_a_wrong_secret(emulator: Emulator, wire: Wire) -> None:
    """A call signed by another secret is refused and counted."""
    reply = await wire.post(
        "/events", events_of(emulator), credentials=Credentials("emulator", "wrong")
    )

    assert reply.error == (403, "InvalidSignatureException")
    assert emulator.records() == []
    assert emulator.stats()["operations"]["PutEvents"]["errors"] == {"InvalidSignatureException": 1}


async def test_an_unknown_key_and_a_token(emulator: Emulator, wire: Wire) -> None:
    """A key that is not known, and a session token, are unrecognised."""
    strangers = [Credentials("stranger", "emulator"), Credentials("emulator", "emulator", "token")]
    replies = [await wire.post("/events", events_of(emulator), credentials=c) for c in strangers]

    assert [reply.error for reply in replies] == [(403, "UnrecognizedClientException")] * 2


async def test_a_body_that_was_tampered_with(emulator: Emulator, wire: Wire) -> None:
    """A body that is not the one signed is refused."""
    body = events_of(emulator)
    tampered = json.dumps(body | {"userId": "somebody else"}).encode()

    reply = await wire.post("/events", body, sent_body=tampered)

    assert reply.error == (403, "InvalidSignatureException")
    assert emulator.records() == []


@pytest.mark.parametrize(("path", "status"), [("/events", 403), ("/", 400)])
async def test_a_call_without_a_signature(wire: Wire, path: str, status: int) -> None:
    """An unsigned call is refused: REST answers 403, AWS JSON 400."""
    reply = await wire.send("POST", path, b"{}", {"X-Amz-Target": "AmazonPersonalize.ListSchemas"})

    assert reply.error == (status, "MissingAuthenticationTokenException")


@pytest.mark.parametrize("offset_s", [310, -310])
async def test_a_clock_that_is_wrong(
    emulator: Emulator, wire: Wire, clock: Any, offset_s: float
) -> None:
    """A signature of another time is refused, and the answer says what time it is."""
    clock.offset_s = offset_s
    if offset_s < 0:
        clock.stop()  # However late the call comes, its signature is of another time.
    before = int(clock())

    reply = await wire.post("/events", events_of(emulator))

    assert reply.error == (403, "InvalidSignatureException")
    assert before <= parsedate_to_datetime(reply.headers["Date"]).timestamp() <= clock()
    assert reply.json["message"].startswith("Signature ")


async def test_credentials_can_be_set(
    emulator_of: Callable[..., Any], wire_of: Callable[[str], Wire]
) -> None:
    """Other keys may be known instead, or any key."""
    mine = await emulator_of(credentials={"mine": "secret"})
    anyones = await emulator_of(any_credentials=True)

    async def status(url: str, key: str) -> int:
        credentials = Credentials(key, "secret")
        reply = await wire_of(url).post("/", {}, target="ListSchemas", credentials=credentials)
        return reply.status

    assert [
        await status(mine.url, "mine"),
        await status(mine.url, "emulator"),
        await status(anyones.url, "emulator"),
    ] == [200, 400, 200]


async def test_quotas(emulator: Emulator, wire: Wire, clock: Any) -> None:
    """Of forty calls at one moment to an item dataset ten are taken and the others throttled."""
    clock.stop()
    arn = emulator.dataset_group("shop").dataset_arns["ITEMS"]
    body = {"datasetArn": arn, "items": [{"itemId": "i", "properties": '{"price":1}'}]}

    replies = await asyncio.gather(*(wire.post("/items", body) for _ in range(40)))
    throttled = [reply.error for reply in replies if reply.status != 200]
    counts = emulator.stats()["operations"]["PutItems"]

    assert throttled == [(400, "ThrottlingException")] * 30
    assert (counts["calls"], counts["throttled"], counts["records"]) == (40, 30, 10)
    assert len(emulator.records()) == 10


async def test_a_client_that_leaves_early_is_not_counted(emulator: Emulator, wire: Wire) -> None:
    """A request that never becomes whole has no effect, and the next one is served."""
    host, port = wire.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    reply = await wire.post("/events", events_of(emulator))

    assert reply.status == 200
    assert emulator.stats()["operations"]["PutEvents"]["calls"] == 1
