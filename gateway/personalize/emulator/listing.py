"""Pages of a list operation."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from gateway.personalize.emulator.errors import AwsError
from gateway.personalize.emulator.resources import R

_PAGE = 100


def page(resources: Sequence[R], parameters: dict[str, Any]) -> tuple[Sequence[R], dict[str, str]]:
    """Return the page that a request asks for.

    Args:
        resources: all of them, ordered by creation and ARN.
        parameters: the request's input; `maxResults` and `nextToken` are read.

    Returns:
        The resources of the page, and the member `nextToken` if there are more. A token names the
        last resource it follows, so what is created or deleted meanwhile shifts no page.

    Raises:
        AwsError: InvalidNextTokenException where the token is not one of the emulator's.
    """
    token = parameters.get("nextToken")
    if token is not None:
        after = _decode(token)
        resources = [r for r in resources if _key(r) > after]
    size = parameters.get("maxResults") or _PAGE
    shown = resources[:size]
    more = {"nextToken": _encode(_key(shown[-1]))} if len(resources) > size else {}
    return shown, more


def _key(resource: R) -> tuple[float, str]:
    return resource.lifetime.created_at, resource.arn


def _encode(key: tuple[float, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _decode(token: str) -> tuple[float, str]:
    try:
        created_at, arn = json.loads(base64.urlsafe_b64decode(token))
        return float(created_at), str(arn)
    except (ValueError, TypeError):
        raise AwsError("InvalidNextTokenException", "The token is not valid") from None
