"""The configuration as a whole. Each section has a module of its own.

Attributes carry their unit in their name (`linger_s`); in the file the value carries it
(`linger: 20ms`). Rules that concern several keys are in `gateway.config.checks`.
"""

from collections.abc import Mapping

from pydantic import Field

from gateway.config.admin import Admin
from gateway.config.dataset_group import DatasetGroup
from gateway.config.delivery import Delivery
from gateway.config.discovery import Discovery
from gateway.config.identity import Identity
from gateway.config.outbox import Outbox
from gateway.config.route import Route
from gateway.config.section import DistinctOf, Section, SomeByName, SomeOf
from gateway.config.server import Server
from gateway.config.texts import CallerName, Name


class Config(Section):
    """The configuration of a gateway."""

    server: Server = Field(default_factory=Server, description="The gRPC server.")
    admin: Admin = Field(
        default_factory=Admin, description="Pages for probes and operators, over HTTP."
    )
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
    discovery: Discovery = Field(
        default_factory=Discovery,
        description="How the gateway learns of its dataset groups from AWS.",
    )
    dataset_groups: SomeByName[Mapping[Name, DatasetGroup]] = Field(
        description="The dataset groups by the names that callers and routes use."
    )
    routes: SomeOf[Route] = Field(
        description="Which callers may send which kinds of record to which dataset groups."
    )
    admins: DistinctOf[CallerName] = Field(
        default=(),
        description="Who may use DeadLetterService and TrackerService, and see every dataset group:"
        " written like `callers`. Without it, nobody.",
    )
