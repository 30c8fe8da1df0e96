"""Why an outbox directory cannot be used. Each of these stops the start of the process."""

from pathlib import Path

from gateway.errors import GatewayError


class OutboxUnusable(GatewayError):
    """Expected error: the outbox directory, or a file of it, cannot be used as it is.

    Attributes:
        path: the directory or the file.
    """

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


class OutboxInUse(OutboxUnusable):
    """Expected error: another process holds what only one may hold."""


class OutboxDamaged(OutboxUnusable):
    """Expected error: a file cannot be read as it was written; nothing was changed in it."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(path, f"damaged: {what}")
        self.what = what
