"""An entry of the section `dataset_groups`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from gateway.config.scalars import size
from gateway.config.section import Section
from gateway.config.texts import (
    DatasetArn,
    DatasetGroupArn,
    EndpointUrl,
    RoleArn,
    TrackingId,
)
from gateway.dataset_group import UNKNOWN, DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.records import Kind


class Datasets(Section):
    """The datasets that take whole records; events and action interactions go by tracking ID.

    They are discovered; what is stated here wins.
    """

    items: DatasetArn | None = Field(default=None, description="ARN of the Items dataset.")
    users: DatasetArn | None = Field(default=None, description="ARN of the Users dataset.")
    actions: DatasetArn | None = Field(default=None, description="ARN of the Actions dataset.")


class DatasetGroup(Section):
    """A Personalize dataset group. Its ARN is enough: AWS tells the rest."""

    arn: DatasetGroupArn = Field(description="ARN of the dataset group; names the region too.")
    discover: bool = Field(
        default=True,
        description="Whether AWS is asked for its tracking IDs, datasets and schemas. If not, it "
        "takes only the kinds whose tracking ID or dataset is stated, and no schema is known.",
    )
    tracking_id: TrackingId | None = Field(
        default=None,
        description="Tracking ID of its event tracker. Discovered; what is stated wins.",
    )
    action_interactions_tracking_id: TrackingId | None = Field(
        default=None,
        description="Tracking ID of its Action_Interactions dataset, as DescribeDataset tells it. "
        "Discovered; what is stated wins.",
    )
    datasets: Datasets = Field(
        default_factory=Datasets,
        description="ARNs of its datasets. Discovered; what is stated wins.",
    )
    role_arn: RoleArn | None = Field(
        default=None,
        description="IAM role to assume for its calls; without it, the process's own credentials.",
    )
    endpoint_url: EndpointUrl | None = Field(
        default=None, description="Where its calls go; without it, AWS's endpoint of the region."
    )
    control_endpoint_url: EndpointUrl | None = Field(
        default=None,
        description="Where the calls go that ask for it and manage its event tracker; without it, "
        "`endpoint_url`.",
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
    def control_url(self) -> str | None:
        """Where its calls of the control plane go; None for AWS's endpoint of the region."""
        return self.control_endpoint_url or self.endpoint_url

    @property
    def dataset_arns(self) -> Mapping[Kind, str]:
        """The dataset of each kind of whole record for which one is stated."""
        arns = {
            Kind.ITEMS: self.datasets.items,
            Kind.USERS: self.datasets.users,
            Kind.ACTIONS: self.datasets.actions,
        }
        return {kind: arn for kind, arn in arns.items() if arn is not None}

    @property
    def stated_kinds(self) -> frozenset[Kind]:
        """The kinds of record for which it is stated where they go."""
        by_tracking_id = {
            Kind.EVENTS: self.tracking_id,
            Kind.ACTION_INTERACTIONS: self.action_interactions_tracking_id,
        }
        return frozenset(self.dataset_arns) | {kind for kind, id_ in by_tracking_id.items() if id_}

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of record that it may take: all, where AWS is asked."""
        return frozenset(Kind) if self.discover else self.stated_kinds

    def facts(self, name: str) -> DatasetGroupFacts:
        """Return what is stated by hand; the status of all of it is unknown.

        Args:
            name: its own, in the configuration.
        """
        datasets = {kind: DatasetFacts(arn) for kind, arn in self.dataset_arns.items()}
        if self.action_interactions_tracking_id:
            acts = DatasetFacts(tracking_id=self.action_interactions_tracking_id)
            datasets[Kind.ACTION_INTERACTIONS] = acts
        tracker = TrackerFacts("", "", self.tracking_id, UNKNOWN) if self.tracking_id else None
        return DatasetGroupFacts(name, self.arn, tracker, MappingProxyType(datasets))
