"""Which gRPC status, reason and details an error becomes. Decided here and nowhere else."""

from gateway.rpc.errors import Unforeseen
from gateway.rpc.status import callers, requests, serving, storage, trackers
from gateway.rpc.status.answer import DOMAIN, Answer, answer

__all__ = [
    "DOMAIN",
    "Answer",
    "answer",
    "callers",
    "reason_name",
    "requests",
    "serving",
    "storage",
    "trackers",
]


def reason_name(error: Exception) -> str:
    """Return the reason that the caller is told of an error, by its name."""
    try:
        return answer(error).reason_name
    except TypeError:
        return answer(Unforeseen("")).reason_name
