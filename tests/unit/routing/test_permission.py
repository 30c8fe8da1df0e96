"""Who may administer the gateway."""

import pytest

from gateway.routing.errors import AdminRequired
from gateway.routing.permission import Administrators

ADMINS = Administrators(["ops", "spiffe://example.org/ns/ops/**"])


@pytest.mark.parametrize("caller", ["ops", "spiffe://example.org/ns/ops/sa/night"])
def test_who_is_listed_may(caller: str) -> None:
    """By name or by pattern."""
    ADMINS.check(caller)


@pytest.mark.parametrize(
    "caller", ["web", "Ops", "*", "spiffe://example.org/ns/ops", "spiffe://example.org/ns/shop/ops"]
)
def test_who_is_not_may_not(caller: str) -> None:
    """The message says which key would let it."""
    with pytest.raises(AdminRequired) as caught:
        ADMINS.check(caller)
    assert str(caught.value) == (
        f"caller '{caller}' is no administrator; the key `admins` of the gateway's configuration"
        " lists who is"
    )


def test_without_a_list_nobody_may_and_with_a_star_everybody() -> None:
    """The latter is for a gateway on a laptop."""
    assert [Administrators(entries).include("web") for entries in ((), ("*",))] == [False, True]


def test_another_list_counts_at_once() -> None:
    """It is replaced in place."""
    admins = Administrators(["ops"])
    admins.replace(["web"])
    assert [admins.include(caller) for caller in ("ops", "web")] == [False, True]
    assert repr(admins) == "<Administrators <CallerTable ['web'] and no others>>"
