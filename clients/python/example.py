# ruff: noqa: INP001, T201 - a program of its own, which prints
"""Sends events, a catalogue and a stream of events: `example.py [HOST:PORT]`.

For a gateway without a configuration: `personalize-gateway serve`.
"""

import sys

from personalize_gateway import (
    EventPublisher,
    GatewayClient,
    GatewayError,
    Options,
    Refused,
    event,
    item,
)


def main(target: str = "127.0.0.1:50051") -> None:
    """Send them, and print what comes of it."""
    with GatewayClient(target, options=Options(timeout_s=10)) as client:
        put_items(client)
        put_events(client)
        publish(client)


def put_items(client: GatewayClient) -> None:
    """Put what is known of items: a put replaces the whole record."""
    boots = item("i-1", {"price": 89.5, "category": ["shoes", "outdoor"], "promoted": True})
    client.put_items([boots])
    print("items: 1 is durable")


def put_events(client: GatewayClient) -> None:
    """Put events: all of them are durable when the call returns, or none."""
    response = client.put_events(
        [
            event("s-1", "View", item_id="i-1", properties={"discount": ["summer"]}),
            event("s-1", "Purchase", item_id="i-1", user_id="u-1", event_value=89.5),
        ]
    )
    print(f"events: {len(response.event_ids)} are durable")
    try:
        client.put_events([event("s-1", "View", item_id="i-1", user_id="")])
    except GatewayError as error:
        for violation in error.violations:
            print(f"events: refused: {violation.field} breaks {violation.rule}")


def publish(client: GatewayClient) -> None:
    """Publish events: they are sent in the background, and again until they are acknowledged."""
    with EventPublisher(client, on_refused=show) as publisher:
        for number in range(1000):
            publisher.publish(event(f"s-{number % 10}", "View", item_id="i-1"))
        publisher.flush(30)
        print(f"publisher: {publisher.counts.confirmed} are durable")


def show(refused: Refused) -> None:
    """Print what the gateway did not take."""
    print(f"publisher: refused: {refused.reason}: {refused.message}")


if __name__ == "__main__":
    main(*sys.argv[1:])
