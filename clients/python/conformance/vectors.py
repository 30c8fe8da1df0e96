"""Sends the vectors to a gateway and prints what comes of each: `vectors.py TARGET VECTORS_DIR`."""

import base64
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from personalize_gateway import GatewayClient, GatewayError, NotSendable, Options, Violation
from personalize_gateway.v1.catalog_service_pb2 import (
    PutActionsRequest,
    PutItemsRequest,
    PutUsersRequest,
)
from personalize_gateway.v1.error_reason_pb2 import ErrorReason
from personalize_gateway.v1.event_service_pb2 import (
    PutActionInteractionsRequest,
    PutEventsRequest,
)
from personalize_gateway.v1.ingest_service_pb2 import IngestBatchRequest, Refusal

Fate = dict[str, Any]

_TIMEOUT_S = 30.0

_REQUESTS: Mapping[str, Callable[[], Any]] = {
    "PutEvents": PutEventsRequest,
    "PutActionInteractions": PutActionInteractionsRequest,
    "PutItems": PutItemsRequest,
    "PutUsers": PutUsersRequest,
    "PutActions": PutActionsRequest,
    "IngestBatch": IngestBatchRequest,
}
_METHODS: Mapping[str, tuple[str, str]] = {
    "PutEvents": ("put_events", "events"),
    "PutActionInteractions": ("put_action_interactions", "action_interactions"),
    "PutItems": ("put_items", "items"),
    "PutUsers": ("put_users", "users"),
    "PutActions": ("put_actions", "actions"),
    "IngestBatch": ("ingest_batch", "records"),
}
"""The client's method of an RPC, and the field that holds the records."""


def main(target: str, directory: str) -> None:
    """Send every case of every file, in the order of their names."""
    with GatewayClient(target, options=Options(timeout_s=_TIMEOUT_S)) as client:
        for path in sorted(Path(directory).glob("*.json")):
            document = json.loads(path.read_text())
            for case in document["cases"]:
                fate = {"name": f"{document['name']}/{case['name']}", **_fate(client, case)}
                sys.stdout.write(json.dumps(fate) + "\n")


def _fate(client: GatewayClient, case: Mapping[str, Any]) -> Fate:
    try:
        response = _send(client, case)
    except (NotSendable, ParseError) as error:
        return _shown("CLIENT", error=str(error))
    except GatewayError as error:
        return _shown(
            error.code.name, error.reason, list(map(_violation, error.violations)), [], str(error)
        )
    return _taken(list(getattr(response, "refusals", ())))


def _send(client: GatewayClient, case: Mapping[str, Any]) -> object:
    request = _REQUESTS[case["rpc"]]()
    if "request_wire" in case:
        request.MergeFromString(base64.b64decode(case["request_wire"]))
    else:
        ParseDict(case["request"], request)
    method, records = _METHODS[case["rpc"]]

    response: object = getattr(client, method)(
        getattr(request, records), dataset_group=request.dataset_group, ack_level=request.ack_level
    )
    return response


def _taken(refusals: list[Refusal]) -> Fate:
    violations = [_violation(Violation.of(v)) for one in refusals for v in one.violations]
    refused = [
        {
            "record_index": one.record_index,
            "reason": ErrorReason.Name(one.reason).removeprefix("ERROR_REASON_"),
        }
        for one in refusals
    ]
    return _shown("OK", violations=violations, refused=refused)


def _violation(violation: Violation) -> Fate:
    return {"field": violation.field, "rule": violation.rule}


def _shown(
    code: str,
    reason: str = "",
    violations: list[Fate] | None = None,
    refused: list[Fate] | None = None,
    error: str = "",
) -> Fate:
    return {
        "code": code,
        "reason": reason,
        "violations": violations or [],
        "refused": refused or [],
        "error": error,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
