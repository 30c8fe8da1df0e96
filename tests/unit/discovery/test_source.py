"""What discovery needs of the configuration."""

import pytest

from gateway.config import DatasetGroup, Datasets
from gateway.dataset_group import UNKNOWN, DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.discovery import Source, sources
from gateway.personalize.call import Endpoint
from gateway.records import Kind
from tests.support.discovery import ARN, GROUP_ARN

ROLE = "arn:aws:iam::123456789012:role/shop"
ITEMS_ARN = f"{ARN}dataset/shop/ITEMS"


@pytest.mark.parametrize(
    ("urls", "url"),
    [
        ({}, None),
        ({"endpoint_url": "http://a:1"}, "http://a:1"),
        ({"endpoint_url": "http://a:1", "control_endpoint_url": "http://b:1"}, "http://b:1"),
        ({"control_endpoint_url": "http://b:1"}, "http://b:1"),
    ],
)
def test_the_control_plane_may_be_elsewhere(urls: dict[str, str], url: str | None) -> None:
    """A VPC endpoint of the data plane is none of the control plane."""
    group = DatasetGroup.model_validate({"arn": GROUP_ARN, "role_arn": ROLE, **urls})
    (source,) = sources({"shop": group})
    stated = DatasetGroupFacts("shop", GROUP_ARN)
    assert source == Source(stated, Endpoint("eu-west-1", url, ROLE), discover=True)


def test_what_is_stated_by_hand_is_known_without_a_status() -> None:
    """Also where AWS is not asked."""
    group = DatasetGroup(
        arn=GROUP_ARN,
        discover=False,
        tracking_id="clicks",
        action_interactions_tracking_id="acts",
        datasets=Datasets(items=ITEMS_ARN),
    )
    (source,) = sources({"shop": group})
    assert source == Source(
        DatasetGroupFacts(
            "shop",
            GROUP_ARN,
            TrackerFacts("", "", "clicks", UNKNOWN),
            {
                Kind.ITEMS: DatasetFacts(ITEMS_ARN),
                Kind.ACTION_INTERACTIONS: DatasetFacts(tracking_id="acts"),
            },
        ),
        Endpoint("eu-west-1"),
        discover=False,
    )
