"""What the sections of the configuration have in common."""

from collections.abc import Sized
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gateway.config.scalars import refused


class Section(BaseModel):
    """A mapping of the file. Immutable; refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


_T = TypeVar("_T")
_Some = TypeVar("_Some", bound=Sized)


def _some(values: _Some) -> _Some:
    # Not pydantic's `min_length`, which counts a malformed entry as one that is missing.
    if not values:
        raise refused("needs at least one entry")
    return values


def _distinct(values: tuple[_T, ...]) -> tuple[_T, ...]:
    if len(set(values)) < len(values):
        raise refused("lists an entry twice")
    return values


SomeOf = Annotated[tuple[_T, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]
"""A list with at least one entry."""

SomeByName = Annotated[_Some, AfterValidator(_some), Field(json_schema_extra={"minProperties": 1})]
"""A mapping with at least one entry."""

DistinctOf = Annotated[
    tuple[_T, ...], AfterValidator(_distinct), Field(json_schema_extra={"uniqueItems": True})
]
"""A list in which no entry stands twice."""

SomeDistinctOf = Annotated[
    tuple[_T, ...],
    AfterValidator(_some),
    AfterValidator(_distinct),
    Field(json_schema_extra={"minItems": 1, "uniqueItems": True}),
]
"""Both."""
