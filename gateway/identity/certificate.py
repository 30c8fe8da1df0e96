"""`mtls`: the caller is who its client certificate names."""

import re
from typing import Final

from gateway.identity.caller import MAX_CALLER_LENGTH, Caller, CallerUnknown, is_caller
from gateway.identity.evidence import CertificateNames, Evidence
from gateway.identity.proxies import TrustedProxies

# A workload has a path of its own; a trust domain alone is who signs (SPIFFE-ID specification,
# sections 2.1 and 2.2; X.509-SVID specification, section 2).
_SPIFFE_ID = re.compile(r"spiffe://[a-z0-9._-]{1,255}(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._-]+)+")
_SCHEME = "spiffe://"


def named_by(names: CertificateNames, source: str) -> Caller:
    """Return the one caller that a certificate names: its SPIFFE ID, otherwise its DNS name.

    DNS names are returned in lower case, for their case means nothing.

    Args:
        names: of the certificate.
        source: where they were taken from, for the error.

    Raises:
        CallerUnknown: it names nobody, or several.
    """
    if len(names.uris) > 1:
        raise _refused("has several URIs, and may have one", source, "several_names")
    spiffe_ids = [uri for uri in names.uris if uri.lower().startswith(_SCHEME)]
    if spiffe_ids:
        return _spiffe_id(spiffe_ids[0], source)
    if len(names.dns_names) > 1:
        raise _refused("has no SPIFFE ID and several DNS names", source, "several_names")
    if not names.dns_names:
        raise _refused("has neither a SPIFFE ID nor a DNS name", source, "no_name")
    (dns_name,) = names.dns_names
    if not is_caller(dns_name):
        raise _refused("has a DNS name that can be no caller's", source, "malformed")
    return dns_name.lower()


def _spiffe_id(uri: str, source: str) -> Caller:
    if len(uri) > MAX_CALLER_LENGTH or not _SPIFFE_ID.fullmatch(uri):
        raise _refused("has a SPIFFE ID that is no workload's", source, "malformed")
    return uri


def _refused(what: str, source: str, reason: str) -> CallerUnknown:
    return CallerUnknown(f"the client certificate {what}", source=source, reason=reason)


class ClientCertificate:
    """Believes the certificate that the server has verified by its client CA.

    The certificate of a trusted proxy says who forwards the call, not who makes it: there it says
    nothing.

    Args:
        proxies: whose word another source takes.
    """

    name: Final = "mtls"

    def __init__(self, proxies: TrustedProxies | None = None) -> None:
        self._proxies = proxies

    async def caller(self, evidence: Evidence) -> Caller | None:
        """Return who is named; see `Source`."""
        names = evidence.certificate()
        if names is None or (self._proxies and self._proxies.sent(evidence)):
            return None
        return named_by(names, self.name)
