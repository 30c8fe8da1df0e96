"""Which answers the load takes for a fault of the gateway."""

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from tests.chaos import connection
from tests.chaos.connection import Connection
from tests.chaos.ledger import Ledger


def _error(code: grpc.StatusCode, reason: str) -> grpc.aio.AioRpcError:
    trailers = grpc.aio.Metadata()
    if reason:
        detail = Any()
        detail.Pack(ErrorInfo(reason=reason, domain="personalize-gateway"))
        trailers.add("grpc-status-details-bin", Status(details=[detail]).SerializeToString())
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailers, details="why")


@pytest.mark.parametrize(
    ("code", "reason", "answers", "anomalies"),
    [
        (grpc.StatusCode.INTERNAL, "", {"INTERNAL by gRPC": 1}, {}),
        (grpc.StatusCode.UNAVAILABLE, "DRAINING", {"UNAVAILABLE": 1}, {}),
        (
            grpc.StatusCode.INTERNAL,
            "INTERNAL",
            {"INTERNAL": 1},
            {"Ingest answered INTERNAL INTERNAL: why": 1},
        ),
        (grpc.StatusCode.UNKNOWN, "", {"UNKNOWN": 1}, {"Ingest answered UNKNOWN: why": 1}),
    ],
)
async def test_an_answer_of_the_gateway_that_nobody_should_get_is_an_anomaly(
    monkeypatch: pytest.MonkeyPatch,
    code: grpc.StatusCode,
    reason: str,
    answers: dict[str, int],
    anomalies: dict[str, int],
) -> None:
    """What the client's gRPC says of a connection that ended is counted apart, and tried again."""
    monkeypatch.setattr(connection, "_AGAIN_S", 0.0)
    ledger = Ledger()
    tried_again = await Connection(lambda: "", ledger).failed("Ingest", _error(code, reason))
    assert (ledger.answers, ledger.anomalies) == (answers, anomalies)
    assert tried_again is not bool(anomalies)
