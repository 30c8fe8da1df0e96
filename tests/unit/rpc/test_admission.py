"""Requests into the outbox, as far as the limits of their caller let them."""

from typing import Any, cast

import pytest

from gateway.acceptance import Acceptance, Prepared
from gateway.config import Route
from gateway.outbox.interface import BudgetExhausted
from gateway.records import Chunk, Kind, Lane, Record
from gateway.routing.errors import CallerLimitReached
from gateway.routing.limits import Limits
from gateway.rpc.admission import admit


class Outbox:
    """Stands in for `Acceptance`: appends, or has no room."""

    full = False

    def append(self, _: Prepared) -> str:
        if self.full:
            raise BudgetExhausted("shop", budget_bytes=1, retry_after_s=1)
        return "admission"


def limits(**limit: Any) -> Limits:
    """Return the limits of one route."""
    route = {"name": "web", "callers": ["*"], "dataset_group": "shop", "limit": limit}
    return Limits([Route.model_validate(route)])


def chunk(dataset_group: str, records: int) -> Chunk:
    """Return a chunk that came by the route."""
    return Chunk(Lane(dataset_group, Kind.ITEMS), "a", "web", (Record("i", b"x" * 600),) * records)


def prepared(records: int) -> Prepared:
    """Return a request with a mirror."""
    chunks = [chunk("shop", records), chunk("next", records)]
    return Prepared([""] * records, chunks, [range(records)])


def test_the_copies_for_mirrors_do_not_count() -> None:
    """Nor does what the outbox has no room for."""
    limited, outbox = limits(records_per_s=0.001, burst=2), Outbox()
    acceptance = cast("Acceptance", outbox)
    outbox.full = True
    with pytest.raises(BudgetExhausted):
        admit(acceptance, limited, prepared(2))
    outbox.full = False
    assert admit(acceptance, limited, prepared(2))[0] == cast("Any", "admission")
    with pytest.raises(CallerLimitReached):
        admit(acceptance, limited, prepared(1))
