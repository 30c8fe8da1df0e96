"""What delivery asks of Personalize: one call of the data plane.

This is the interface between `gateway.delivery` and `gateway.personalize`. The implementation that
speaks to AWS is `gateway.personalize.data_plane`.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Operation(Enum):
    """A put operation of the service `personalize-events`; the value is its request path.

    Source: botocore's model `personalize-events/2018-03-22`.
    """

    PUT_EVENTS = "/events"
    PUT_ACTION_INTERACTIONS = "/action-interactions"
    PUT_ITEMS = "/items"
    PUT_USERS = "/users"
    PUT_ACTIONS = "/actions"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the calls of a dataset group go, and as whom.

    Attributes:
        region: AWS region, part of the signature.
        url: base URL without a path; None for AWS's own endpoint of the region.
        role_arn: IAM role to assume for the calls; None for the process's own credentials.
    """

    region: str
    url: str | None = None
    role_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the data plane: 1 to 10 records, already encoded.

    Attributes:
        body: the JSON request body as it goes on the wire.
    """

    operation: Operation
    endpoint: Endpoint
    body: bytes


class DataPlane(Protocol):
    """Sends calls to Personalize. Safe to use from many tasks of one event loop at once."""

    async def put(self, call: Call) -> None:
        """Send one call and return when Personalize has taken it (HTTP 200).

        Never retries: whether and when to try again is delivery's decision. Never blocks the loop.
        Cancelling it closes the connection in use; the outcome is then unknown.

        Raises:
            CallRefused: at least one record is bad.
            CallThrottled: the quota is used up.
            CallFailed: a passing fault; `outcome_unknown` says whether the records may have
                arrived all the same.
            LaneBlocked: not found, access denied, credentials missing or refused.
        """

    async def close(self) -> None:
        """Close idle connections; calls in flight end as `CallFailed`. May be called twice."""
