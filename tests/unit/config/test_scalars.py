"""Durations, sizes and text of a certain form."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.config.scalars import Text, duration, size

DURATION: TypeAdapter[float] = TypeAdapter(Annotated[float, duration("0ms", "30d")])
SIZE: TypeAdapter[int] = TypeAdapter(Annotated[int, size("0B", "16TiB")])
WORD: TypeAdapter[str] = TypeAdapter(Annotated[str, Text("word", "a word", "[a-z]+|[0-9]+", 5)])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2ms", 0.002), ("1.5s", 1.5), ("10m", 600.0), ("1h", 3600.0), ("7d", 604800.0), ("0s", 0.0)],
)
def test_durations_become_seconds(text: str, seconds: float) -> None:
    """Each unit is read."""
    assert DURATION.validate_python(text) == seconds


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("7B", 7),
        ("64KiB", 65536),
        ("1.5KiB", 1536),
        ("4MiB", 4 * 2**20),
        ("4GiB", 4 * 2**30),
        ("1TiB", 2**40),
        ("1kB", 1000),
        ("1KB", 1000),
        ("100MB", 100_000_000),
        ("2GB", 2_000_000_000),
        ("1TB", 10**12),
    ],
)
def test_sizes_become_whole_bytes(text: str, size_bytes: int) -> None:
    """Each unit is read."""
    found = SIZE.validate_python(text)
    assert (found, type(found)) == (size_bytes, int)


@pytest.mark.parametrize(
    "text", ["", "5", "5 s", " 5s", "5s\n", "-1s", "1e3s", "5S", "s", "1h30m", "٣s", "31d", "inf"]
)
def test_durations_without_unit_or_out_of_bounds_are_refused(text: str) -> None:
    """The message names forms and bounds and quotes nothing."""
    with pytest.raises(ValidationError) as caught:
        DURATION.validate_python(text)
    assert [error["msg"] for error in caught.value.errors()] == [
        "expected a duration such as 20ms, 1.5s or 10m, from 0ms to 30d"
    ]


@pytest.mark.parametrize("text", ["5", "4Mib", "4M", "17TiB", "4 MiB", "-4MiB", "9" * 13 + "B"])
def test_sizes_without_unit_or_out_of_bounds_are_refused(text: str) -> None:
    """The message names forms and bounds and quotes nothing."""
    with pytest.raises(ValidationError) as caught:
        SIZE.validate_python(text)
    assert [error["msg"] for error in caught.value.errors()] == [
        "expected a size such as 64KiB, 4MiB or 1GB, from 0B to 16TiB"
    ]


def test_a_part_of_a_byte_is_refused() -> None:
    """A size is whole."""
    with pytest.raises(ValidationError):
        SIZE.validate_python("0.3B")


def test_numbers_of_code_are_in_base_units() -> None:
    """Text needs a unit; a number has the field's."""
    assert (DURATION.validate_python(2.5), SIZE.validate_python(10)) == (2.5, 10)


def test_numbers_of_code_have_the_same_bounds() -> None:
    """A bound holds for all who set a field."""
    with pytest.raises(ValidationError):
        DURATION.validate_python(31 * 86400.0)


@given(st.integers(0, 10**6))
def test_a_duration_is_the_same_in_every_unit(thousandths: int) -> None:
    """Decimals are read exactly, so a limit is met alike however it is written."""
    written = [f"{thousandths}ms", f"{thousandths / 1000:.3f}s"]
    assert [DURATION.validate_python(text) for text in written] == [thousandths / 1000] * 2


@pytest.mark.parametrize("text", ["", "abcdef", "ab1", "abc\n", " ab", "ABC"])
def test_text_of_another_form_is_refused(text: str) -> None:
    """The whole text is looked at, of all alternatives of the pattern."""
    with pytest.raises(ValidationError) as caught:
        WORD.validate_python(text)
    assert [error["msg"] for error in caught.value.errors()] == ["expected a word"]


def test_text_of_the_form_is_kept() -> None:
    """It is not changed."""
    assert (WORD.validate_python("abcde"), WORD.validate_python("12")) == ("abcde", "12")
