"""An entry of the section `routes`."""

from typing import Final

from pydantic import Field

from gateway.config.section import DistinctOf, Section, SomeDistinctOf
from gateway.config.texts import CallerName, Name
from gateway.records import Kind

ANYBODY: Final = "*"
"""In `callers`: every caller."""


class Route(Section):
    """The rule that says which callers may send which kinds of record to which dataset groups."""

    name: Name = Field(description="Its name in logs and metrics. No two routes share one.")
    callers: SomeDistinctOf[CallerName] = Field(
        description="Who may send: exact names, or `*` for every caller."
    )
    kinds: SomeDistinctOf[Kind] = Field(default=tuple(Kind), description="What may be sent.")
    dataset_group: Name = Field(description="Where it goes: a name in `dataset_groups`.")
    mirror_to: DistinctOf[Name] = Field(
        default=(),
        description="Dataset groups that get a copy of each record.",
    )
