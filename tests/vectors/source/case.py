"""A case of the vectors, made in one line where most of it is usual.

Nothing here, nor beside it, comes from the gateway's code: expectations are written by hand from
the protos' comments, from docs/validation.md and from botocore's models.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

Json = dict[str, Any]

PLAIN = "plain"
"""The dataset group whose schemas the gateway does not know."""
DEMO = "demo"
"""The one whose schemas it has discovered: that of a gateway without a configuration."""
STRICT = "strict"
"""As `plain`, with a route that refuses impressions on action interactions."""

AT = "2026-09-20T12:00:00Z"
SENT_AT = 1789905600
"""The same moment in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request and what must come of it; the fields are those of the JSON form."""

    name: str
    rpc: str
    request: Json | Message
    expect: Json
    delivered: Sequence[Json] = ()

    def shown(self) -> Json:
        """Return the JSON form."""
        shown: Json = {"name": self.name, "rpc": self.rpc}
        if isinstance(self.request, Message):
            wire = self.request.SerializeToString(deterministic=True)
            shown["request_wire"] = base64.b64encode(wire).decode()
        else:
            shown["request"] = self.request
        return shown | {"expect": self.expect, "delivered": list(self.delivered)}


@dataclass(slots=True)
class Vectors:
    """One file of cases."""

    name: str
    description: str
    cases: list[Case] = field(default_factory=list)

    def text(self) -> str:
        """Return the file's text: a line for each case.

        It is ASCII, so that no editor can change a character unseen.
        """
        head = json.dumps({"name": self.name, "description": self.description}).removesuffix("}")
        cases = ",\n".join(json.dumps(case.shown()) for case in self.cases)
        return f'{head}, "cases": [\n{cases}\n]}}\n'

    def takes(self, name: str, rpc: str, request: Json | Message, *delivered: Json) -> None:
        """Add a request that is taken whole, and the calls that Personalize gets."""
        self.cases.append(Case(name, rpc, request, {"code": "OK"}, delivered))

    def refuses(
        self, name: str, rpc: str, request: Json | Message, *violations: tuple[str, str]
    ) -> None:
        """Add a request that breaks rules, with each path and rule."""
        expect = {
            "code": "INVALID_ARGUMENT",
            "reason": "INVALID_FIELDS",
            "violations": _shown(violations),
        }
        self.cases.append(Case(name, rpc, request, expect))

    def answers(self, name: str, rpc: str, request: Json | Message, code: str, reason: str) -> None:
        """Add a request that is refused for another reason than its fields."""
        self.cases.append(Case(name, rpc, request, {"code": code, "reason": reason}))

    def takes_part(
        self,
        name: str,
        request: Json | Message,
        violations: Sequence[tuple[str, str]],
        refused: Sequence[tuple[int, str]],
        delivered: Sequence[Json],
    ) -> None:
        """Add an IngestBatch of which some records are refused: by index and reason."""
        expect = {
            "code": "OK",
            "violations": _shown(violations),
            "refused": [{"record_index": index, "reason": reason} for index, reason in refused],
        }
        self.cases.append(Case(name, "IngestBatch", request, expect, delivered))


def _shown(violations: Sequence[tuple[str, str]]) -> list[Json]:
    return [{"field": path, "rule": rule} for path, rule in violations]


# Records and requests, in protobuf's JSON form. A member that is None is left out.


def event(event_id: str | None, **members: Any) -> Json:
    """Return a valid event with these members besides, or instead of, the usual ones."""
    usual = {"sessionId": f"s-{event_id}", "eventType": "View", "eventTime": AT}
    return _set({"eventId": event_id, **usual, **members})


def action_interaction(event_id: str | None, **members: Any) -> Json:
    """Return a valid action interaction, likewise."""
    usual = {"sessionId": f"s-{event_id}", "eventType": "Taken", "eventTime": AT, "actionId": "a1"}
    return _set({"eventId": event_id, **usual, **members})


def put_events(*events: Json, group: str | None = PLAIN, **members: Any) -> Json:
    """Return a PutEventsRequest."""
    return _set({"datasetGroup": group, "events": list(events), **members})


def put_action_interactions(*interactions: Json, group: str = PLAIN) -> Json:
    """Return a PutActionInteractionsRequest."""
    return {"datasetGroup": group, "actionInteractions": list(interactions)}


def put(list_name: str, *records: Json, group: str = PLAIN) -> Json:
    """Return a request of the catalogue: `items`, `users` or `actions`."""
    return {"datasetGroup": group, list_name: list(records)}


def ingest(*records: Json, group: str = PLAIN) -> Json:
    """Return an IngestBatchRequest."""
    return {"datasetGroup": group, "records": list(records)}


def _set(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}


# What Personalize gets.


def sent(event_id: str, **members: Any) -> Json:
    """Return the entry of `eventList` of an event with these members besides the usual ones."""
    return {"eventId": event_id, "eventType": "View", "sentAt": SENT_AT, **members}


def sent_action(event_id: str, **members: Any) -> Json:
    """Return the entry of `actionInteractions`, likewise."""
    usual = {"sessionId": f"s-{event_id}", "eventType": "Taken", "timestamp": SENT_AT}
    return {"eventId": event_id, "actionId": "a1", **usual, **members}


def events_call(*elements: Json, session: str | None = None, user: str | None = None) -> Json:
    """Return a call of PutEvents; the session is the usual one of the first event."""
    body: Json = {"trackingId": "${tracking_id}"}
    body["sessionId"] = f"s-{elements[0]['eventId']}" if session is None else session
    if user is not None:
        body["userId"] = user
    return {"operation": "PutEvents", "body": {**body, "eventList": list(elements)}}


def actions_call(*elements: Json) -> Json:
    """Return a call of PutActionInteractions."""
    body = {"trackingId": "${action_tracking_id}", "actionInteractions": list(elements)}
    return {"operation": "PutActionInteractions", "body": body}


def catalogue_call(list_name: str, *elements: Json) -> Json:
    """Return a call of PutItems, PutUsers or PutActions."""
    body = {"datasetArn": f"${{{list_name}_arn}}", list_name: list(elements)}
    return {"operation": f"Put{list_name.title()}", "body": body}


def numbered(prefix: str, values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Yield each value with an ID of its own."""
    for number, value in enumerate(values, 1):
        yield f"{prefix}-{number}", value
