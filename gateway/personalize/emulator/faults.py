"""Faults on demand: what a call meets instead of, or besides, its ordinary answer."""

import random
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gateway.personalize.emulator.errors import AwsError
from gateway.personalize.emulator.service_models import operations


class Answer(StrEnum):
    """How a call ends."""

    NORMAL = "normal"
    THROTTLE = "throttle"
    INTERNAL = "500"
    UNAVAILABLE = "503"
    REFUSE = "refuse"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"


_ERRORS = {
    Answer.THROTTLE: ("ThrottlingException", None),
    Answer.INTERNAL: ("InternalFailure", 500),
    Answer.UNAVAILABLE: ("ServiceUnavailable", 503),
    Answer.REFUSE: ("InvalidInputException", 400),
}


class Fault(BaseModel):
    """One fault, and the calls that it hits.

    It hits every call of its operation and dataset group, or, where one of the three is given: a
    `share` of them, the `next` so many, or those for which `sequence` still has an answer.

    Attributes:
        answer: how the calls end; `normal` for one that is only late.
        operation: the operation (`PutEvents`); None for all.
        dataset_group: name or ARN of the dataset group; None for all, and for calls that name none.
        share: probability between 0 and 1.
        next: number of calls.
        sequence: an answer for each call; `normal` lets one through.
        latency_s: wait before the call takes effect, in seconds.
        answer_latency_s: wait after it took effect and before it is answered, in seconds.
        code: error code to answer with instead of the usual one.
        status: HTTP status to answer with instead of the usual one.
        retry_after_s: value of a Retry-After header.
        seed: of the random numbers for `share`; None for one that follows from the emulator's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: Answer = Answer.NORMAL
    operation: str | None = None
    dataset_group: str | None = None
    share: Annotated[float, Field(ge=0, le=1)] | None = None
    next: Annotated[int, Field(ge=1)] | None = None
    sequence: Annotated[tuple[Answer, ...], Field(min_length=1)] | None = None
    latency_s: Annotated[float, Field(ge=0, le=600)] = 0.0
    answer_latency_s: Annotated[float, Field(ge=0, le=600)] = 0.0
    code: str | None = None
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    retry_after_s: Annotated[float, Field(ge=0)] | None = None
    seed: int | None = None

    @field_validator("answer", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @field_validator("operation")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in operations():
            raise ValueError(f"none of {', '.join(sorted(operations()))}")
        return value

    @model_validator(mode="after")
    def _one_selection(self) -> Self:
        if sum(given is not None for given in (self.share, self.next, self.sequence)) > 1:
            raise ValueError("give one of share, next and sequence")
        if self.sequence and self.answer is not Answer.NORMAL:
            raise ValueError("sequence has the answers: leave answer out")
        return self

    def error(self, answer: Answer, throttling_status: int) -> AwsError | None:
        """Return the error that an answer stands for; None where it is no AWS error."""
        if answer not in _ERRORS:
            return None
        code, status = _ERRORS[answer]
        return AwsError(
            self.code or code,
            "A fault set for this call",
            status=self.status or status or throttling_status,
            retry_after_s=self.retry_after_s,
        )


class _Standing:
    """A fault that is set, with what is left of it."""

    def __init__(self, number: int, fault: Fault, default_seed: int) -> None:
        self.number = number
        self.fault = fault
        self.hits = 0
        seed = fault.seed if fault.seed is not None else f"{default_seed}/{number}"
        self._random = random.Random(seed)

    def matches(self, operation: str, dataset_group_arn: str | None) -> bool:
        """Tell whether a call is of the fault's operation and dataset group."""
        if self.fault.operation not in (None, operation):
            return False
        group = self.fault.dataset_group
        return group is None or (
            dataset_group_arn is not None
            and group in (dataset_group_arn, dataset_group_arn.rpartition("/")[2])
        )

    def draw(self) -> Answer | None:
        """Return the answer for a call that matches; None where the fault passes it by."""
        fault = self.fault
        answer: Answer | None = fault.answer
        if fault.share is not None:
            answer = fault.answer if self._random.random() < fault.share else None
        elif self.left == 0:
            answer = None
        elif fault.sequence:
            answer = fault.sequence[self.hits]
        self.hits += answer is not None
        return answer

    @property
    def left(self) -> int | None:
        """The number of calls that it still hits; None for no limit."""
        if self.fault.sequence:
            return len(self.fault.sequence) - self.hits
        return None if self.fault.next is None else self.fault.next - self.hits

    def shown(self) -> dict[str, Any]:
        """Return the fault as it was set, its number, its hits and what is left."""
        given = self.fault.model_dump(mode="json", exclude_unset=True)
        return {"number": self.number, **given, "hits": self.hits, "left": self.left}


class Faults:
    """The faults that are set. Of several that hit a call, the one that was set first counts."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._standing: list[_Standing] = []
        self._count = 0

    def add(self, fault: Fault) -> int:
        """Set a fault; returns its number."""
        self._count += 1
        self._standing.append(_Standing(self._count, fault, self._seed))
        return self._count

    def clear(self) -> None:
        """Take back all faults; the next one set is number 1 again."""
        self._standing.clear()
        self._count = 0

    def shown(self) -> Sequence[dict[str, Any]]:
        """Return every fault that is set, spent ones included."""
        return [standing.shown() for standing in self._standing]

    def draw(self, operation: str, dataset_group_arn: str | None) -> tuple[Answer, Fault] | None:
        """Return how a call ends, and the fault that decided so; None for an ordinary call."""
        for standing in self._standing:
            if standing.matches(operation, dataset_group_arn):
                answer = standing.draw()
                if answer is not None:
                    return answer, standing.fault
        return None
