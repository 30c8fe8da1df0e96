"""Structured logs: JSON lines, or a form for people where the output is a terminal."""

import logging
import sys
import traceback
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


def configure(output: TextIO = sys.stderr) -> None:
    """Send the logs of this process to `output`: ours, and warnings of the libraries."""
    terminal = output.isatty()
    renderer: Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    )
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_values,
    ]
    structlog.configure(
        processors=[*processors, renderer],
        logger_factory=structlog.PrintLoggerFactory(output),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *processors],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def without_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and where it was raised.

    Its message and the variables of its frames may quote a record: they are personal data.
    """
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):  # as the standard library passes it
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = type(error).__qualname__
        event["raised_at"] = _frames(error.__traceback__)
    return event


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"{frame.f_globals.get('__name__', '?')}:{line} in {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(trace)
    ]
