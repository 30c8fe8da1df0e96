"""The sidecar's own certificate, renewed while it serves."""

import asyncio
import ssl
from pathlib import Path

from tests.envoy.scripted import Script, scripted
from tests.envoy.sidecar import laid_out, sidecar
from tests.support.certificates import LOOPBACK, Authority


async def test_a_renewed_certificate_is_taken_up(tmp_path: Path) -> None:
    """By new connections, without a restart."""
    authority = Authority()
    etc = laid_out(tmp_path / "envoy")
    certificates = etc / "certificates"
    first, second = authority.issue(LOOPBACK), authority.issue(LOOPBACK)
    first.write(certificates, "tls")
    (certificates / "ca.crt").write_bytes(authority.pem)
    async with scripted(Script([]), 1) as addresses, sidecar("mtls", etc, *addresses) as envoy:
        host, _, port = envoy.address.rpartition(":")

        async def shown() -> bytes:
            pem = await asyncio.to_thread(ssl.get_server_certificate, (host, int(port)))
            return pem.encode()

        assert await shown() == first.cert
        for file in second.write(tmp_path, "renewed"):
            file.replace(certificates / f"tls{file.suffix}")
        async with asyncio.timeout(60):
            while await shown() != second.cert:  # noqa: ASYNC110 - Envoy has no event
                await asyncio.sleep(0.01)
