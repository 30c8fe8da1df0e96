"""What tells two configurations apart, in words that hold no secret."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, get_args

from pydantic.fields import FieldInfo

from gateway.config.model import Config
from gateway.config.problems import Path, key_of
from gateway.config.scalars import Quantity
from gateway.config.section import Section

_IN_PLACE: frozenset[Path] = frozenset(
    {
        ("server", "shutdown_notice"),
        ("identity",),
        ("delivery", "linger"),
        ("delivery", "max_in_flight"),
        ("delivery", "max_age"),
        ("delivery", "max_dead_letter_share"),
        ("delivery", "look_ahead_records"),
        ("delivery", "look_ahead_bytes"),
        ("delivery", "retry"),
        ("delivery", "drain"),
        ("delivery", "quotas"),
        ("discovery",),
        ("dataset_groups",),
        ("routes",),
        ("admins",),
    }
)
"""What a running gateway takes up, with all below it. A key that is not here needs a restart: so
none is taken for changed that is not."""

_TOLD_OF_IDENTITY = frozenset({"from"})
"""The keys of `identity` whose values are told: others hold tokens, or URLs that may hold one."""


_NAMES = ("name", "dataset_group")
"""The keys that tell an entry of a list from the others."""


@dataclass(frozen=True, slots=True)
class Change:
    """A key that has another value.

    Attributes:
        key: as it is written, but with a route's name in place of its index.
        old: the value before, as text; None where there was none.
        new: the value now, likewise.
        secret: whether neither may be told; then both are None.
        needs_restart: whether a running gateway cannot take it up.
    """

    key: str
    old: str | None
    new: str | None
    secret: bool = False
    needs_restart: bool = False

    def __str__(self) -> str:
        if self.secret:
            return self.key
        return f"{self.key}: {_or_none(self.old)} → {_or_none(self.new)}"


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A single value, or a list of them."""

    value: object = None
    text: str | None = None
    secret: bool = False


_ABSENT = _Leaf()


def changes(
    old: Config,
    new: Config,
    old_secrets: AbstractSet[Path] = frozenset(),
    new_secrets: AbstractSet[Path] = frozenset(),
) -> list[Change]:
    """Return what has to change for the one to become the other, by key.

    Args:
        old: one configuration.
        new: another.
        old_secrets: the values of the one that may be secret, by their path in the file.
        new_secrets: those of the other.
    """
    before = dict(_Leaves(old_secrets).of(old, _ROOT))
    after = dict(_Leaves(new_secrets).of(new, _ROOT))
    paths = [*before, *(path for path in after if path not in before)]
    return [
        _change(path, before.get(path, _ABSENT), after.get(path, _ABSENT))
        for path in paths
        if before.get(path, _ABSENT).value != after.get(path, _ABSENT).value
    ]


def _change(path: Path, old: _Leaf, new: _Leaf) -> Change:
    in_place = any(path[:length] in _IN_PLACE for length in range(1, len(path) + 1))
    if old.secret or new.secret:
        return Change(key_of(path), None, None, secret=True, needs_restart=not in_place)
    return Change(key_of(path), old.text, new.text, needs_restart=not in_place)


class _Place(NamedTuple):
    """Where a value stands: in the file, and as it is told."""

    in_file: Path = ()
    told: Path = ()

    def child(self, part: str | int, told: str | int | None = None) -> "_Place":
        return _Place((*self.in_file, part), (*self.told, part if told is None else told))


_ROOT = _Place()


@dataclass(frozen=True, slots=True)
class _Leaves:
    """Takes a configuration apart into its single values."""

    secrets: AbstractSet[Path]
    _secret_prefixes: set[Path] = field(init=False)

    def __post_init__(self) -> None:
        prefixes = {path[:length] for path in self.secrets for length in range(1, len(path) + 1)}
        object.__setattr__(self, "_secret_prefixes", prefixes)

    def of(self, section: Section, place: _Place) -> Iterator[tuple[Path, _Leaf]]:
        """Yield the values of a section, each with the path by which it is told."""
        for name, info in type(section).model_fields.items():
            value = getattr(section, name)
            yield from self._below(value, place.child(info.alias or name), info)

    def _below(self, value: object, place: _Place, info: FieldInfo) -> Iterator[tuple[Path, _Leaf]]:
        if isinstance(value, Section):
            yield from self.of(value, place)
        elif isinstance(value, Mapping):
            for key, entry in value.items():
                yield from self._below(entry, place.child(key), info)
        elif isinstance(value, tuple) and any(isinstance(entry, Section) for entry in value):
            for index, entry in enumerate(value):
                told = self._name(entry, place.child(index)) or index
                yield from self._below(entry, place.child(index, told), info)
        elif value is not None:
            yield place.told, _Leaf(value, _text(value, info), self._is_secret(place))

    def _name(self, entry: object, place: _Place) -> str | None:
        """Return the name of an entry of a list: a new one before it is no change of it."""
        key = next((key for key in _NAMES if hasattr(entry, key)), None)
        if key is None or self._is_secret(place.child(key)):
            return None
        return str(getattr(entry, key))

    def _is_secret(self, place: _Place) -> bool:
        section, *below = place.in_file
        if section == "identity" and below[0] not in _TOLD_OF_IDENTITY:
            return True
        return place.in_file in self._secret_prefixes


def _text(value: object, info: FieldInfo) -> str:
    """Return a value as the file may state it."""
    if isinstance(value, tuple | frozenset):
        return f"[{', '.join(_text(entry, info) for entry in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(Decimal(str(value)), _units(info))
    return str(value)


def _number(number: Decimal, units: Mapping[str, Decimal]) -> str:
    """Return a number in the largest unit of which it is a multiple."""
    multiple_of = [unit for unit, size in units.items() if number and not number % size]
    base = next((unit for unit, size in units.items() if size == 1), "")
    unit = max(multiple_of, key=units.__getitem__, default=base)
    return f"{number / units.get(unit, Decimal(1)):f}".removesuffix(".0") + unit


def _units(info: FieldInfo) -> Mapping[str, Decimal]:
    """Return the units of a value in its base unit; none where it has no unit."""
    marks = [*info.metadata]
    for choice in get_args(info.annotation):  # of what may be left out
        marks += getattr(choice, "__metadata__", ())
    return next((mark.units for mark in marks if isinstance(mark, Quantity)), {})


def _or_none(text: str | None) -> str:
    return "(none)" if text is None else text
