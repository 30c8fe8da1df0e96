"""What a call that failed says of why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn, Self

import click
import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

NOT_DONE = 2
"""The exit status of a command whose call failed."""

_DETAILS_KEY = "grpc-status-details-bin"


class Violation(NamedTuple):
    """A place where a request breaks a rule; the rule without the prefix of its enum."""

    field: str
    rule: str
    description: str

    def __str__(self) -> str:
        return f"{self.field}: {self.rule}: {self.description}"


@dataclass(frozen=True, slots=True)
class Failure:
    """A status with its details.

    Attributes:
        code: name of the gRPC status code.
        reason: a value of the API's `ErrorReason` without its prefix; empty where the status has
            none, so that it came from the connection and from no gateway.
        violations: those that the status has room for.
        total_violations: how many there are.
        retry_after_s: the wait that was asked for, in seconds; None where none was.
    """

    code: str
    reason: str
    message: str
    violations: Sequence[Violation] = ()
    total_violations: int = 0
    retry_after_s: float | None = None

    @classmethod
    def of(
        cls,
        code: grpc.StatusCode,
        message: str | None,
        trailing_metadata: Iterable[tuple[str, str | bytes]] | None,
    ) -> Self:
        """Read the three parts of a status as gRPC gives them."""
        info, bad, retry = ErrorInfo(), BadRequest(), RetryInfo()
        for detail in _status(trailing_metadata or ()).details:
            for known in (info, bad, retry):
                detail.Unpack(known)
        violations = tuple(
            Violation(v.field, v.reason, v.description) for v in bad.field_violations
        )
        delay = retry.retry_delay
        return cls(
            code.name,
            info.reason,
            message or "",
            violations,
            int(info.metadata.get("violations", len(violations))),
            delay.seconds + delay.nanos / 1e9 if retry.HasField("retry_delay") else None,
        )

    @classmethod
    def of_call(cls, error: grpc.RpcError) -> Self:
        """Read the status of a call that a stub of the blocking API has raised."""
        trailer = [(entry.key, entry.value) for entry in error.trailing_metadata() or ()]
        return cls.of(error.code(), error.details(), trailer)

    def lines(self) -> list[str]:
        """Return it as lines for people: the status, then each violation."""
        head = " ".join(part for part in (self.code, self.reason) if part)
        lines = [f"{head}: {self.message}", *(f"  {violation}" for violation in self.violations)]
        more = self.total_violations - len(self.violations)
        return [*lines, f"  and {more} more"] if more > 0 else lines


def end_by(failure: Failure) -> NoReturn:
    """End the command of a call that failed: say why on stderr."""
    click.echo("\n".join(failure.lines()), err=True)
    raise SystemExit(NOT_DONE) from None


def _status(trailing_metadata: Iterable[tuple[str, str | bytes]]) -> Status:
    """Return the details of a status; none where there are none that can be read."""
    for key, value in trailing_metadata:
        if key == _DETAILS_KEY and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:
                break
    return Status()
