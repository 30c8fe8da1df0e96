"""The section `discovery`."""

from typing import Annotated

from pydantic import Field

from gateway.config.scalars import duration
from gateway.config.section import Section


class Discovery(Section):
    """How the gateway learns of its dataset groups from AWS."""

    refresh_s: Annotated[float, duration("10s", "1d")] = Field(
        default="5m",
        alias="refresh",
        validate_default=True,
        description="How often AWS is asked again. It is asked sooner after a failure, while "
        "something is being created, and when delivery meets what is not found.",
    )
