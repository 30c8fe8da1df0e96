"""The types of single values: durations, sizes, and text of a certain form.

Each is a mark for `Annotated` that checks the value, says what was expected, and describes itself
in the JSON Schema.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

REFUSED = "refused"
"""The type of the errors raised here; their text is meant for the reader as it is."""

_SECONDS = MappingProxyType(
    {
        "ms": Decimal("0.001"),
        "s": Decimal(1),
        "m": Decimal(60),
        "h": Decimal(3600),
        "d": Decimal(86400),
    }
)
_BYTES = MappingProxyType(
    {"B": Decimal(1)}
    | {f"{prefix}B": Decimal(1000) ** n for n, prefix in enumerate("kMGT", start=1)}
    | {f"{prefix}iB": Decimal(1024) ** n for n, prefix in enumerate("KMGT", start=1)}
    | {"KB": Decimal(1000)}
)


def refused(message: str) -> PydanticCustomError:
    """Return the error that refuses a value with this message, which must not quote it."""
    return PydanticCustomError(REFUSED, "{message}", {"message": message})


@dataclass(frozen=True, slots=True)
class Quantity:
    """Marks a number that is written with its unit.

    Text is read by its unit. A number, as code gives it, is taken to be in the base unit already.

    Attributes:
        noun: what it is.
        examples: how it is written.
        units: each unit in base units.
        least: the smallest that is allowed, as text.
        most: the largest, likewise.
    """

    noun: str
    examples: str
    units: Mapping[str, Decimal]
    least: str
    most: str

    @property
    def expected(self) -> str:
        """What is said to whoever wrote something else."""
        return f"a {self.noun} such as {self.examples}, from {self.least} to {self.most}"

    @property
    def pattern(self) -> str:
        """The regular expression of its text, which JSON Schema understands too."""
        return rf"([0-9]{{1,12}}(?:\.[0-9]{{1,6}})?)({'|'.join(self.units)})"

    def read(self, value: object) -> object:
        """Return text as a number in base units; leave anything else to pydantic."""
        number = self._number(value) if isinstance(value, str) else value
        if isinstance(number, Decimal | int | float) and not self._allows(number):
            raise refused(f"expected {self.expected}")
        return number

    def _allows(self, number: Decimal | float) -> bool:
        return self._number(self.least) <= number <= self._number(self.most)

    def _number(self, text: str) -> Decimal:
        match = re.fullmatch(self.pattern, text)
        if match is None:
            raise refused(f"expected {self.expected}")
        return Decimal(match[1]) * self.units[match[2]]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, _core: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": f"^{self.pattern}$",
            "$comment": f"{self.noun}, {self.least} to {self.most}",
        }


def duration(least: str, most: str) -> Quantity:
    """Return the mark of a duration, in seconds, between two others."""
    return Quantity("duration", "20ms, 1.5s or 10m", _SECONDS, least, most)


def size(least: str, most: str) -> Quantity:
    """Return the mark of a size, in whole bytes, between two others."""
    return Quantity("size", "64KiB, 4MiB or 1GB", _BYTES, least, most)


@dataclass(frozen=True, slots=True)
class Text:
    """Marks text of a certain form.

    Attributes:
        noun: what it is, in a word or two.
        expected: what is said to whoever wrote something else, with an example.
        pattern: regular expression of the whole of it, which JSON Schema understands too.
        most: the most characters it may have.
    """

    noun: str
    expected: str
    pattern: str
    most: int

    def check(self, value: str) -> str:
        """Return the text if it is of this form."""
        if len(value) > self.most or not re.fullmatch(self.pattern, value):
            raise refused(f"expected {self.expected}")
        return value

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, _core: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": f"^(?:{self.pattern})$",
            "maxLength": self.most,
            "$comment": self.noun,
        }
