"""The section `server`."""

from ipaddress import ip_address
from typing import Annotated

from pydantic import Field

from gateway.config.scalars import size
from gateway.config.section import Section
from gateway.config.texts import Address


class Server(Section):
    """The gRPC server."""

    listen: Address = Field(
        default="127.0.0.1:50051",
        description="Where the gateway listens. With port 0 the system chooses one.",
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="How many ingest processes share the address. One serves thousands of requests "
        "a second.",
    )
    reflection: bool = Field(
        default=True, description="Whether gRPC reflection tells clients of the API."
    )
    max_message_bytes: Annotated[int, size("64KiB", "64MiB")] = Field(
        default="4MiB", validate_default=True, description="The largest request that is read."
    )

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the address; a name other than localhost is not."""
        host = self.listen.rpartition(":")[0].strip("[]")
        if host == "localhost":
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False
