"""What the children of a supervisor are called: in logs, metrics and traces."""

DELIVERY = "delivery"

LINK_SOCKET = "delivery.sock"
"""The socket by which ingest processes ask delivery for outcomes, in the folder of the outbox."""


def ingest_name(slot: int) -> str:
    """Return the name of an ingest process, the first of which has slot 0."""
    return f"ingest-{slot}"
