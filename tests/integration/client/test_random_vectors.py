"""Random vectors: the same for the same seed, and of a fate that is met again."""

import asyncio
from collections import Counter
from pathlib import Path

from tests.conformance.case import cases
from tests.conformance.delivered import due
from tests.conformance.fuzz import write
from tests.conformance.random_requests import random_requests


def test_a_seed_always_gives_the_same_requests() -> None:
    """So that a deviation can be looked at again."""
    assert random_requests(20, 3) == random_requests(20, 3)
    assert random_requests(20, 3) != random_requests(20, 4)


async def test_random_requests_meet_the_same_fate_twice(tmp_path: Path) -> None:
    """In two gateways, by what the caller is told and by what Personalize gets."""
    for directory in ("one", "other"):
        await asyncio.to_thread(write, tmp_path / directory, 60, 3)
    one, other = ([*cases(tmp_path / name)] for name in ("one", "other"))
    assert [(case.name, case.expected) for case in one] == [
        (case.name, case.expected) for case in other
    ]
    assert Counter(map(repr, map(list, map(due, one)))) == Counter(
        map(repr, map(list, map(due, other)))
    )
    assert {case.expected.code for case in one} == {"OK", "INVALID_ARGUMENT"}
