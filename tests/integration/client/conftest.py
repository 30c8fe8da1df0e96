"""A gateway and an emulator in this process, with the dataset groups of the vectors."""

import pytest

from gateway.config import Config, parse
from gateway.personalize.emulator import Emulator
from tests.conformance.dataset_groups import SEEDS, configuration
from tests.support.running import patient


@pytest.fixture
def config(emulator: Emulator) -> Config:
    """Take what the vectors are for."""
    groups = {outline.name: outline for outline in emulator.seed(*SEEDS)}
    return patient(parse(configuration(groups, emulator.url), "vectors", {}))
