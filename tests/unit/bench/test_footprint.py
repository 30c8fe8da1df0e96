import json

import pytest

from bench.footprint import Sample, growth, sizes_mb


def test_growth_is_that_of_the_second_half() -> None:
    """What a process takes while it warms up is no leak."""
    warming = [Sample(number * 1000, {"ingest": 50.0 + number}) for number in range(10)]
    steady = [Sample(10_000 + number * 1000, {"ingest": 60.0}) for number in range(10)]
    leaking = [Sample(10_000 + number * 1000, {"ingest": 60.0 + number}) for number in range(10)]
    assert growth(warming + steady, "ingest") == pytest.approx(0.0)
    assert growth(warming + leaking, "ingest") == pytest.approx(1000.0)


def test_only_images_of_the_gateway_are_listed() -> None:
    """An image may have several names, or none."""
    listing = [
        {"names": ["localhost/personalize-gateway-base:bookworm"], "size": "132 MB"},
        {"names": ["localhost/personalize-gateway:a", "localhost/other:b"], "size": "1.5 GB"},
        {"names": None, "size": "300 KB"},
    ]
    assert sizes_mb(json.dumps(listing)) == {"personalize-gateway:a": 1500.0}
