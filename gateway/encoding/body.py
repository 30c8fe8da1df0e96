"""The request bodies of the put operations, made of elements that are already encoded.

Member names are those of botocore's model `personalize-events/2018-03-22`. Each body takes 1 to 10
elements, in their order.
"""

from collections.abc import Iterable

from gateway.encoding.json_text import json_text


def events_body(
    tracking_id: str, session_id: str, user_id: str | None, elements: Iterable[bytes]
) -> bytes:
    """Return the body of PutEvents: events of one session and user, None while anonymous."""
    members = {"trackingId": tracking_id, "sessionId": session_id}
    if user_id is not None:
        members["userId"] = user_id
    return _body(members, "eventList", elements)


def action_interactions_body(tracking_id: str, elements: Iterable[bytes]) -> bytes:
    """Return the body of PutActionInteractions, of any sessions and users."""
    return _body({"trackingId": tracking_id}, "actionInteractions", elements)


def items_body(dataset_arn: str, elements: Iterable[bytes]) -> bytes:
    """Return the body of PutItems."""
    return _body({"datasetArn": dataset_arn}, "items", elements)


def users_body(dataset_arn: str, elements: Iterable[bytes]) -> bytes:
    """Return the body of PutUsers."""
    return _body({"datasetArn": dataset_arn}, "users", elements)


def actions_body(dataset_arn: str, elements: Iterable[bytes]) -> bytes:
    """Return the body of PutActions."""
    return _body({"datasetArn": dataset_arn}, "actions", elements)


def _body(members: dict[str, str], list_name: str, elements: Iterable[bytes]) -> bytes:
    head = f'{json_text(members).removesuffix("}")},"{list_name}":['
    return b"".join((head.encode(), b",".join(elements), b"]}"))
