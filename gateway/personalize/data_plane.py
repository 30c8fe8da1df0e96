"""The data plane over HTTP: signs each call and posts it to Personalize."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.errors import CallError
from gateway.personalize.answers import Answer, CredentialsRefused, error_of
from gateway.personalize.call import Call, Endpoint
from gateway.personalize.credentials import Credentials, CredentialSource
from gateway.personalize.curl_client import CurlClient
from gateway.personalize.endpoints import Address, address_of
from gateway.personalize.signature import Signer
from gateway.personalize.transfer import ConnectionSettings

# AWS allows a signature to be five minutes off; the Date header is good to a second or two.
_SKEW_TOLERATED = timedelta(seconds=60)


def utc_now() -> datetime:
    """Return the time of this machine, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class _Target:
    """An endpoint that has been called: its address, its signing key, its clock."""

    address: Address
    signer: Signer
    clock_offset: timedelta = field(default=timedelta())


class HttpDataPlane:
    """Implements `gateway.personalize.call.DataPlane`.

    A call is sent once, with one exception: where AWS refuses the signature, the credentials or
    the time, which it does before it looks at the records, the credentials are fetched anew, the
    clock is set by the answer's Date, and the call is sent once more.
    """

    def __init__(
        self,
        credentials: CredentialSource,
        settings: ConnectionSettings | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Make a data plane that has not connected yet.

        Args:
            credentials: whose signature the calls bear.
            settings: of connections; None for the defaults.
            clock: gives the time to sign with, aware, in UTC.
        """
        self._credentials = credentials
        self._client = CurlClient(settings or ConnectionSettings())
        self._clock = clock
        self._targets: dict[Endpoint, _Target] = {}
        self._finding_target = asyncio.Lock()

    async def put(self, call: Call) -> None:
        """Send one call, as the interface says."""
        target = await self._target(call.endpoint)
        credentials = await self._credentials.current(call.endpoint)
        error = await self._send(call, target, credentials)
        if isinstance(error, CredentialsRefused):
            credentials = await self._credentials.renewed(call.endpoint, credentials)
            error = await self._send(call, target, credentials)
        if error is not None:
            raise error

    async def close(self) -> None:
        """Close the connections, as the interface says."""
        await self._client.close()

    async def _target(self, endpoint: Endpoint) -> _Target:
        if target := self._targets.get(endpoint):
            return target
        async with self._finding_target:
            if endpoint not in self._targets:
                address = await address_of(endpoint)
                self._targets[endpoint] = _Target(address, Signer(endpoint.region, address.host))
            return self._targets[endpoint]

    async def _send(
        self, call: Call, target: _Target, credentials: Credentials
    ) -> CallError | None:
        """Sign and post; return what AWS answered where it did not take the call."""
        path = call.operation.value

        def headers() -> list[str]:
            now = self._clock() + target.clock_offset
            return target.signer.headers(path, call.body, credentials, now)

        answer = await self._client.post(target.address.base_url + path, call.body, headers)
        error = error_of(answer)
        if isinstance(error, CredentialsRefused):
            target.clock_offset = self._offset_by(answer)
        return error

    def _offset_by(self, answer: Answer) -> timedelta:
        """Return what to add to our clock, where it is so far off that signatures may suffer."""
        date = answer.date()
        offset = date - self._clock() if date else timedelta()
        return offset if abs(offset) > _SKEW_TOLERATED else timedelta()
