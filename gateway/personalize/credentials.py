"""Whose signature a call bears: the interface, and credentials that never change."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from gateway.personalize.call import Endpoint

_VISIBLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """AWS credentials at one moment. Their `repr` shows no secret.

    Attributes:
        access_key: access key ID.
        secret_key: signs; never sent.
        token: session token of temporary credentials; None for long-lived ones.

    Raises:
        ValueError: a part that is sent as a header holds something other than visible ASCII. A
            line break, as mounted secrets have them, would end the header and begin another.
    """

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        sent = (self.access_key, self.token or self.access_key)
        if not (self.secret_key and all(map(_VISIBLE.fullmatch, sent))):
            raise ValueError("credentials are empty or hold more than visible ASCII")


class CredentialSource(Protocol):
    """Gives the credentials for an endpoint. Never blocks the loop."""

    async def current(self, endpoint: Endpoint) -> Credentials:
        """Return credentials that have not expired.

        Raises:
            LaneBlocked: there are none, or AWS does not let us have them.
            CallFailed: who gives them out cannot be reached now.
        """

    async def renewed(self, endpoint: Endpoint, refused: Credentials) -> Credentials:
        """Return credentials fetched anew, after AWS has refused `refused`.

        Raises:
            LaneBlocked: there are none, or AWS does not let us have them.
            CallFailed: who gives them out cannot be reached now.
        """


@dataclass(frozen=True, slots=True)
class StaticCredentials:
    """The same credentials for every endpoint, as an emulator or a test wants them."""

    credentials: Credentials

    async def current(self, endpoint: Endpoint) -> Credentials:  # noqa: ARG002 - the interface's
        """Return the credentials."""
        return self.credentials

    async def renewed(
        self,
        endpoint: Endpoint,  # noqa: ARG002 - the interface's
        refused: Credentials,  # noqa: ARG002 - the interface's
    ) -> Credentials:
        """Return the same credentials: there are no others."""
        return self.credentials
