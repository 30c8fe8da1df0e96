"""Structured logs: JSON lines, or a form for people where the output is a terminal."""

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from gateway.clock import SystemClock
from gateway.telemetry import tracing
from gateway.telemetry.repetition import Repetition

log = structlog.get_logger()


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
        with_trace_id,
    ]
    structlog.configure(
        processors=[*processors, Repetition(SystemClock()), renderer],
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


def catch_unforeseen() -> None:
    """Log what no code of this process catches. Python prints messages, which may quote a record.

    The logs have to be configured.
    """
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _uncaught_in_thread


def catch_unforeseen_in(loop: asyncio.AbstractEventLoop) -> None:
    """Log what no code in this event loop catches, likewise."""
    loop.set_exception_handler(_uncaught_in_loop)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("an error ended the process", exc_info=(kind, error, trace))


def _uncaught_in_thread(hook: threading.ExceptHookArgs) -> None:
    name = hook.thread.name if hook.thread else ""
    log.error("an error ended a thread", thread=name, exc_info=hook.exc_value)


def _unraisable(hook: "sys.UnraisableHookArgs") -> None:
    log.error("an error could not be raised", exc_info=hook.exc_value)


def _uncaught_in_loop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    task = context.get("task") or context.get("future")
    name = task.get_name() if isinstance(task, asyncio.Task) else ""
    # Not its message, which may show what a callback was called with.
    log.error("nobody caught an error", task=name, exc_info=context.get("exception"))


def with_trace_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Name the trace of the request that is served, where it is sampled."""
    if trace_id := tracing.current().trace_id:
        event["trace_id"] = trace_id
    return event


def without_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and where it was raised.

    Its message and the variables of its frames may quote a record: they are personal data. Of a
    group that is told of each error in it, too: the group's own type and frames explain nothing.
    """
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):  # as the standard library passes it
        error = error[1]
    if isinstance(error, BaseException):
        event.update(_told(error))
        if isinstance(error, BaseExceptionGroup):
            event["exceptions"] = [_told(leaf) for leaf in _leaves(error)]
    return event


def _told(error: BaseException) -> dict[str, Any]:
    return {"exception": type(error).__qualname__, "raised_at": _frames(error.__traceback__)}


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"{frame.f_globals.get('__name__', '?')}:{line} in {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(trace)
    ]
