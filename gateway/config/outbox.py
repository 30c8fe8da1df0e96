"""The section `outbox`."""

from typing import Annotated

from pydantic import Field

from gateway.config.scalars import duration
from gateway.config.section import Section
from gateway.config.texts import DirectoryPath


class Outbox(Section):
    """The durable queue between acceptance and delivery."""

    path: DirectoryPath = Field(
        default="/var/lib/personalize-gateway",
        description="Directory of its files, on a disk of this machine.",
    )
    linger_s: Annotated[float, duration("0ms", "1s")] = Field(
        default="2ms",
        alias="linger",
        validate_default=True,
        description="How long a commit waits for more requests to share it.",
    )
