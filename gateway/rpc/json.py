"""JsonService: the put RPCs for those who have HTTP and JSON, through a sidecar that transcodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.acceptance import Acceptance, InvalidRequest
from gateway.api import PutJsonRequest, PutJsonResponse, Rule
from gateway.routing.limits import Limits
from gateway.rpc.call import Calls, Handler, IncomingCall
from gateway.rpc.json_body import parsed
from gateway.rpc.put import PUT_RPCS, Put
from gateway.validation.violation import Violation

_CONTENT_TYPE = "application/json"


def json_handlers(
    acceptance: Acceptance, limits: Limits, calls: Calls
) -> Iterator[tuple[str, Handler]]:
    """Yield the RPC's name within the package and its handler."""
    puts = {rpc.kind.value: Put(rpc, acceptance, limits) for rpc in PUT_RPCS}
    yield "JsonService/PutJson", calls.unary(PutJsonRequest, PutJson(puts))


@dataclass(frozen=True, slots=True)
class PutJson:
    """A put whose request comes as a JSON body, by the name of its kind."""

    puts: dict[str, Put]

    async def __call__(self, request: Any, call: IncomingCall) -> Any:  # noqa: ANN401 - no stubs
        """Take all records of the body, or refuse them."""
        put = self.puts.get(request.kind)
        if put is None:
            raise _invalid("kind", f"must be one of {', '.join(self.puts)}")
        _check_content_type(request.body.content_type)
        response = await put(parsed(put.rpc.request_type, request.body.data), call)
        return PutJsonResponse(
            ack_level=response.ack_level,
            event_ids=response.event_ids if put.rpc.event_ids else (),
            outcomes=response.outcomes,
        )


def _check_content_type(content_type: str) -> None:
    """Refuse what is declared as something else; nothing declared is taken for JSON."""
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() not in ("", _CONTENT_TYPE) or charset not in ("", "utf-8"):
        raise _invalid("body.content_type", f"must be {_CONTENT_TYPE}, in UTF-8")


def _invalid(field: str, description: str) -> InvalidRequest:
    return InvalidRequest([Violation(field, Rule.RULE_JSON, description, None)])
