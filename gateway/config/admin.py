"""The section `admin`."""

from pydantic import Field

from gateway.config.section import Section
from gateway.config.texts import Address


class Admin(Section):
    """Pages for probes and operators, over HTTP."""

    listen: Address = Field(
        default="127.0.0.1:9901",
        description="Where `/livez`, `/readyz` and `/metrics` are served. With port 0 the system"
        " chooses one.",
    )
