"""What operators ask of delivery that takes a while."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from gateway.outbox.interface import OutboxUnavailable

_Result = TypeVar("_Result")


class Operations:
    """Tasks that go on until they are done or delivery ends, whether or not who asked waits."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self.ended = False

    def begin(self, operation: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        """Begin an operation."""
        task = asyncio.create_task(operation)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.ended:
            task.cancel()
        return task

    async def done(self, operation: Coroutine[Any, Any, _Result]) -> _Result:
        """Begin an operation and wait for it.

        Raises:
            OutboxUnavailable: delivery ended before it was done.
        """
        task = self.begin(operation)
        await asyncio.wait({task})
        if task.cancelled():
            raise OutboxUnavailable("the gateway stops; not all of it was done")
        return task.result()

    def end(self) -> None:
        """Break off what is under way, and begin nothing more."""
        self.ended = True
        for task in self._tasks:
            task.cancel()
