"""Client of the Personalize gateway.

`GatewayClient` sends records and waits for the answer; `EventPublisher` takes them at once and
sends them on a stream. Both are here for threads, and in `personalize_gateway.aio` for asyncio. The
messages and stubs that are generated from the protos are in `personalize_gateway.v1`.
"""

from personalize_gateway.client import GatewayClient
from personalize_gateway.credentials import Credentials, insecure, tls
from personalize_gateway.errors import GatewayError, Violation
from personalize_gateway.options import Options
from personalize_gateway.publisher import EventPublisher
from personalize_gateway.publishing.settings import (
    BufferFull,
    Counts,
    PublisherOptions,
    Refused,
    WhenFull,
)
from personalize_gateway.records import (
    NotSendable,
    Property,
    Record,
    action,
    action_interaction,
    event,
    item,
    user,
)

__all__ = [
    "BufferFull",
    "Counts",
    "Credentials",
    "EventPublisher",
    "GatewayClient",
    "GatewayError",
    "NotSendable",
    "Options",
    "Property",
    "PublisherOptions",
    "Record",
    "Refused",
    "Violation",
    "WhenFull",
    "action",
    "action_interaction",
    "event",
    "insecure",
    "item",
    "tls",
    "user",
]
