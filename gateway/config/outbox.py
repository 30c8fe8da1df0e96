"""The section `outbox`."""

from typing import Annotated

from pydantic import Field

from gateway.config.scalars import duration, size
from gateway.config.section import Section
from gateway.config.texts import DirectoryPath


class DeadLetters(Section):
    """How much is kept of what Personalize will not take, and for how long."""

    budget_bytes: Annotated[int, size("1MiB", "1TiB")] = Field(
        default="256MiB",
        alias="budget",
        validate_default=True,
        description="How many bytes of dead letters a dataset group may have; a lane parks when"
        " they are used up.",
    )
    retention_s: Annotated[float, duration("1m", "3650d")] = Field(
        default="30d",
        alias="retention",
        validate_default=True,
        description="How long a dead letter is kept; then it is removed for good.",
    )


class Outbox(Section):
    """The durable queue between acceptance and delivery."""

    path: DirectoryPath = Field(
        default="/var/lib/personalize-gateway",
        description="Directory of its files, on a disk of this machine.",
    )
    linger_s: Annotated[float, duration("0ms", "1s")] = Field(
        default="10ms",
        alias="linger",
        validate_default=True,
        description="How long a commit waits at most for more requests to share it; it waits no"
        " longer once none came for 2 ms.",
    )
    dead_letters: DeadLetters = Field(
        default_factory=DeadLetters, description="What Personalize will not take."
    )
