"""The admin port: the supervisor answers there for all processes."""

import asyncio
import os
from collections.abc import Mapping

import structlog

from gateway.admin.collection import collected
from gateway.admin.readiness import Readiness, readiness
from gateway.admin.server import AdminServer
from gateway.ingest_side import budgets_bytes
from gateway.outbox.claim import Claim
from gateway.processes.supervisor import Supervisor
from gateway.telemetry import metrics
from gateway.telemetry.exporting import export_metrics, is_exported
from gateway.telemetry.loop_lag import watch_loop
from gateway.telemetry.snapshot import Snapshot, merged, snapshot

log = structlog.get_logger()

_SUPERVISOR = "supervisor"
_WITHIN_S = 2.0
_LANES_WITHIN_S = 0.5
"""A probe has to be answered soon, also while delivery is stuck."""

_RETRY_S = 10.0


class AdminPort:
    """Shows how a gateway is, until its `run` is cancelled.

    Args:
        supervisor: of the processes.
        claim: of the outbox.
        address: HOST:PORT to listen on.
    """

    def __init__(self, supervisor: Supervisor, claim: Claim, address: str) -> None:
        self._supervisor = supervisor
        self._claim = claim
        self._address = address
        self._budgets: tuple[int, Mapping[str, int]] = (0, {})

    async def run(self) -> None:
        """Serve, and export the metrics where the environment asks for it."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch_loop())
            tasks.create_task(self._serve())
            if is_exported("metrics"):
                tasks.create_task(export_metrics(self._numbers))

    async def _serve(self) -> None:
        server = await self._listening()
        try:
            await asyncio.Event().wait()
        finally:
            await server.stop()

    async def _listening(self) -> AdminServer:
        """Listen, however often that has to be tried: records are taken without this port too."""
        told = False
        while True:
            server = AdminServer(self._readiness, self._numbers)
            try:
                port = await server.start(self._address)
            except OSError as error:
                await server.stop()
                if not told:
                    why, told = error.strerror or str(error), True
                    log.warning("the admin port cannot be opened yet", at=self._address, why=why)
                await asyncio.sleep(_RETRY_S)
            else:
                log.info("the admin port is open", at=f"{self._address.rpartition(':')[0]}:{port}")
                return server

    async def _readiness(self) -> Readiness:
        numbers = await collected(
            self._claim.path, [self._supervisor.delivery.name], _LANES_WITHIN_S
        )
        supervisor = self._supervisor
        return readiness(supervisor.status(), numbers, stopping=supervisor.stopping)

    async def _numbers(self) -> Snapshot:
        """Return the numbers of all processes that answer, the supervisor among them."""
        children = {child.name: child.starts for child in self._supervisor.children}
        found = await collected(self._claim.path, children, _WITHIN_S)
        for name, starts in children.items():
            found[name] = {**found.get(name, {}), metrics.PROCESS_STARTS.name: {(): starts}}
        self._observe()
        found[_SUPERVISOR] = snapshot(metrics.declared())
        return merged(found)

    def _observe(self) -> None:
        """Set the gauges of what all processes share."""
        budgets = self._budgets_bytes()
        used = (((group,), self._claim.used_bytes(group)) for group in budgets)
        metrics.OUTBOX_BYTES.replace(used)
        metrics.OUTBOX_BUDGET.replace(((group,), size) for group, size in budgets.items())

    def _budgets_bytes(self) -> Mapping[str, int]:
        generation = self._supervisor.generation
        if self._budgets[0] != generation.number:
            budgets = budgets_bytes(generation.config(os.environ))
            self._budgets = (generation.number, budgets)
        return self._budgets[1]
