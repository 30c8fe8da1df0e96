"""`make bench`: what each stage costs an event, beside what boto3 costs the caller of PutEvents.

CPU time of this process, in rounds that take the stages in turn; medians of all rounds. The machine
may be busy: read the ratios, which come from one run, and not the microseconds.

Then what tracing costs an RPC: see `bench.tracing`.

`python -m bench backlog` measures another thing: see `bench.backlog`.
"""

import io
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from rich.console import Console
from rich.table import Table

from bench import backlog, tracing
from gateway.api import PutEventsRequest
from gateway.encoding import body
from gateway.encoding.element import encode
from gateway.encoding.event_id import derived_event_id
from gateway.personalize.credentials import Credentials
from gateway.personalize.signature import Signer
from gateway.records import Kind
from gateway.validation.validator import Validator

ROUNDS = 15
REPEATS = 200
EVENTS = 10
BASELINE = "boto3 put_events, nothing sent"


def main() -> None:
    """Measure and print."""
    stages = _stages()
    costs: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(ROUNDS):
        for name, stage in stages.items():
            costs[name].append(_cpu_us(stage))
    medians = {name: statistics.median(found) for name, found in costs.items()}
    Console().print(_table(medians))
    tracing.main()


def _cpu_us(stage: Callable[[], object]) -> float:
    """Return the CPU time of one run of a stage, in microseconds an event."""
    start_s = time.process_time()
    for _ in range(REPEATS):
        stage()
    return (time.process_time() - start_s) / REPEATS / EVENTS * 1e6


def _table(medians: Mapping[str, float]) -> Table:
    table = Table("stage", "µs an event", f"of {BASELINE}", title=f"{EVENTS} events a call")
    for name, cost_us in medians.items():
        table.add_row(name, f"{cost_us:.1f}", f"1/{medians[BASELINE] / cost_us:.1f}")
    ours_us = sum(cost_us for name, cost_us in medians.items() if name != BASELINE)
    table.add_section()
    table.add_row("all stages", f"{ours_us:.1f}", f"1/{medians[BASELINE] / ours_us:.1f}")
    return table


def _stages() -> dict[str, Callable[[], object]]:
    data = _request().SerializeToString()
    request = PutEventsRequest.FromString(data)
    validator = Validator()
    records = [encode(Kind.EVENTS, event, "e" * 32) for event in request.events]
    elements = [record.element for record in records]
    call = body.events_body("tracking", "session", "user", elements)
    signer = Signer("eu-west-1", "personalize-events.eu-west-1.amazonaws.com")
    credentials = Credentials("AKIDEXAMPLE", "secret")
    return {
        BASELINE: _boto3_put_events(),
        "parse": lambda: PutEventsRequest.FromString(data),
        "validate": lambda: validator.violations(request),
        "derive event IDs": lambda: [
            derived_event_id("web", "shop", event) for event in request.events
        ],
        "encode": lambda: [encode(Kind.EVENTS, event, "e" * 32) for event in request.events],
        "body": lambda: body.events_body("tracking", "session", "user", elements),
        "sign": lambda: signer.headers("/events", call, credentials, datetime.now(UTC)),
    }


def _request() -> PutEventsRequest:
    request = PutEventsRequest()
    for number in range(EVENTS):
        event = request.events.add(
            session_id="session", user_id="user", event_type="View", item_id=f"item-{number}"
        )
        event.event_time.seconds = 1_790_000_000 + number
        event.properties.update({"discount": "yes", "quantity": number, "channel": "web"})
    return request


def _boto3_put_events() -> Callable[[], object]:
    client = boto3.client(
        "personalize-events",
        region_name="eu-west-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",  # noqa: S106 - signs nothing that is sent
    )
    client.meta.events.register("before-send.personalize-events", _answered)
    events = [
        {
            "eventId": "e" * 32,
            "eventType": "View",
            "itemId": f"item-{number}",
            "sentAt": 1_790_000_000 + number,
            "properties": '{"channel":"web","discount":"yes","quantity":1}',
        }
        for number in range(EVENTS)
    ]
    return lambda: client.put_events(
        trackingId="tracking", sessionId="session", userId="user", eventList=events
    )


def _answered(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    raw = io.BytesIO(b"")
    raw.stream = lambda *_a, **_k: iter([b""])  # type: ignore[attr-defined]  # all that is read of it
    return AWSResponse(request.url, 200, HTTPHeaders(), raw)


if __name__ == "__main__":
    if sys.argv[1:2] == ["backlog"]:
        backlog.main(sys.argv[2:])
    else:
        main()
