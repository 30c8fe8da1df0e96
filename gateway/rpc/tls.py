"""TLS of the gRPC server: certificate, key and client CA, read anew when they change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import grpc
import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from gateway.identity.files import FileUnusable, ReloadedFiles

log = structlog.get_logger()

EXPIRY_NOTICE: Final = timedelta(days=14)
"""So long before it expires, a certificate is warned of."""

_WARN_EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    configuration: grpc.ServerCertificateConfiguration
    expires_at: datetime


class TlsFiles:
    """What the server presents, and whom it lets in.

    The files are looked at with each new connection. Connections that are there live on.

    Args:
        cert: path of the server's certificate, followed by those of its issuers; PEM.
        key: path of its private key; PEM, not encrypted.
        client_ca: path of the certificates that clients' are issued by; without it, clients are
            not asked for one, and with it none connects without one.

    Raises:
        FileUnusable: a file cannot be read, is not what it should be, or two do not match.
    """

    def __init__(self, cert: str, key: str, client_ca: str | None = None) -> None:
        self._asks_clients = client_ca is not None
        paths = [cert, key] if client_ca is None else [cert, key, client_ca]
        self._files = ReloadedFiles(paths, _load, interval_s=0.0)
        self._warned_at: datetime | None = None

    @property
    def certificate_expires_at(self) -> datetime:
        """When the certificate that new connections see ends to be valid."""
        return self._files.current().expires_at

    def credentials(self) -> grpc.ServerCredentials:
        """Return the credentials of a port; any number of ports may share the files."""
        presented = self._files.current()

        def changed() -> grpc.ServerCertificateConfiguration | None:
            """Say what a new connection is to see; None for the same. In a thread of gRPC's."""
            nonlocal presented
            current = self._files.current()
            if current is presented:
                return None
            presented = current
            return current.configuration

        # gRPC for Python can require a client's certificate or not ask for one; it has no third.
        return grpc.dynamic_ssl_server_credentials(
            presented.configuration,
            changed,  # type: ignore[arg-type]  # None is documented, and missing in the stubs
            require_client_authentication=self._asks_clients,
        )

    def check(self, now: datetime) -> None:
        """Read what has changed, and warn of a certificate that is about to expire, once a day."""
        expires_at = self.certificate_expires_at
        if expires_at - now > EXPIRY_NOTICE:
            return
        if self._warned_at is None or now - self._warned_at >= _WARN_EVERY:
            self._warned_at = now
            log.warning("the server's certificate expires", expires_at=expires_at.isoformat())


def _load(contents: Sequence[bytes]) -> _Loaded:
    cert, key, *client_ca = contents
    chain = _certificates(cert, "server.tls.cert")
    _check_key(key, chain[0])
    if client_ca:
        _certificates(client_ca[0], "server.tls.client_ca")
    configuration = grpc.ssl_server_certificate_configuration(
        [(key, cert)], client_ca[0] if client_ca else None
    )
    return _Loaded(configuration, chain[0].not_valid_after_utc.astimezone(UTC))


def _certificates(pem: bytes, key: str) -> Sequence[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise FileUnusable(f"the file of {key} has no certificates in PEM") from error


def _check_key(pem: bytes, certificate: x509.Certificate) -> None:
    try:
        key = load_pem_private_key(pem, password=None)
        is_its = _spki(key.public_key()) == _spki(certificate.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Without its cause: that could quote the key.
        raise FileUnusable(
            "the file of server.tls.key has no private key in PEM, or an encrypted one"
        ) from None
    if not is_its:
        raise FileUnusable("server.tls.key is not the key of server.tls.cert")


def _spki(public_key: object) -> bytes:
    """Return a public key in the form in which two are compared."""
    encoded: bytes = public_key.public_bytes(  # type: ignore[attr-defined]  # of every kind of key
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return encoded
