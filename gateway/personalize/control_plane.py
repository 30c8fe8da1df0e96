"""The control plane of Personalize: trackers, datasets and schemas, over boto3.

boto3 blocks, so its calls run in a few threads of their own. Whose credentials they bear is
decided where it is for the data plane.
"""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.parsers import ResponseParserError

from gateway.errors import (
    AccessDenied,
    CallError,
    ControlPlaneError,
    ControlPlaneUnavailable,
)
from gateway.personalize.call import Endpoint
from gateway.personalize.control_answers import (
    SignatureRefused,
    error_of_credentials,
    error_of_service,
)
from gateway.personalize.credentials import Credentials, CredentialSource
from gateway.telemetry.metrics import CONTROL_PLANE_CALLS

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient


class ControlPlane(Protocol):
    """Asks Personalize's control plane. Safe to use from many tasks of one event loop at once."""

    async def perform(
        self, endpoint: Endpoint, operation: str, **members: object
    ) -> Mapping[str, Any]:
        """Perform an operation and return its output.

        Throttling and passing faults are retried a few times before they are raised. Cancelling
        ends the waiting alone: what was asked may be done all the same.

        Args:
            endpoint: where, and as whom.
            operation: AWS's name of it (`ListEventTrackers`).
            **members: its input, by AWS's names (`datasetGroupArn`).

        Returns:
            The output, by AWS's names. Times are aware datetimes.

        Raises:
            ResourceNotFound: AWS has no such resource.
            ResourceExists: AWS has it already.
            AccountLimitReached: the account may have no more of them.
            ResourceInUse: AWS is changing the resource, or another needs it.
            RequestRefused: the input is bad, whatever is tried.
            ControlPlaneUnavailable: throttled, failing or out of reach.
            AccessDenied: not allowed, or no credentials.
        """

    async def close(self) -> None:
        """Close idle connections; take no more calls. May be called twice."""


@dataclass(frozen=True, slots=True)
class ControlPlaneSettings:
    """How the control plane is called.

    Attributes:
        connect_timeout_s: how long an attempt may take to connect.
        read_timeout_s: how long an attempt may wait for the next bytes of the answer.
        max_attempts: most attempts of a call; between them botocore waits up to a few seconds.
        threads: most calls under way at once; further ones wait.
    """

    connect_timeout_s: float = 3.0
    read_timeout_s: float = 8.0
    max_attempts: int = 3
    threads: int = 4

    def config(self) -> Config:
        """Return them as botocore takes them."""
        # Its standard mode takes LimitExceededException for throttling, too. Here that is a limit
        # of the account: its retries are in vain, few, and harmless.
        return Config(
            connect_timeout=self.connect_timeout_s,
            read_timeout=self.read_timeout_s,
            max_pool_connections=self.threads,
            retries={"mode": "standard", "total_max_attempts": self.max_attempts},
        )


class BotoControlPlane:
    """Implements `ControlPlane` by boto3, with a client for each endpoint.

    Args:
        credentials: whose signature the calls bear; the same source may serve the data plane.
        settings: of calls; None for the defaults.
    """

    def __init__(
        self, credentials: CredentialSource, settings: ControlPlaneSettings | None = None
    ) -> None:
        settings = settings or ControlPlaneSettings()
        self._credentials = credentials
        self._config = settings.config()
        self._threads = ThreadPoolExecutor(settings.threads, "control-plane")
        self._clients: dict[Endpoint, tuple[Credentials, PersonalizeClient]] = {}
        self._making_client = threading.Lock()

    async def perform(
        self, endpoint: Endpoint, operation: str, **members: object
    ) -> Mapping[str, Any]:
        """Perform an operation, as the interface says."""
        try:
            output = await self._perform(endpoint, operation, members)
        except ControlPlaneError as error:
            CONTROL_PLANE_CALLS.add(1, operation, error.code)
            raise
        CONTROL_PLANE_CALLS.add(1, operation, "OK")
        return output

    async def close(self) -> None:
        """Close the clients, as the interface says."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._making_client:
            for _, client in self._clients.values():
                client.close()

    async def _perform(
        self, endpoint: Endpoint, operation: str, members: Mapping[str, object]
    ) -> Mapping[str, Any]:
        call = partial(self._in_thread, endpoint, operation, members)
        try:
            credentials = await self._credentials.current(endpoint)
            try:
                return await call(credentials)
            except SignatureRefused:
                return await call(await self._credentials.renewed(endpoint, credentials))
        except CallError as error:
            raise error_of_credentials(operation, error) from error

    async def _in_thread(
        self,
        endpoint: Endpoint,
        operation: str,
        members: Mapping[str, object],
        credentials: Credentials,
    ) -> Mapping[str, Any]:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._call, endpoint, operation, members, credentials
        )

    def _call(
        self,
        endpoint: Endpoint,
        operation: str,
        members: Mapping[str, object],
        credentials: Credentials,
    ) -> Mapping[str, Any]:
        """Call boto3. Blocks; raises our errors only."""
        try:
            method = getattr(self._client(endpoint, credentials), xform_name(operation))
            output: Mapping[str, Any] = method(**members)
        except ClientError as error:
            raise error_of_service(operation, error) from error
        except (BotocoreConnectionError, HTTPClientError) as error:
            raise ControlPlaneUnavailable(operation, type(error).__name__) from error
        except (BotoCoreError, ResponseParserError, ValueError) as error:
            # No region, no URL, an answer that is none of AWS's.
            raise AccessDenied(operation, type(error).__name__) from error
        if "RequestId" not in output["ResponseMetadata"]:
            # A web page with status 200, which boto3 takes for an output without members.
            raise AccessDenied(operation, "NotPersonalize")
        return output

    def _client(self, endpoint: Endpoint, credentials: Credentials) -> "PersonalizeClient":
        """Return the endpoint's client; a new one where its credentials have changed."""
        with self._making_client:
            made_for, client = self._clients.get(endpoint, (None, None))
            if client is None or made_for != credentials:
                if client is not None:
                    client.close()
                client = self._new_client(endpoint, credentials)
                self._clients[endpoint] = credentials, client
            return client

    def _new_client(self, endpoint: Endpoint, credentials: Credentials) -> "PersonalizeClient":
        return boto3.session.Session().client(
            "personalize",
            region_name=endpoint.region,
            endpoint_url=endpoint.url,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            config=self._config,
        )
