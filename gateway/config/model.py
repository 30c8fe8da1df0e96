"""The keys of the configuration: their types, bounds, defaults and descriptions.

Attributes carry their unit in their name (`linger_s`); in the file the value carries it
(`linger: 20ms`). Rules that concern several keys are in `gateway.config.checks`.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Final, Literal

from pydantic import Field

from gateway.config.delivery import Delivery
from gateway.config.scalars import duration, size
from gateway.config.section import DistinctOf, Section, SomeByName, SomeDistinctOf, SomeOf
from gateway.config.texts import (
    Address,
    CallerName,
    DatasetArn,
    DatasetGroupArn,
    DirectoryPath,
    EndpointUrl,
    Name,
    RoleArn,
    TrackingId,
)
from gateway.identity import CALLER_HEADER
from gateway.records import Kind

ANYBODY: Final = "*"
"""In `callers`: every caller."""


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


class Identity(Section):
    """How the gateway learns who calls."""

    sources: SomeDistinctOf[Literal["header"]] = Field(
        default=("header",),
        alias="from",
        description=f"Where a caller's name is taken from. `header` trusts `{CALLER_HEADER}`, in "
        "which anybody may write anything. It must be stated where `server.listen` is not "
        "loopback.",
    )


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


class Datasets(Section):
    """The datasets that take whole records; events and action interactions go by tracking ID."""

    items: DatasetArn | None = Field(default=None, description="ARN of the Items dataset.")
    users: DatasetArn | None = Field(default=None, description="ARN of the Users dataset.")
    actions: DatasetArn | None = Field(default=None, description="ARN of the Actions dataset.")


class DatasetGroup(Section):
    """A Personalize dataset group. It takes the kinds whose tracking ID or dataset is stated."""

    arn: DatasetGroupArn = Field(description="ARN of the dataset group; names the region too.")
    tracking_id: TrackingId | None = Field(
        default=None, description="Tracking ID of its event tracker. Needed for events."
    )
    action_interactions_tracking_id: TrackingId | None = Field(
        default=None,
        description="Tracking ID of its Action_Interactions dataset, as DescribeDataset tells it. "
        "Needed for action interactions.",
    )
    datasets: Datasets = Field(
        default_factory=Datasets,
        description="ARNs of its datasets. Needed for items, users and actions, each for its own.",
    )
    role_arn: RoleArn | None = Field(
        default=None,
        description="IAM role to assume for its calls; without it, the process's own credentials.",
    )
    endpoint_url: EndpointUrl | None = Field(
        default=None, description="Where its calls go; without it, AWS's endpoint of the region."
    )
    quota_share: float = Field(
        default=1.0,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="The share of its quotas that is this gateway's. Shares of all gateways that "
        "send to it should add up to 1.",
    )
    budget_bytes: Annotated[int, size("1MiB", "16TiB")] = Field(
        default="1GiB",
        alias="budget",
        validate_default=True,
        description="How much the outbox may hold for it.",
    )

    @property
    def region(self) -> str:
        """The AWS region that its ARN names."""
        return self.arn.split(":")[3]

    @property
    def dataset_arns(self) -> Mapping[Kind, str]:
        """The dataset of each kind of whole record that it takes."""
        arns = {
            Kind.ITEMS: self.datasets.items,
            Kind.USERS: self.datasets.users,
            Kind.ACTIONS: self.datasets.actions,
        }
        return {kind: arn for kind, arn in arns.items() if arn is not None}

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of record that it takes."""
        by_tracking_id = {
            Kind.EVENTS: self.tracking_id,
            Kind.ACTION_INTERACTIONS: self.action_interactions_tracking_id,
        }
        return frozenset(self.dataset_arns) | {kind for kind, id_ in by_tracking_id.items() if id_}


class Route(Section):
    """The rule that says which callers may send which kinds of record to which dataset groups."""

    name: Name = Field(description="Its name in logs and metrics. No two routes share one.")
    callers: SomeDistinctOf[CallerName] = Field(
        description="Who may send: exact names, or `*` for every caller."
    )
    kinds: SomeDistinctOf[Kind] = Field(default=tuple(Kind), description="What may be sent.")
    dataset_group: Name = Field(description="Where it goes: a name in `dataset_groups`.")
    mirror_to: DistinctOf[Name] = Field(
        default=(),
        description="Dataset groups that get a copy of each record.",
    )


class Config(Section):
    """The configuration of a gateway."""

    server: Server = Field(default_factory=Server, description="The gRPC server.")
    identity: Identity = Field(
        default_factory=Identity, description="How the gateway learns who calls."
    )
    outbox: Outbox = Field(
        default_factory=Outbox,
        description="The durable queue between acceptance and delivery.",
    )
    delivery: Delivery = Field(
        default_factory=Delivery, description="How records go from the outbox to Personalize."
    )
    dataset_groups: SomeByName[Mapping[Name, DatasetGroup]] = Field(
        description="The dataset groups by the names that callers and routes use."
    )
    routes: SomeOf[Route] = Field(
        description="Which callers may send which kinds of record to which dataset groups."
    )
