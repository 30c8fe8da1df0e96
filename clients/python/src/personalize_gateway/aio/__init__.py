"""The clients for asyncio: what `personalize_gateway` has, awaited."""

from personalize_gateway.aio.client import GatewayClient
from personalize_gateway.aio.publisher import EventPublisher

__all__ = ["EventPublisher", "GatewayClient"]
