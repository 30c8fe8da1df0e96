"""From configuration and facts to where delivery sends."""

from gateway.config import DatasetGroup
from gateway.delivery.destination import Destination
from gateway.destinations import destinations
from gateway.personalize.call import Endpoint
from tests.support.discovery import GROUP_ARN, SHOP

ROLE = "arn:aws:iam::123456789012:role/shop"


def test_a_destination_is_what_is_known_and_where_its_calls_go() -> None:
    """The data plane has an endpoint of its own; what is not discovered goes as configured."""
    shop = DatasetGroup(
        arn=GROUP_ARN,
        endpoint_url="http://events:1",
        control_endpoint_url="http://control:1",
        role_arn=ROLE,
        quota_share=0.5,
    )
    other = DatasetGroup(arn=GROUP_ARN, tracking_id="by-hand", discover=False)
    assert destinations({"shop": shop, "other": other}, {"shop": SHOP}) == {
        "shop": Destination(Endpoint("eu-west-1", "http://events:1", ROLE), SHOP, 0.5),
        "other": Destination(Endpoint("eu-west-1"), other.facts("other")),
    }
