"""AWS's two protocols over HTTP: AWS JSON 1.1 for `personalize`, REST-JSON for its events."""

import asyncio
import json
import logging
import socket
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from aiohttp import web

from gateway.personalize.emulator.backend import Backend
from gateway.personalize.emulator.body import decode
from gateway.personalize.emulator.constraints import describe
from gateway.personalize.emulator.control_plane import ControlPlane
from gateway.personalize.emulator.data_plane import Batch, DataPlane
from gateway.personalize.emulator.errors import AwsError, unknown_operation
from gateway.personalize.emulator.faults import Answer, Fault
from gateway.personalize.emulator.service_models import (
    CONTROL_PLANE,
    DATA_PLANE,
    Operation,
    operations_by_path,
    operations_by_target,
)
from gateway.personalize.emulator.signature import SignedRequest, Verifier
from gateway.personalize.emulator.statistics import Tally, count_error, count_records

BODY_LIMIT_BYTES = 8 * 1024 * 1024
"""Room for ten items of the longest properties, each character escaped."""

_CONTENT_TYPES = {CONTROL_PLANE: "application/x-amz-json-1.1", DATA_PLANE: "application/json"}

_UNAUTHENTICATED = frozenset(
    {
        "MissingAuthenticationTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "UnrecognizedClientException",
    }
)

_NO_FAULT = Fault()

logger = logging.getLogger(__name__)


class _ResetError(Exception):
    """Expected error: the call ends by a reset of its connection."""


@dataclass(slots=True)
class _Call:
    """A call on its way through the emulator."""

    operation: Operation
    request_id: str
    parameters: dict[str, Any]
    texts: Sequence[str]
    tally: Tally


class AwsServer:
    """Answers the requests of AWS's SDKs."""

    def __init__(self, backend: Backend) -> None:
        config, clock, resources = backend.config, backend.clock, backend.resources
        self._config = config
        self._clock = clock
        self._resources = resources
        self._faults = backend.faults
        self._statistics = backend.statistics
        self._verifier = Verifier(config, clock)
        self._control_plane = ControlPlane(config, clock, resources)
        self._data_plane = DataPlane(config, clock, resources, backend.store)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; never raises but for cancellation."""
        request_id = str(uuid.uuid4())
        service = CONTROL_PLANE if request.path == "/" else DATA_PLANE
        operation = _operation(request)
        if operation is None:
            status = 400 if service == CONTROL_PLANE else 404
            return self._error(unknown_operation(status), status, request_id, service)
        call = _Call(operation, request_id, {}, (), Tally())
        try:
            output = await self._answer(call, request)
            call.tally.succeeded += 1
            return self._success(output, call)
        except AwsError as error:
            return self._refuse(error, call)
        except _ResetError:
            call.tally.reset += 1
            _reset(request)
            return web.Response()
        except ConnectionError:
            # The client left before its request was whole: nobody to answer, nothing to count.
            return web.Response()
        except Exception:
            logger.exception("unforeseen failure of the emulator")
            return self._refuse(AwsError("InternalFailure", "Internal failure", status=500), call)

    async def _answer(self, call: _Call, request: web.Request) -> dict[str, Any] | None:
        body = await _read(request)
        group = None
        try:
            self._verifier.verify(_signed(request, body))
            call.parameters, call.texts = decode(body, call.operation.records_member)
            group = self._resources.group_arn_of(call.parameters)
        finally:
            call.tally = self._statistics.call(call.operation.name, group)
        answer, fault = self._faults.draw(call.operation.name, group) or (Answer.NORMAL, _NO_FAULT)
        await _pause(fault.latency_s)
        if answer is Answer.RESET_BEFORE:
            raise _ResetError
        error = fault.error(answer, self._config.throttling_status)
        if error is not None:
            raise error
        output = self._perform(call)
        await _pause(fault.answer_latency_s)
        if answer is Answer.RESET_AFTER:
            raise _ResetError
        return output

    def _perform(self, call: _Call) -> dict[str, Any] | None:
        operation, parameters = call.operation, call.parameters
        violations = operation.check(parameters)
        if violations:
            code = self._config.constraint_error
            if code not in operation.error_statuses:
                code = "ValidationException"
            raise AwsError(code, describe(violations))
        if operation.records_member is None:
            return self._control_plane.perform(operation.name, parameters)
        elements = parameters[operation.records_member]
        batch = Batch(parameters, elements, call.texts, call.request_id)
        taken = self._data_plane.put(operation.name, batch)
        count_records(call.tally, taken.records, taken.dropped)
        return None

    def _success(self, output: dict[str, Any] | None, call: _Call) -> web.Response:
        return web.Response(
            body=b"" if output is None else json.dumps(output).encode(),
            headers=self._headers(call.request_id, call.operation.service),
        )

    def _refuse(self, error: AwsError, call: _Call) -> web.Response:
        status = _status(error, call.operation)
        count_error(call.tally, error.code, status)
        return self._error(error, status, call.request_id, call.operation.service)

    def _error(self, error: AwsError, status: int, request_id: str, service: str) -> web.Response:
        headers = self._headers(request_id, service) | {"x-amzn-ErrorType": error.code}
        if error.retry_after_s is not None:
            headers["Retry-After"] = f"{error.retry_after_s:g}"
        body = {"message": error.message}
        if service == CONTROL_PLANE:
            body["__type"] = error.code
        return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)

    def _headers(self, request_id: str, service: str) -> dict[str, str]:
        return {
            "Content-Type": _CONTENT_TYPES[service],
            "x-amzn-RequestId": request_id,
            # By the emulator's clock: from it a client corrects its own.
            "Date": formatdate(self._clock(), usegmt=True),
        }


def _operation(request: web.Request) -> Operation | None:
    if request.method != "POST":
        return None
    if request.path == "/":
        return operations_by_target().get(request.headers.get("X-Amz-Target", ""))
    return operations_by_path().get(request.path)


def _status(error: AwsError, operation: Operation) -> int:
    if error.status is not None:
        return error.status
    # AWS JSON services answer a bad signature with 400, REST services with 403.
    if error.code in _UNAUTHENTICATED and operation.service == DATA_PLANE:
        return 403
    return operation.error_statuses.get(error.code, 400)


async def _read(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        message = "The request is too large"
        raise AwsError("RequestEntityTooLargeException", message, status=413) from None


def _signed(request: web.Request, body: bytes) -> SignedRequest:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name.lower(), []).append(value)
    path, _, query = request.raw_path.partition("?")
    return SignedRequest(request.method, path, query, headers, body)


async def _pause(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)


def _reset(request: web.Request) -> None:
    """Close the connection without a word: the client reads ECONNRESET."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        # With a linger of no time the kernel sends RST in place of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
