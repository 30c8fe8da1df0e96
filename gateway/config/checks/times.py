"""Durations that must fit each other."""

from collections.abc import Iterator

from gateway.config.delivery import Delivery
from gateway.config.problems import Finding


def delivery_times(delivery: Delivery | None) -> Iterator[Finding]:
    """Yield the durations that do not."""
    if delivery is None:
        return
    if delivery.retry.max_s < delivery.retry.base_s:
        yield Finding(("delivery", "retry", "max"), "must not be below delivery.retry.base")
    if delivery.call_timeout_s < delivery.connect_timeout_s:
        yield Finding(("delivery", "call_timeout"), "must not be below delivery.connect_timeout")
