"""`xfcc`: the caller is who a trusted proxy says, in `x-forwarded-client-cert`."""

from typing import Final

from gateway.identity.caller import Caller, CallerUnknown
from gateway.identity.certificate import named_by
from gateway.identity.evidence import CertificateNames, Evidence
from gateway.identity.forwarded import Element, MalformedHeader, elements, values
from gateway.identity.proxies import TrustedProxies

HEADER = "x-forwarded-client-cert"

_NAME: Final = "xfcc"


class ForgedHeader:
    """Refuses the header from everybody who is no trusted proxy. It names nobody.

    It is asked before all sources: a forged header is refused even where something else says truly
    who calls.
    """

    name: Final = _NAME

    def __init__(self, proxies: TrustedProxies) -> None:
        self._proxies = proxies

    async def caller(self, evidence: Evidence) -> None:
        """Raise `CallerUnknown` where the header is forged."""
        if evidence.header(HEADER) and not self._proxies.sent(evidence):
            raise CallerUnknown(
                f"{HEADER} is taken from trusted proxies only, and this is none",
                source=_NAME,
                reason="untrusted_proxy",
            )


class ForwardedCertificate:
    """Believes the header, once `ForgedHeader` has let it pass.

    Args:
        hops: whose word is taken, counted from here: 1 for the nearest proxy, 2 for the one before
            it, where that is one's own too.
    """

    name: Final = _NAME

    def __init__(self, hops: int = 1) -> None:
        self._hops = hops

    async def caller(self, evidence: Evidence) -> Caller | None:
        """Return who is named; see `Source`."""
        # Sent several times, it is one list (RFC 9110, section 5.3).
        headers = evidence.header(HEADER)
        if not headers:
            return None
        element = self._element(",".join(headers))
        names = CertificateNames(values(element, "uri"), values(element, "dns"))
        try:
            return named_by(names, _NAME)
        except CallerUnknown as error:
            raise CallerUnknown(
                f"{error}, as {HEADER} tells it", source=_NAME, reason=error.reason
            ) from None

    def _element(self, header: str) -> Element:
        try:
            found = elements(header)
        except MalformedHeader as error:
            raise CallerUnknown(
                f"{HEADER} is not of Envoy's form: {error}", source=_NAME, reason="malformed"
            ) from None
        if len(found) < self._hops:
            raise CallerUnknown(
                f"{HEADER} tells of {len(found)} proxies, and {self._hops} are expected",
                source=_NAME,
                reason="too_few_proxies",
            )
        return found[-self._hops]
