"""Who calls, and what proves it.

A caller is named by its client certificate, by a proxy that checked one, by a token, or, where
nobody else can call, by itself. What brings the proof is in `gateway.identity.evidence`; how it is
judged has a module for each source.
"""

from gateway.identity.caller import (
    ANONYMOUS,
    CALLER_HEADER,
    CALLER_PATTERN,
    MAX_CALLER_LENGTH,
    Caller,
    CallerUnknown,
    ProofUnverifiable,
    caller_in,
)

__all__ = [
    "ANONYMOUS",
    "CALLER_HEADER",
    "CALLER_PATTERN",
    "MAX_CALLER_LENGTH",
    "Caller",
    "CallerUnknown",
    "ProofUnverifiable",
    "caller_in",
]
