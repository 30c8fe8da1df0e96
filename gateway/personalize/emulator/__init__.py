"""A Personalize that runs on one machine: what AWS would answer, and faults on demand.

It judges the gateway in tests and stands in for AWS where there is none. Shapes are checked from
botocore's service models, and nothing of the gateway's own validation or encoding is used here.
"""

from gateway.personalize.emulator.config import (
    DOCUMENTED_QUOTAS,
    Delays,
    EmulatorConfig,
    UnusableTracker,
)
from gateway.personalize.emulator.embedded import Emulator
from gateway.personalize.emulator.faults import Answer, Fault
from gateway.personalize.emulator.lifecycle import Status
from gateway.personalize.emulator.seeding import Outline, SeedGroup
from gateway.personalize.emulator.store import Record

__all__ = [
    "DOCUMENTED_QUOTAS",
    "Answer",
    "Delays",
    "Emulator",
    "EmulatorConfig",
    "Fault",
    "Outline",
    "Record",
    "SeedGroup",
    "Status",
    "UnusableTracker",
]
