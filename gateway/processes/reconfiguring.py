"""How a running child takes up a configuration."""

import os
from collections.abc import Callable
from dataclasses import replace

import structlog

from gateway.config import Config
from gateway.errors import GatewayError
from gateway.processes.generation import Generation
from gateway.processes.report import Report

log = structlog.get_logger()


def reconfigured(
    report: Report, generation: Generation, reconfigure: Callable[[Config], None]
) -> Report:
    """Take up a configuration if that can be done; return the report that says whether it was.

    The supervisor has found it to be good. What can still fail is what it refers to, such as a file
    that has gone since. Then the one before stays here, and the supervisor takes it back elsewhere.

    Args:
        report: how this process is.
        generation: the configuration.
        reconfigure: takes all of it up or, where it raises, nothing.
    """
    try:
        reconfigure(generation.config(os.environ))
    except Exception as error:
        why = str(error) if isinstance(error, GatewayError) else ""
        log.exception("a configuration cannot be used", generation=generation.number, why=why)
        return replace(report, refused=generation.number)
    return replace(report, generation=generation.number)
