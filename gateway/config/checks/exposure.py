"""Who can reach the gateway, and whether it can tell who calls."""

from collections.abc import Iterator

from gateway.config.checks.parts import Parts
from gateway.config.problems import Finding


def exposure(parts: Parts) -> Iterator[Finding]:
    """Yield what lets anybody call under any name."""
    if parts.server and not parts.server.on_loopback and not parts.identity_stated:
        yield Finding(
            ("server", "listen"),
            "is not a loopback address, so others could call under any name; state"
            " `identity: {from: [header]}` if all who can reach it are trusted",
        )
