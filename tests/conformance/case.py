"""A case of the vectors as it is read; tests/vectors/README.md describes the files."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from personalize_gateway.v1.catalog_service_pb2 import (
    PutActionsRequest,
    PutItemsRequest,
    PutUsersRequest,
)
from personalize_gateway.v1.event_service_pb2 import (
    PutActionInteractionsRequest,
    PutEventsRequest,
)
from personalize_gateway.v1.ingest_service_pb2 import IngestBatchRequest

from tests.conformance.fate import Fate

VECTORS = Path(__file__).parent.parent / "vectors"

_REQUESTS: Mapping[str, type[Message]] = {
    "PutEvents": PutEventsRequest,
    "PutActionInteractions": PutActionInteractionsRequest,
    "PutItems": PutItemsRequest,
    "PutUsers": PutUsersRequest,
    "PutActions": PutActionsRequest,
    "IngestBatch": IngestBatchRequest,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One request and what must come of it.

    Attributes:
        name: the file's and its own, with a slash between them.
        expected: what the caller must be told.
        delivered: the calls that Personalize must receive.
    """

    name: str
    rpc: str
    request: Message = field(repr=False)
    expected: Fate
    delivered: Sequence[Mapping[str, Any]] = field(repr=False, default=())

    @classmethod
    def of(cls, file_name: str, shown: Mapping[str, Any]) -> "Case":
        """Return the case of its JSON form."""
        return cls(
            name=f"{file_name}/{shown['name']}",
            rpc=shown["rpc"],
            request=_request(shown),
            expected=Fate.of(shown["expect"]),
            delivered=shown["delivered"],
        )

    @property
    def dataset_group(self) -> str:
        """The name of the dataset group that the request names."""
        name: str = getattr(self.request, "dataset_group")  # noqa: B009 - of all six messages
        return name


def _request(shown: Mapping[str, Any]) -> Message:
    request = _REQUESTS[shown["rpc"]]()
    if "request_wire" in shown:
        request.MergeFromString(base64.b64decode(shown["request_wire"]))
        return request
    return ParseDict(shown["request"], request)


def cases(directory: Path = VECTORS) -> Iterator[Case]:
    """Yield the cases of all files, in the order in which they are sent."""
    for path in sorted(directory.glob("*.json")):
        document = json.loads(path.read_text())
        for shown in document["cases"]:
            yield Case.of(document["name"], shown)
