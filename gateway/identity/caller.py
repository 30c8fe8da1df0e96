"""The name of a caller, and the errors that leave a call without one."""

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
    """Expected error: nothing says who calls, or what says it does not hold.

    Attributes:
        source: where the proof was taken from, as in `identity.from`; `none` where there was none.
        reason: why it does not hold, in a word. Both are labels of a metric.
    """

    def __init__(self, message: str, *, source: str = "none", reason: str = "absent") -> None:
        super().__init__(message)
        self.source = source
        self.reason = reason


class ProofUnverifiable(GatewayError):
    """Expected error: what says who calls cannot be judged at the moment. It may hold.

    Attributes:
        source: as of `CallerUnknown`.
        reason: likewise.
    """

    def __init__(self, message: str, *, source: str, reason: str) -> None:
        super().__init__(message)
        self.source = source
        self.reason = reason


def is_caller(text: str) -> bool:
    """Return whether a text can be a caller's name."""
    return len(text) <= MAX_CALLER_LENGTH and _CALLER.fullmatch(text) is not None


def caller_in(header: str | None) -> Caller:
    """Return the caller that the header `x-caller` names; anonymous where it was not sent.

    Raises:
        CallerUnknown: the header was sent and cannot be a caller's name.
    """
    if header is None:
        return ANONYMOUS
    if not is_caller(header):
        raise CallerUnknown(
            f"{CALLER_HEADER} must be 1 to {MAX_CALLER_LENGTH} visible ASCII characters, without *",
            source="header",
            reason="malformed",
        )
    return header
