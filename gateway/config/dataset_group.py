"""An entry of the section `dataset_groups`."""

from collections.abc import Mapping
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
from gateway.records import Kind


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
