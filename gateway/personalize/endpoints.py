"""Where an endpoint's calls go: its own URL, or AWS's for the region.

botocore decides AWS's: partitions (China, GovCloud, …), FIPS and dual stack, the variables
AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_PERSONALIZE_EVENTS, and their twins in the profile.
"""

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from gateway.errors import LaneBlocked
from gateway.personalize.call import Endpoint

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_REGION = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect.

    Attributes:
        base_url: scheme, host and port; no path and no slash at its end.
        host: the `Host` header, with the port unless it is the scheme's own.
    """

    base_url: str
    host: str


async def address_of(endpoint: Endpoint) -> Address:
    """Return where the calls of `endpoint` go. Reads botocore's files in a thread.

    Raises:
        LaneBlocked: the region or the URL is not one that can be called.
    """
    if not _REGION.fullmatch(endpoint.region):
        raise LaneBlocked("InvalidEndpoint", f"not a region: {endpoint.region!r}")
    if endpoint.url is not None:
        return _address_in(endpoint.url)
    return _address_in(await asyncio.to_thread(_aws_url, endpoint.region))


def _aws_url(region: str) -> str:
    # A client that signs nothing looks for no credentials; what it knows of its endpoint is all
    # that is asked of it.
    unsigned = Config(signature_version=UNSIGNED)
    try:
        client = botocore.session.Session().create_client(
            "personalize-events", region_name=region, config=unsigned
        )
    except (BotoCoreError, ValueError) as error:
        raise LaneBlocked("InvalidEndpoint", str(error)) from error
    return client.meta.endpoint_url


def _address_in(url: str) -> Address:
    """Return the address in `url`, in lower case, as it is both signed and called."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise LaneBlocked("InvalidEndpoint", str(error)) from error
    name = parts.hostname or ""
    if not _HOST.fullmatch(name) or _says_more_than_an_address(parts):
        raise LaneBlocked("InvalidEndpoint", "not http(s)://host[:port]")
    host = f"[{name}]" if ":" in name else name
    if port not in (None, _DEFAULT_PORTS[parts.scheme]):
        host = f"{host}:{port}"
    return Address(f"{parts.scheme}://{host}", host)


def _says_more_than_an_address(parts: SplitResult) -> bool:
    # A path would be signed twice encoded, user info would travel beside the signature: neither
    # is anything that an AWS endpoint has.
    return (
        parts.scheme not in _DEFAULT_PORTS
        or parts.path not in ("", "/")
        or bool(parts.query or parts.fragment or parts.username or parts.password)
    )
