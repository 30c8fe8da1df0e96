"""The grammar of `x-forwarded-client-cert`."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.forwarded import MalformedHeader, elements, values

KEYS = st.sampled_from(["By", "Hash", "Cert", "Chain", "Subject", "URI", "DNS"])


def quoted(value: str) -> str:
    """Write a value as Envoy does: in RFC 2253's form, where a backslash has one before it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read(value: str) -> str:
    """Return what is read of it: the backslashes of RFC 2253 stay."""
    return value.replace("\\", "\\\\")


TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126))
PLAIN = st.text(st.sampled_from("abc:/=.-\\ "), max_size=20).map(str.strip)
QUOTED = st.tuples(st.just("quoted"), TEXT)
UNQUOTED = st.tuples(st.just(""), PLAIN)
PAIRS = st.lists(st.tuples(KEYS, st.one_of(QUOTED, UNQUOTED)), min_size=1, max_size=6)


@given(st.lists(PAIRS, min_size=1, max_size=4), st.sampled_from([",", ", "]))
def test_what_is_written_is_read(
    written: list[list[tuple[str, tuple[str, str]]]], comma: str
) -> None:
    """Whatever stands in a quoted value, it parts nothing."""
    header = comma.join(
        ";".join(f"{key}={quoted(text) if quotes else text}" for key, (quotes, text) in element)
        for element in written
    )
    assert elements(header) == [
        [(key.lower(), read(text) if quotes else text) for key, (quotes, text) in element]
        for element in written
    ]


@given(st.text(), st.text(st.sampled_from('AaBbyURI=;,"\\ '), max_size=40))
def test_every_text_is_read_or_refused(text: str, near: str) -> None:
    """Nothing else comes of it."""
    for header in (text, near):
        with contextlib.suppress(MalformedHeader):
            assert all(elements(header))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_a_subject_cannot_add_a_key(subject: str) -> None:
    """The names in a certificate are its holder's choice."""
    header = f"Subject={quoted(subject)};URI=spiffe://example.org/web"
    (element,) = elements(header)
    assert values(element, "uri") == ["spiffe://example.org/web"]


def test_an_element_as_envoy_writes_it() -> None:
    """Several names, quotes, and keys without a value."""
    header = (
        "By=spiffe://example.org/gateway;Hash=468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748"
        'a02dd8de688;Subject="CN=Test, O=\\"Example\\"";URI=spiffe://example.org/a;'
        "uri=spiffe://example.org/b;DNS=a;DNS=b,By=x;URI="
    )
    first, second = elements(header)
    assert [key for key, _ in first] == ["by", "hash", "subject", "uri", "uri", "dns", "dns"]
    assert values(first, "subject") == ['CN=Test, O="Example"']
    assert values(first, "uri") == ["spiffe://example.org/a", "spiffe://example.org/b"]
    assert values(first, "dns") == ["a", "b"]
    assert (values(second, "by"), values(second, "uri")) == (["x"], [])


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        ",",
        ";",
        "URI",
        "=x",
        "URI=a,",
        ",URI=a",
        "URI=a;",
        "URI=a;;DNS=b",
        'URI="a',
        'URI="a"b',
        'URI=a"b',
        'URI="a\\"',
        "U RI=a",
        "Ü=a",
    ],
)
def test_what_is_not_of_the_form_is_refused(header: str) -> None:
    """It is not read as far as it goes."""
    with pytest.raises(MalformedHeader):
        elements(header)
