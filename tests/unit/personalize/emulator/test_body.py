"""Reading bodies: what json reads, and the text of each record as received."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.personalize.emulator.body import decode
from gateway.personalize.emulator.errors import AwsError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(
    others=st.dictionaries(TEXT, VALUES, max_size=2),
    records=st.lists(VALUES, max_size=3),
    indent=st.sampled_from([None, 0, 2]),
    escape=st.sampled_from(["all", "none"]),
)
def test_reads_what_json_reads(
    others: dict[str, Any], records: list[Any], indent: int | None, escape: str
) -> None:
    """The object is what json makes of it, and each text is its element's."""
    document = others | {"records": records} | others
    text = json.dumps(document, indent=indent, ensure_ascii=escape == "all")

    parameters, texts = decode(text.encode(), "records")

    assert parameters == document
    assert [json.loads(part) for part in texts] == records
    assert all(part in text for part in texts)


def test_keeps_the_text_of_each_record() -> None:
    """Numbers, escapes, spaces and repeated members stay as they were written."""
    body = b'{"t": "x", "items" : [ {"a": 1.10, "b":"\\u00e9"},{"a": 1e2,"a":2} ] }'

    assert decode(body, "items") == (
        {"t": "x", "items": [{"a": 1.1, "b": "é"}, {"a": 2}]},
        ['{"a": 1.10, "b":"\\u00e9"}', '{"a": 1e2,"a":2}'],
    )


def test_without_a_member_to_keep_there_are_no_texts() -> None:
    """An operation of the control plane has no records."""
    assert decode(b'{"items": [1]}', None) == ({"items": [1]}, ())


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b" { } "])
def test_an_empty_body_is_an_empty_object(body: bytes) -> None:
    """Nothing, spaces and an empty object are the same input."""
    assert decode(body, "items") == ({}, ())


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"1",
        b'"x"',
        b"{",
        b'{"a"',
        b'{"a":',
        b'{"a":1',
        b'{"a":1,}',
        b'{"a":1 "b":2}',
        b"{a:1}",
        b"{1:1}",
        b'{"a":1}}',
        b'{"a":1} x',
        b'{"items":[1,]}',
        b'{"items":[1 2]}',
        b'{"items":[1}',
        b'{"items":[',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\n"}',
        b'{"a":' + b"[" * 100_000,
        b'{"a":' + b"1" * 5_000 + b"}",
    ],
)
def test_refuses_what_is_no_json_object(body: bytes) -> None:
    """Whatever is not one JSON object in UTF-8 cannot be read."""
    with pytest.raises(AwsError) as caught:
        decode(body, "items")

    assert (caught.value.code, caught.value.status) == ("SerializationException", 400)


def test_takes_a_pair_of_surrogates() -> None:
    """An escaped character outside the basic plane is a character."""
    assert decode(b'{"a":"\\ud83d\\uded2"}', None) == ({"a": "🛒"}, ())
