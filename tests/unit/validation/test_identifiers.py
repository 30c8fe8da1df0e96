from collections.abc import Callable

import pytest

from gateway.validation.identifiers import check_id, check_ids, check_name

Faults = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize(
    "value",
    [
        *("null", "NULL", " null\n", "undefined", "None", "NaN", "nan", "nil", "<nil>"),
        *("(null)", "<null>", " ", "\t", "\u00a0\u2003"),
    ],
)
def test_a_word_for_nothing_is_no_id(value: str, faults_of: Faults) -> None:
    """Words for nothing are refused in every letter case, with white space around or alone."""
    assert faults_of(check_id, "user_id", value) == [("user_id", "PLACEHOLDER_ID")]


@pytest.mark.parametrize(
    "value",
    [
        "none-1",
        "Null",
        "Nan",
        "NONE",
        "nullable",
        "undefined2",
        "Nana",
        "0",
        "-1",
        "a b",
        " a",
        "ünïcode",
        "😀",
        "\u200b",
    ],
)
def test_an_id_may_be_any_other_text(value: str, faults_of: Faults) -> None:
    """An ID that only looks like a word for nothing is taken."""
    assert faults_of(check_id, "user_id", value) == []


def test_an_empty_id_is_left_to_the_annotations() -> None:
    """An empty string breaks an annotation, and one rule for it is enough."""
    faults: list[object] = []
    check_id("user_id", "", faults)  # type: ignore[arg-type]  # an empty list of anything
    assert faults == []


@pytest.mark.parametrize("control", [*range(0x20), *range(0x7F, 0xA0)])
def test_a_control_character_is_refused(control: int, faults_of: Faults) -> None:
    """C0, DEL and C1 are refused in IDs and in names."""
    value = f"a{chr(control)}b"
    expected = [("x", "CONTROL_CHARACTER")]
    assert faults_of(check_id, "x", value) == faults_of(check_name, "x", value) == expected


def test_what_is_invisible_but_no_control_character_is_taken(faults_of: Faults) -> None:
    """Separators and format characters are not control characters."""
    assert faults_of(check_name, "x", "a\u00a0\u00ad\u2028\u200d\ufeff\ue000b") == []


def test_entries_of_a_list_are_named_by_their_index(faults_of: Faults) -> None:
    """Each bad entry of a list has a fault with its index."""
    found = faults_of(check_ids, "impression", ["a", "null", "b", "c\x00"])
    assert found == [("impression[1]", "PLACEHOLDER_ID"), ("impression[3]", "CONTROL_CHARACTER")]
