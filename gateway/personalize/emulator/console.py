"""The control endpoints under `/_emulator`, which AWS does not have."""

from dataclasses import replace
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.personalize.emulator.backend import Backend
from gateway.personalize.emulator.data_plane import KINDS
from gateway.personalize.emulator.faults import Fault
from gateway.personalize.emulator.lifecycle import Status
from gateway.personalize.emulator.resources import DatasetGroup, Resource, Schema
from gateway.personalize.emulator.seeding import outline

_LINES = 500


class ForcedStatus(BaseModel):
    """A state for a resource, until another one, or null, is set.

    Attributes:
        arn: of a dataset group, dataset or event tracker.
        status: the state; None gives the resource back to the clock.
        failure_reason: for a dataset group, the `failureReason` that it shows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    arn: str
    status: Status | None
    failure_reason: str | None = None


class Console:
    """Shows what the emulator took, and sets what it does."""

    def __init__(self, backend: Backend) -> None:
        self._clock = backend.clock
        self._store = backend.store
        self._resources = backend.resources
        self._faults = backend.faults
        self._statistics = backend.statistics

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the endpoints."""
        return [
            web.get("/_emulator/health", self._health),
            web.get("/_emulator/dataset_groups", self._dataset_groups),
            web.get("/_emulator/records", self._records),
            web.get("/_emulator/stats", self._stats),
            web.get("/_emulator/faults", self._show_faults),
            web.post("/_emulator/faults", self._add_fault),
            web.delete("/_emulator/faults", self._clear_faults),
            web.post("/_emulator/status", self._force_status),
        ]

    def force_status(self, forced: ForcedStatus) -> bool:
        """Set the state of a resource; returns False if there is none with that life cycle."""
        resource = self._resources.find(Resource, forced.arn)
        if resource is None or isinstance(resource, Schema):
            return False
        lifetime = replace(resource.lifetime, forced=forced.status)
        changed = replace(resource, lifetime=lifetime, updated_at=self._clock())
        if isinstance(changed, DatasetGroup):
            changed = replace(changed, failure_reason=forced.failure_reason)
        self._resources.put(changed)
        return True

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _dataset_groups(self, _: web.Request) -> web.Response:
        groups = self._resources.all(DatasetGroup)
        shown = [outline(self._resources, group.arn).shown() for group in groups]
        return web.json_response({"dataset_groups": shown})

    async def _records(self, request: web.Request) -> web.StreamResponse:
        kind = request.query.get("kind")
        if kind is not None and kind not in KINDS:
            return _bad(f"kind is one of {', '.join(KINDS)}")
        group = request.query.get("dataset_group")
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        lines: list[str] = []
        for record in self._store.records(kind, group and group.rpartition("/")[2]):
            lines.append(record.line())
            if len(lines) == _LINES:
                await response.write("".join(lines).encode())
                lines.clear()
        await response.write_eof("".join(lines).encode())
        return response

    async def _stats(self, _: web.Request) -> web.Response:
        return web.json_response(self._statistics.shown())

    async def _show_faults(self, _: web.Request) -> web.Response:
        return web.json_response({"faults": self._faults.shown()})

    async def _add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = Fault.model_validate_json(await request.read())
        except ValidationError as error:
            return _bad(_problems(error))
        return web.json_response({"number": self._faults.add(fault)}, status=201)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self._faults.clear()
        return web.json_response({"faults": []})

    async def _force_status(self, request: web.Request) -> web.Response:
        try:
            forced = ForcedStatus.model_validate_json(await request.read())
        except ValidationError as error:
            return _bad(_problems(error))
        if not self.force_status(forced):
            return web.json_response({"error": "no such resource"}, status=404)
        return web.json_response({"arn": forced.arn, "status": forced.status})


def _bad(error: str | list[dict[str, Any]]) -> web.Response:
    return web.json_response({"error": error}, status=400)


def _problems(error: ValidationError) -> list[dict[str, Any]]:
    return [
        {"field": ".".join(str(part) for part in problem["loc"]), "problem": problem["msg"]}
        for problem in error.errors()
    ]
