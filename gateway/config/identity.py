"""The section `identity`."""

from typing import Literal

from pydantic import Field

from gateway.config.section import Section, SomeDistinctOf
from gateway.identity import CALLER_HEADER


class Identity(Section):
    """How the gateway learns who calls."""

    sources: SomeDistinctOf[Literal["header"]] = Field(
        default=("header",),
        alias="from",
        description=f"Where a caller's name is taken from. `header` trusts `{CALLER_HEADER}`, in "
        "which anybody may write anything. It must be stated where `server.listen` is not "
        "loopback.",
    )
