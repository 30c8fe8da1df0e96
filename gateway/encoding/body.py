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
    user = "" if user_id is None else f',"userId":{json_text(user_id)}'
    session = f',"sessionId":{json_text(session_id)}{user}'
    return _body(f'"trackingId":{json_text(tracking_id)}{session}', "eventList", elements)


def action_interactions_body(tracking_id: str, elements: Iterable[bytes]) -> bytes:
    """Return the body of PutActionInteractions, of any sessions and users."""
    return _body(f'"trackingId":{json_text(tracking_id)}', "actionInteractions", elements)


def items_body(dataset_arn: str, elements: Iterable[bytes]) -> bytes:
    """Return the body of PutItems."""
    return _body(f'"datasetArn":{json_text(dataset_arn)}', "items", elements)


def users_body(dataset_arn: str, elements: Iterable[bytes]) -> bytes:
    """Return the body of PutUsers."""
    return _body(f'"datasetArn":{json_text(dataset_arn)}', "users", elements)


def actions_body(dataset_arn: str, elements: Iterable[bytes]) -> bytes:
    """Return the body of PutActions."""
    return _body(f'"datasetArn":{json_text(dataset_arn)}', "actions", elements)


def _body(members: str, list_name: str, elements: Iterable[bytes]) -> bytes:
    # Texts are encoded one by one: to encode an object takes five times as long as its texts do.
    return b'{%b,"%b":[%b]}' % (members.encode(), list_name.encode(), b",".join(elements))
