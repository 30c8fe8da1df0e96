"""Where bytes stop being a message."""

from typing import TYPE_CHECKING, cast

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from gateway.api import PutEventsRequest
from gateway.rpc import malformed
from gateway.rpc.malformed import ENDS_EARLY, NO_WIRE_FORMAT, NOT_UTF8, TOO_DEEP, locate

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

DESCRIPTOR = cast("Descriptor", PutEventsRequest.DESCRIPTOR)


def _field(number: int, contents: bytes) -> bytes:
    """Return a length-delimited field."""
    assert len(contents) < 128
    return bytes([number << 3 | 2, len(contents)]) + contents


@pytest.mark.parametrize(
    ("data", "path", "problem"),
    [
        (_field(1, b"\xff"), "dataset_group", NOT_UTF8),
        (_field(2, b"") + _field(2, _field(1, b"\xc3(")), "events[1].session_id", NOT_UTF8),
        (
            _field(2, _field(9, b"ok") + _field(9, b"\xed\xa0\x80")),
            "events[0].impression[1]",
            NOT_UTF8,
        ),
        (
            _field(2, _field(11, _field(1, _field(1, b"\xff")))),
            "events[0].properties.fields[0].key",
            NOT_UTF8,
        ),
        (b"\x0a\x05ab", "dataset_group", ENDS_EARLY),
        (b"\x18", "ack_level", ENDS_EARLY),
        (b"\x18" + b"\xff" * 11, "ack_level", NO_WIRE_FORMAT),
        (b"\x0b", "dataset_group", NO_WIRE_FORMAT),
        (_field(999 & 15, b"\xff"), "", NO_WIRE_FORMAT),
        (b"", "", NO_WIRE_FORMAT),
    ],
)
def test_the_field_is_named(data: bytes, path: str, problem: str) -> None:
    """Strings that are no UTF-8, ends in the middle, and bytes that are nothing."""
    assert locate(DESCRIPTOR, data) == (path, problem)


def test_deep_nesting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message nested a thousand deep is no reason to recurse as deep."""
    monkeypatch.setattr(malformed, "_MAX_DEPTH", 5)
    value = b""
    for _ in range(8):
        value = _field(5, _field(1, _field(2, value)))
        if len(value) > 100:
            break
    path, problem = locate(DESCRIPTOR, _field(2, _field(11, _field(1, _field(2, value)))))
    assert problem == TOO_DEEP
    assert path.startswith("events[0].properties.fields[0].value")


@given(st.binary(max_size=200))
def test_any_bytes_are_walked_to_an_end(data: bytes) -> None:
    """Whatever the parser refuses gets a sentence and no exception."""
    try:
        PutEventsRequest.FromString(data)
    except DecodeError:
        path, problem = locate(DESCRIPTOR, data)
        assert isinstance(path, str)
        assert problem
