"""Patterns of SPIFFE IDs."""

import re
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.config.caller_pattern import PATTERN_FORM, CallerPattern, SpiffeId, is_pattern
from gateway.config.texts import CallerName

SEGMENTS = ["a", "b", "*"]
IDS = [
    SpiffeId("spiffe://x", path) for n in range(1, 5) for path in product(["a", "b", "c"], repeat=n)
]

patterns = st.builds(
    lambda segments, endless: CallerPattern("spiffe://x", tuple(segments), endless),
    st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3),
    st.booleans(),
)


def matched(pattern: CallerPattern) -> set[SpiffeId]:
    """Return which of all short IDs a pattern matches."""
    return {id_ for id_ in IDS if pattern.matches(id_)}


@pytest.mark.parametrize(
    ("text", "caller", "matches"),
    [
        ("spiffe://example.org/ns/shop/sa/*", "spiffe://example.org/ns/shop/sa/web", True),
        ("spiffe://example.org/ns/shop/sa/*", "spiffe://example.org/ns/shop/sa", False),
        ("spiffe://example.org/ns/shop/sa/*", "spiffe://example.org/ns/shop/sa/web/1", False),
        ("spiffe://example.org/ns/shop/sa/*", "spiffe://example.org/ns/shop/sa/", False),
        ("spiffe://example.org/ns/shop/sa/*", "spiffe://example.com/ns/shop/sa/web", False),
        ("spiffe://example.org/ns/shop/sa/*", "web", False),
        ("spiffe://example.org/ns/*/sa/web", "spiffe://example.org/ns/shop/sa/web", True),
        ("spiffe://example.org/ns/*/sa/web", "spiffe://example.org/ns/shop/sa/app", False),
        ("spiffe://example.org/ns/shop/**", "spiffe://example.org/ns/shop/sa/web", True),
        ("spiffe://example.org/ns/shop/**", "spiffe://example.org/ns/shop/sa", True),
        ("spiffe://example.org/ns/shop/**", "spiffe://example.org/ns/shop", False),
        ("spiffe://example.org/ns/shop/**", "spiffe://example.org/ns/shop-2/sa/web", False),
        ("spiffe://example.org/ns/shop/**", "spiffe://example.org/ns/shop/../bank/sa/web", False),
        ("spiffe://example.org/ns/shop/**", "spiffe://example.org/ns/shop//web", False),
        ("spiffe://example.org/ns/shop/**", "spiffe://example.org.evil.com/ns/shop/web", False),
        ("spiffe://example.org/ns/shop/**", "xspiffe://example.org/ns/shop/web", False),
        ("spiffe://example.org/ns/shop/**", "spiffe://example.org/ns/shop/web\n", False),
        ("spiffe://example.org/*/**", "spiffe://example.org/ns/shop", True),
        ("spiffe://example.org/*/**", "spiffe://example.org/ns", False),
        ("spiffe://example.org/**", "spiffe://example.org/ns", True),
    ],
)
def test_a_star_is_one_segment_and_two_are_the_rest(text: str, caller: str, matches: bool) -> None:  # noqa: FBT001 - the expectation
    """A caller that is no SPIFFE ID is matched by none."""
    id_ = SpiffeId.of(caller)
    assert (id_ is not None and CallerPattern.of(text).matches(id_)) is matches


@pytest.mark.parametrize(
    "text",
    [
        "spiffe://*/ns/shop",
        "spiffe://*.example.org/ns/shop",
        "spiffe://example.org/ns/shop*",
        "spiffe://example.org/ns/**/web",
        "spiffe://example.org/ns/***",
        "spiffe://example.org/ns//*",
        "spiffe://example.org/../*",
        "spiffe://example.org/./*",
        "spiffe://EXAMPLE.org/*",
        "spiffe://example.org/[ab]/*",
        "https://example.org/*",
        "web-*",
        "**",
    ],
)
def test_nothing_cleverer_is_a_pattern(text: str) -> None:
    """It is refused, and is no name either."""
    assert not re.fullmatch(PATTERN_FORM, text)
    with pytest.raises(ValidationError):
        TypeAdapter(CallerName).validate_python(text)


@pytest.mark.parametrize(
    "text", ["spiffe://example.org/ns/*/sa/web", "spiffe://e/**", "spiffe://e/*", "spiffe://e/*/**"]
)
def test_a_pattern_shows_as_it_is_written(text: str) -> None:
    """It is one, and may stand in a list of callers."""
    assert TypeAdapter(CallerName).validate_python(text) == str(CallerPattern.of(text))
    assert is_pattern(text)


@pytest.mark.parametrize("text", ["*", "web", "spiffe://example.org/ns/shop/sa/web"])
def test_a_name_and_a_star_alone_are_no_patterns(text: str) -> None:
    """They may stand in a list of callers all the same."""
    assert TypeAdapter(CallerName).validate_python(text) == text
    assert not is_pattern(text)


@given(patterns, patterns)
def test_what_lies_within_another_is_more_specific(
    one: CallerPattern, other: CallerPattern
) -> None:
    """So the narrower route decides, wherever one lies within another."""
    if matched(one) < matched(other):
        assert one.rank > other.rank


@given(patterns, patterns)
def test_what_two_of_one_rank_share_is_what_both_match(
    one: CallerPattern, other: CallerPattern
) -> None:
    """Judged by all short IDs."""
    if one.rank == other.rank:
        shared = one.shared(other)
        assert (matched(shared) if shared else set()) == matched(one) & matched(other)


@example(
    CallerPattern("spiffe://x", ("a",), endless=True), [CallerPattern("spiffe://x", ("a", "*"))]
)
@given(patterns, st.lists(patterns, max_size=5))
def test_examples_stand_for_all_that_a_pattern_matches(
    pattern: CallerPattern, others: list[CallerPattern]
) -> None:
    """Others match all of them where they match everything, and not otherwise."""
    longest = max((len(other.segments) for other in others), default=0)
    examples = list(pattern.examples(longest))
    assert all(pattern.matches(example) for example in examples)
    covered = all(any(other.matches(one) for other in others) for one in examples)
    assert covered == (matched(pattern) <= {id_ for other in others for id_ in matched(other)})
