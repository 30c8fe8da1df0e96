"""Shows how far an import has come: a bar on a terminal, lines anywhere else."""

import time
from types import TracebackType
from typing import Protocol, Self

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

_STEP = 0.1
_LINE_EVERY_S = 10.0


class Shown(Protocol):
    """Progress that is shown on stderr while the context is open."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def show(self, rows: int, refused: int) -> None:
        """Show that so many rows are settled, and so many of them refused."""

    def say(self, text: str) -> None:
        """Print a line beside it."""


def progress(total: int) -> Shown:
    """Return progress for so many rows, in the form that stderr is fit for."""
    console = Console(stderr=True)
    return Bar(total, console) if console.is_terminal else Lines(total)


class Bar:
    """A bar."""

    def __init__(self, total: int, console: Console) -> None:
        self._progress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("rows, {task.fields[refused]} refused"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task("", total=total, refused=0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, rows: int, refused: int) -> None:
        """Show that so many rows are settled, and so many of them refused."""
        self._progress.update(self._task, completed=rows, refused=refused)

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(text, markup=False, highlight=False)


class Lines:
    """A line for each tenth of the rows, and at least one every ten seconds."""

    def __init__(self, total: int) -> None:
        self._total = max(total, 1)
        self._next_share = _STEP
        self._next_s = time.monotonic() + _LINE_EVERY_S

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def show(self, rows: int, refused: int) -> None:
        """Print a line where it is time for one."""
        share = rows / self._total
        now_s = time.monotonic()
        if share < self._next_share and now_s < self._next_s:
            return
        while self._next_share <= share:
            self._next_share += _STEP
        self._next_s = now_s + _LINE_EVERY_S
        self.say(f"{rows:,} of {self._total:,} rows, {refused:,} refused")

    def say(self, text: str) -> None:
        """Print a line."""
        click.echo(text, err=True)
