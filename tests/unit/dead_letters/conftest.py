import pytest

from gateway.validation.validator import Validator
from tests.support.dead_letters import VALIDATOR, Setting


@pytest.fixture
def setting() -> Setting:
    """A service over dead letters and an outbox in memory."""
    return Setting()


@pytest.fixture(scope="session")
def validator() -> Validator:
    """One for all tests."""
    return VALIDATOR
