from pathlib import Path

import botocore.session
import pytest
from botocore.endpoint_provider import EndpointProvider

from gateway.errors import LaneBlocked
from gateway.personalize.call import Endpoint
from gateway.personalize.endpoints import Address, address_of


@pytest.fixture(autouse=True)
def _no_aws_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_PERSONALIZE_EVENTS", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


@pytest.mark.parametrize(
    "region",
    ["us-east-1", "eu-west-1", "ap-northeast-2", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"],
)
async def test_regions_have_the_endpoint_of_aws_ruleset(region: str) -> None:
    """Without a URL the endpoint is the one that AWS's rules for the service name."""
    loader = botocore.session.Session().get_component("data_loader")
    rules = EndpointProvider(
        loader.load_service_model("personalize-events", "endpoint-rule-set-1"),
        loader.load_data("partitions"),
    )

    url = rules.resolve_endpoint(Region=region, UseFIPS=False, UseDualStack=False).url

    assert await address_of(Endpoint(region)) == Address(url, url.removeprefix("https://"))


async def test_partitions_have_their_own_domain() -> None:
    """A region of China is not under amazonaws.com."""
    assert await address_of(Endpoint("cn-north-1")) == Address(
        "https://personalize-events.cn-north-1.amazonaws.com.cn",
        "personalize-events.cn-north-1.amazonaws.com.cn",
    )


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_PERSONALIZE_EVENTS"])
async def test_variables_name_another_endpoint(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of AWS's SDKs are heeded where the configuration has no URL."""
    monkeypatch.setenv(name, "http://localhost:4566")

    assert await address_of(Endpoint("eu-west-1")) == Address(
        "http://localhost:4566", "localhost:4566"
    )


async def test_a_profile_names_another_endpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The profile's endpoint_url is heeded as well."""
    config = tmp_path / "config"
    config.write_text("[default]\nendpoint_url = http://localhost:4567\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))

    assert await address_of(Endpoint("eu-west-1")) == Address(
        "http://localhost:4567", "localhost:4567"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://LocalHost:8080/", Address("http://localhost:8080", "localhost:8080")),
        ("https://example.org:443", Address("https://example.org", "example.org")),
        ("http://example.org:80", Address("http://example.org", "example.org")),
        ("https://example.org:80", Address("https://example.org:80", "example.org:80")),
        ("http://[::1]:8080", Address("http://[::1]:8080", "[::1]:8080")),
    ],
)
async def test_a_url_is_called_as_it_is_signed(url: str, expected: Address) -> None:
    """Letter case, default ports and a slash at the end do not matter."""
    assert await address_of(Endpoint("eu-west-1", url)) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8080",
        "ftp://localhost",
        "http://",
        "http://localhost/prefix",
        "http://localhost?query",
        "http://localhost#fragment",
        "http://user:password@localhost",
        "http://localhost:99999",
        "http://local host",
        "http://bücher.example",
        "http://[::1",
        "http://a:b:c",
    ],
)
async def test_other_urls_park_the_lane(url: str) -> None:
    """What is more or less than an address is not called."""
    with pytest.raises(LaneBlocked) as refusal:
        await address_of(Endpoint("eu-west-1", url))

    assert refusal.value.code == "InvalidEndpoint"


@pytest.mark.parametrize("region", ["", "eu west", "eu-west-1/../x", "eu-west-1\r\nX: y", "é"])
async def test_other_regions_park_the_lane(region: str) -> None:
    """A region goes into host name and signature, and has to look like one."""
    with pytest.raises(LaneBlocked) as refusal:
        await address_of(Endpoint(region, "http://localhost"))

    assert refusal.value.code == "InvalidEndpoint"


async def test_a_region_that_botocore_refuses_parks_the_lane() -> None:
    """So does a region of which botocore makes no host name."""
    with pytest.raises(LaneBlocked) as refusal:
        await address_of(Endpoint("-eu-"))

    assert refusal.value.code == "InvalidEndpoint"


async def test_an_unknown_profile_parks_the_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that botocore cannot read is for somebody to mend."""
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-written-this")

    with pytest.raises(LaneBlocked) as refusal:
        await address_of(Endpoint("eu-west-1"))

    assert refusal.value.code == "InvalidEndpoint"
