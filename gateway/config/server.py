"""The section `server`."""

from typing import Annotated

from pydantic import Field

from gateway.config.scalars import duration, size
from gateway.config.section import Section
from gateway.config.texts import Address, FilePath
from gateway.loopback import is_loopback


class Tls(Section):
    """TLS of the gRPC server. The files are read anew when they change."""

    cert: FilePath | None = Field(
        default=None,
        description="The server's certificate in PEM, followed by those of its issuers. Without it "
        "the server has no TLS.",
    )
    key: FilePath | None = Field(default=None, description="Its private key in PEM.")
    client_ca: FilePath | None = Field(
        default=None,
        description="Certificates in PEM that clients' certificates must be issued by. Where it is "
        "stated, no client connects without one.",
    )


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
    shutdown_notice_s: Annotated[float, duration("0s", "10m")] = Field(
        default="500ms",
        alias="shutdown_notice",
        validate_default=True,
        description="How long a gateway that was told to stop still serves while health checks say"
        " that it ends: as long as those who send it requests need to notice.",
    )
    tls: Tls = Field(default_factory=Tls, description="TLS of the gRPC server.")

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        return is_loopback(self.listen)
