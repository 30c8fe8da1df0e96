"""Who calls, as Envoy tells the gateway."""

import grpc
import pytest

from tests.envoy.stand import Stand
from tests.support.certificates import dns, uri
from tests.support.identity import caller_on
from tests.support.refused import refused

WEB = "spiffe://example.org/ns/shop/sa/web"
FORGED = (("x-forwarded-client-cert", "By=x;URI=spiffe://example.org/ns/shop/sa/admin"),)

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("name", "caller"), [(uri(WEB), WEB), (dns("Web.example.org"), "web.example.org")]
)
@pytest.mark.parametrize("forged", [(), FORGED])
async def test_the_caller_is_whom_the_certificate_names(
    stand: Stand, name: object, caller: str, forged: tuple[tuple[str, str], ...]
) -> None:
    """Also where it says in the header that it is somebody else."""
    credentials = stand.trusting(stand.clients.issue(name))  # type: ignore[arg-type]
    async with stand.sidecars["mtls"].channel(credentials) as channel:
        assert await caller_on(channel, forged) == caller


async def test_without_a_certificate_there_is_no_connection(stand: Stand) -> None:
    """Neither is there with one of another authority."""
    for client in (None, stand.servers.issue(uri(WEB))):
        async with stand.sidecars["mtls"].channel(stand.trusting(client)) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await caller_on(channel)
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("name", ["plain", "web"])
async def test_without_tls_the_header_says_nothing(stand: Stand, name: str) -> None:
    """A forged one is refused like none; a token still says who calls."""
    async with stand.sidecars[name].channel() as channel:
        error = await refused(caller_on(channel, FORGED))
        assert (error.code, error.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN")
        assert await caller_on(channel, (*FORGED, *stand.authorization)) == "shop"
