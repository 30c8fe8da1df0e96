"""The order in which sources are asked."""

import pytest

from gateway.identity import Caller, CallerUnknown, ProofUnverifiable
from gateway.identity.header import CallerHeader
from gateway.identity.sources import Sources
from gateway.telemetry.metrics import IDENTITIES_REFUSED
from tests.support.evidence import Call


class Saying:
    """Says what a test tells it to."""

    def __init__(self, name: str, says: Caller | Exception | None) -> None:
        self.name = name
        self.says = says

    async def caller(self, evidence: object) -> Caller | None:
        del evidence
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class Noting:
    """Notes what is done with it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def start(self) -> None:
        self.done.append("start")

    async def close(self) -> None:
        self.done.append("close")


UNUSED = Saying("unused", AssertionError("is not to be asked"))


async def test_the_first_that_says_something_decides() -> None:
    """The others are not asked."""
    sources = Sources([Saying("mtls", None), Saying("jwt", "web"), UNUSED])
    assert await sources.caller(Call()) == "web"
    assert dict(IDENTITIES_REFUSED.values) == {}


@pytest.mark.parametrize("kind", [CallerUnknown, ProofUnverifiable])
async def test_what_does_not_hold_is_a_refusal(
    kind: type[CallerUnknown | ProofUnverifiable],
) -> None:
    """It is counted, and nobody else is asked."""
    refused = kind("no", source="jwt", reason="expired")
    sources = Sources([Saying("mtls", None), Saying("jwt", refused), UNUSED])
    with pytest.raises(kind):
        await sources.caller(Call())
    assert dict(IDENTITIES_REFUSED.values) == {("jwt", "expired"): 1}


async def test_a_fault_is_counted_too() -> None:
    """And is nobody's leave to call."""
    sources = Sources([Saying("mtls", ZeroDivisionError()), UNUSED])
    with pytest.raises(ZeroDivisionError):
        await sources.caller(Call())
    assert dict(IDENTITIES_REFUSED.values) == {("mtls", "fault"): 1}


async def test_where_nothing_is_said_the_caller_is_told_what_is_taken() -> None:
    """A guard and its source share a name."""
    sources = Sources([Saying("xfcc", None), Saying("mtls", None), Saying("xfcc", None)])
    with pytest.raises(CallerUnknown, match=r"this gateway takes xfcc, mtls$"):
        await sources.caller(Call())
    assert dict(IDENTITIES_REFUSED.values) == {("none", "absent"): 1}


async def test_what_sources_need_meanwhile_is_started_and_closed() -> None:
    """Once each."""
    noting = Noting()
    sources = Sources([UNUSED], [noting])
    await sources.start()
    await sources.close()
    assert (noting.done, repr(sources)) == (["start", "close"], "<Sources unused>")


async def test_the_header_is_believed_where_it_is_sent_once() -> None:
    """Without it, the caller is anonymous."""
    header = CallerHeader()
    assert await header.caller(Call({"x-caller": ["web"]})) == "web"
    assert await header.caller(Call()) == "anonymous"
    for values, reason in ((["web", "crm"], "several_names"), (["a b"], "malformed")):
        with pytest.raises(CallerUnknown) as caught:
            await header.caller(Call({"x-caller": values}))
        assert (caught.value.source, caught.value.reason) == ("header", reason)
