"""Where the processes of a gateway count together what callers use of their limits."""

from pathlib import Path

from gateway.outbox.shared import path_for


def ledger_path(directory: Path) -> Path:
    """Return the place of the ledger, beside the outbox's own shared memory.

    Args:
        directory: of the outbox.
    """
    shared = path_for(directory)
    return shared.with_name(f"{shared.name}-limits")
