"""Certificate, key and client CA: what is used, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.identity.files import FileUnusable
from gateway.rpc.tls import TlsFiles
from tests.support.certificates import LOOPBACK, Authority

AUTHORITY = Authority()
NOW = datetime.now(UTC)


def write(folder: Path, *, lasts_days: int = 61) -> tuple[str, str]:
    """Write a certificate that ends so many days after yesterday; return the two paths."""
    cert, key = AUTHORITY.issue(LOOPBACK, lasts=timedelta(days=lasts_days)).write(folder, "tls")
    return str(cert), str(key)


def test_the_expiry_is_that_of_the_certificate_that_is_there_now(tmp_path: Path) -> None:
    """Also after it was replaced."""
    tls = TlsFiles(*write(tmp_path, lasts_days=61))
    before = tls.certificate_expires_at
    write(tmp_path, lasts_days=91)
    ages = [at - NOW for at in (before, tls.certificate_expires_at)]
    assert [round(age / timedelta(days=1)) for age in ages] == [60, 90]


def test_a_certificate_that_is_about_to_expire_is_warned_of_once_a_day(tmp_path: Path) -> None:
    """In the last fourteen days."""
    tls = TlsFiles(*write(tmp_path))
    warned = []
    for days in (0, 45, 46.5, 46.6, 47.6, 70):
        with capture_logs() as logs:
            tls.check(NOW + timedelta(days=days))
        warned.append([log["event"] for log in logs])
    said = ["the server's certificate expires"]
    assert warned == [[], [], said, [], said, said]


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    """GRPC would find out with the first connection."""
    cert, key = write(tmp_path)
    Path(key).write_bytes(AUTHORITY.issue(LOOPBACK).key)
    with pytest.raises(FileUnusable, match=r"server\.tls\.key is not the key of server\.tls\.cert"):
        TlsFiles(cert, key)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("tls.crt", r"server\.tls\.cert has no certificates"),
        ("tls.key", r"server\.tls\.key has no private key"),
        ("ca.crt", r"server\.tls\.client_ca has no certificates"),
    ],
)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hunter2",
        b"-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n",
        b"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
    ],
)
def test_what_is_not_in_pem_is_refused(
    tmp_path: Path, name: str, problem: str, content: bytes
) -> None:
    """The key of the configuration is named, and nothing of the file is quoted."""
    cert, key = write(tmp_path)
    client_ca = tmp_path / "ca.crt"
    client_ca.write_bytes(AUTHORITY.pem)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileUnusable, match=problem) as caught:
        TlsFiles(cert, key, str(client_ca))
    assert "hunter2" not in repr((caught.value, caught.value.__cause__))
