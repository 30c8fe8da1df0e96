import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config


class _NoBody:
    def stream(self) -> Iterator[bytes]:
        return iter(())


class Wire:
    """A boto3 client whose requests are caught before they are sent."""

    def __init__(self) -> None:
        self._sent: list[AWSPreparedRequest] = []
        self._client: Any = boto3.client(
            "personalize-events",
            region_name="eu-west-1",
            endpoint_url="http://127.0.0.1:9",
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="example",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self._client.meta.events.register("before-send.*.*", self._catch)

    def _catch(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self._sent.append(request)
        return AWSResponse(request.url, 200, HTTPHeaders(), _NoBody())

    def body(self, operation: str, **parameters: Any) -> bytes:
        getattr(self._client, operation)(**parameters)
        body = self._sent.pop().body
        assert isinstance(body, bytes)
        return body


@pytest.fixture(scope="session")
def boto3_body() -> Callable[..., bytes]:
    """Return the body that boto3 sends for an operation and its parameters."""
    return Wire().body


@pytest.fixture
def tokens() -> Callable[[bytes | str], Any]:
    """Parse JSON, numbers kept as they are written."""
    return lambda text: json.loads(text, parse_float=str, parse_int=str)
