"""One child of the supervisor, and its life: started, reported, restarted, stopped."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence

import structlog

from gateway.admin.readiness import ProcessState
from gateway.clock import Clock
from gateway.processes.backoff import RestartDelay
from gateway.processes.generation import Generation
from gateway.processes.report import MAX_LINE_BYTES, Report

log = structlog.get_logger()


CANNOT_START = 78
"""The exit code of a child that would fail again (EX_CONFIG of sysexits.h): it said why."""


class Child:
    """A process that is to run until it is told to stop.

    Its standard input is a pipe with the configurations that it is to use. It closes when the
    supervisor dies, however it dies, and the child ends with it. So no orphan delivers beside its
    successor.

    Args:
        name: in logs and in the readiness page.
        command: program and arguments.
        generation: the configuration to begin with.
        on_change: called when its report has changed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        generation: Generation,
        *,
        clock: Clock,
        on_change: Callable[[], None],
        restart_delay: RestartDelay | None = None,
    ) -> None:
        self.name = name
        self.report: Report | None = None
        """What it said last; None while it is not there."""
        self.starts = 0
        self.cannot_start = False
        """Whether it has given up: it is not started again."""
        self._command = command
        self._generation = generation
        self._clock = clock
        self._on_change = on_change
        self._restart_delay = restart_delay or RestartDelay()
        self._process: asyncio.subprocess.Process | None = None
        self._problem = "it was not started yet"
        self._stopping = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Child {self.name}: {self.report}, {self.starts} starts>"

    @property
    def pid(self) -> int | None:
        """The ID of its process; None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def ready(self) -> bool:
        """Whether it serves and can do its work."""
        return self.report is not None and self.report.healthy

    @property
    def status(self) -> ProcessState:
        """How it is now."""
        said = self.report or Report(problem=self._problem)
        return ProcessState(
            name=self.name,
            pid=self.pid,
            ready=self.ready,
            starts=self.starts,
            problem=said.problem,
            port=said.port,
            generation=said.generation,
        )

    def use(self, generation: Generation) -> None:
        """Have it use this configuration, now and whenever it is started again."""
        self._generation = generation
        if self._process is not None:
            _send(self._process, generation)

    async def run(self) -> None:
        """Start it, and start it again whenever it dies, until it is told to stop."""
        while not self._stopping.is_set():
            started_s = self._clock.monotonic()
            self._problem = await self._run_once()
            if self._stopping.is_set() or self.cannot_start:
                self._on_change()
                return
            wait_s = self._restart_delay.after(self._clock.monotonic() - started_s)
            log.error(
                "a process is started again", process=self.name, why=self._problem, in_s=wait_s
            )
            await self._clock.wait(self._stopping, self._clock.monotonic() + wait_s)

    async def _run_once(self) -> str:
        """Start it and follow it to its end; return why it is not there any more."""
        try:
            process = await self._start()
        except OSError as error:
            # For want of memory, of processes or of files: the next time there may be enough.
            return f"it cannot be started: {error.strerror}"
        try:
            await self._follow(process)
            code = await process.wait()
        finally:
            self._process = None
            self._set_report(None)
        self.cannot_start = code == CANNOT_START
        return f"it ended with exit code {code}"

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAX_LINE_BYTES,
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops in order.
        )
        self._process = process
        self._problem = "it does not serve yet"
        self.starts += 1
        _send(process, self._generation)
        if self._stopping.is_set():  # told while it was being started
            self._signal(signal.SIGTERM)
        return process

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            try:
                self._set_report(Report.parse(line))
            except ValueError:
                log.warning("a process wrote what is no report", process=self.name)

    def _set_report(self, report: Report | None) -> None:
        if report != self.report:
            self.report = report
            self._on_change()

    def stop(self) -> None:
        """Tell it to finish what it has and end; it is not started again."""
        self._stopping.set()
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._stopping.set()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def _send(process: asyncio.subprocess.Process, generation: Generation) -> None:
    assert process.stdin is not None
    # Not waited for: there is never more under way than a few configurations, and one that does not
    # read is dying, or stuck whatever is sent.
    with contextlib.suppress(RuntimeError):  # uvloop's word for the pipe of one that has just died
        process.stdin.write(generation.line())
