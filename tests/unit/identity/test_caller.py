"""Who calls."""

import pytest

from gateway.identity import CallerUnknown, caller_in


@pytest.mark.parametrize(
    ("header", "caller"),
    [
        (None, "anonymous"),
        ("web", "web"),
        ("spiffe://example.org/ns/shop/sa/web", "spiffe://example.org/ns/shop/sa/web"),
        ("x" * 2048, "x" * 2048),
    ],
)
def test_a_caller_is_what_the_header_says(header: str | None, caller: str) -> None:
    """Who says nothing is anonymous."""
    assert caller_in(header) == caller


@pytest.mark.parametrize("header", ["", " ", "a b", "web\n", "*", "a*", "é", "\0", "x" * 2049])
def test_a_header_that_is_no_name_is_refused(header: str) -> None:
    """It is not taken for anonymous, and not quoted."""
    with pytest.raises(CallerUnknown) as caught:
        caller_in(header)
    assert str(caught.value) == "x-caller must be 1 to 2048 visible ASCII characters, without *"
