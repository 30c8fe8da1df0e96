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
    worker_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="The own port of the first ingest process, at the host of `listen`; the others"
        " have the ports that follow. A sidecar lists them all. Without it the system chooses.",
    )
    reflection: bool = Field(
        default=True, description="Whether gRPC reflection tells clients of the API."
    )
    max_message_bytes: Annotated[int, size("64KiB", "64MiB")] = Field(
        default="4MiB", validate_default=True, description="The largest request that is read."
    )
    max_concurrent_rpcs: int = Field(
        default=5_000,
        ge=1,
        le=100_000,
        description="How many RPCs an ingest process serves at once, streams among them. What comes"
        " beyond them is refused at once with RESOURCE_EXHAUSTED, to be tried again later.",
    )
    max_connection_age_s: Annotated[float, duration("1s", "1d")] = Field(
        default="30m",
        alias="max_connection_age",
        validate_default=True,
        description="A connection that is older takes no more calls, and a stream that lasts for so"
        " long is ended when all of it is acknowledged: clients connect anew, and find processes"
        " that were started meanwhile.",
    )
    shutdown_notice_s: Annotated[float, duration("0s", "10m")] = Field(
        default="500ms",
        alias="shutdown_notice",
        validate_default=True,
        description="How long a gateway that was told to stop still serves while health checks say"
        " that it ends: as long as those who send it requests need to notice.",
    )
    tls: Tls = Field(default_factory=Tls, description="TLS of the gRPC server.")

    def own_port(self, slot: int) -> int:
        """Return the own port of an ingest process, counted from 0; 0 where the system chooses."""
        return 0 if self.worker_port is None else self.worker_port + slot

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        return is_loopback(self.listen)
