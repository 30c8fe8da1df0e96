"""Who calls.

In this release a caller says so itself, in a header. That is no proof, so it is taken only where
the configuration allows it (`identity.from`), and by default on loopback alone.
"""

import re

from gateway.errors import GatewayError

Caller = str
"""The identity of the service that calls: a name, or a SPIFFE ID."""

CALLER_HEADER = "x-caller"
"""The metadata key in which a caller names itself."""

ANONYMOUS: Caller = "anonymous"
"""The caller that names itself nowhere, where that is allowed."""

CALLER_PATTERN = r"[!-)+-~]+"
"""A caller's characters: visible ASCII without `*`, which stands for every caller in routes."""

MAX_CALLER_LENGTH = 2048
"""The most characters of a SPIFFE ID (SPIFFE-ID specification, section 2.3)."""

_CALLER = re.compile(CALLER_PATTERN)


class CallerUnknown(GatewayError):
    """Expected error: nothing says who calls, or what says it does not hold."""


def caller_in(header: str | None) -> Caller:
    """Return the caller that the header `x-caller` names; anonymous where it was not sent.

    Raises:
        CallerUnknown: the header was sent and cannot be a caller's name.
    """
    if header is None:
        return ANONYMOUS
    if len(header) > MAX_CALLER_LENGTH or not _CALLER.fullmatch(header):
        raise CallerUnknown(
            f"{CALLER_HEADER} must be 1 to {MAX_CALLER_LENGTH} visible ASCII characters, without *"
        )
    return header
