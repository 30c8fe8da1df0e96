"""An entry of the section `routes`."""

from collections.abc import Mapping
from difflib import get_close_matches
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gateway.config.caller_pattern import ANYBODY
from gateway.config.scalars import Text, refused, size
from gateway.config.section import DistinctOf, Section, SomeDistinctOf
from gateway.config.texts import CallerName, Name
from gateway.records import Kind
from gateway.rules import CONFIGURABLE, COUNT_ONLY, Action

__all__ = ["ANYBODY", "Limit", "MirrorTo", "Route"]


class MirrorTo(Section):
    """A dataset group that gets a copy of each record. Its name alone means the defaults."""

    dataset_group: Name = Field(description="A name in `dataset_groups`.")
    when_full: Literal["shed", "refuse"] = Field(
        default="shed",
        description="What happens while its budget is used up: it goes without the records, which"
        " are counted, or requests are refused.",
        json_schema_extra={"$comment": "`shed` or `refuse`"},
    )

    @property
    def sheds(self) -> bool:
        """Whether it goes without records rather than have requests refused."""
        return self.when_full == "shed"

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: object) -> object:
        return {"dataset_group": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Allow a name too. Keys stay where they are: they count for mappings alone."""
        schema = handler.resolve_ref_schema(handler(core))
        name = schema["properties"]["dataset_group"]
        text = {key: name[key] for key in ("type", "pattern", "maxLength")}
        either = [text, {"type": schema.pop("type")}]
        return schema | {"anyOf": either, "$comment": name["$comment"]}


def _without_default(schema: dict[str, Any]) -> None:
    # None is no size; a size that may be None cannot be told from one to JSON Schema.
    del schema["default"]


class Limit(Section):
    """How much each caller of a route may send, to all processes of the gateway together."""

    records_per_s: float | None = Field(
        default=None,
        gt=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="Records a second; without it, any number.",
    )
    burst: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        description="Records at once, after a pause; without it, those of one second.",
    )
    in_flight_bytes: Annotated[int | None, size("1KiB", "1TiB")] = Field(
        default=None,
        json_schema_extra=_without_default,
        description="Bytes of records whose requests are not yet answered; without it, any number.",
    )

    @property
    def burst_records(self) -> float:
        """How many records may come at once."""
        return float(self.burst or ceil(self.records_per_s or 1))

    @property
    def is_stated(self) -> bool:
        """Whether it limits anything."""
        return not (self.records_per_s is None and self.in_flight_bytes is None)


class _RuleName(Text):
    def check(self, value: str) -> str:
        if value in CONFIGURABLE:
            return value
        if value in COUNT_ONLY:
            raise refused("is a rule that only counts; leave it out")
        close = get_close_matches(value.upper(), CONFIGURABLE, n=1)
        known = ", ".join(sorted(CONFIGURABLE))
        said = f"did you mean {close[0]!r}?" if close else f"expected one of {known}"
        raise refused(f"is no rule that a route may set; {said}")


_RULE_NAMES = "|".join(sorted(CONFIGURABLE))
RuleName = Annotated[str, _RuleName("rule", "a rule", _RULE_NAMES, 63)]


class Route(Section):
    """The rule that says which callers may send which kinds of record to which dataset groups."""

    name: Name = Field(description="Its name in logs and metrics. No two routes share one.")
    callers: SomeDistinctOf[CallerName] = Field(
        description="Who may send: exact names, patterns of SPIFFE IDs, or `*` for every caller."
    )
    kinds: SomeDistinctOf[Kind] = Field(default=tuple(Kind), description="What may be sent.")
    dataset_group: Name = Field(description="Where it goes: a name in `dataset_groups`.")
    mirror_to: DistinctOf[MirrorTo] = Field(
        default=(),
        description="Dataset groups that get a copy of each record: names, or mappings with the"
        " keys below.",
    )
    rules: Mapping[RuleName, Action] = Field(
        default_factory=dict,
        description="What becomes of records that break a rule of validation, for rules that are"
        " not to do what they do by default: `refuse` or `count`.",
    )
    limit: Limit = Field(
        default_factory=Limit,
        description="How much each caller of the route may send.",
    )
