"""Patterns of SPIFFE IDs, as `callers` and `admins` may have them.

A pattern is a SPIFFE ID in which `*` stands for any one segment of the path, and `**` at its end
for one segment or more; in the trust domain there are none. `*` alone, for every caller, is no
pattern.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from gateway.identity import Caller

ANYBODY: Final = "*"
"""In place of a name: every caller."""

_ANY_SEGMENT = "*"
_ANY_REST = "**"
_UNHEARD_OF = "?"
"""No segment has this character, so no pattern spells it out."""

_TRUST_DOMAIN = "spiffe://[a-z0-9._-]+"
_SEGMENT = r"(?!\.\.?(?:/|$))[a-zA-Z0-9._-]+"
PATTERN_FORM = rf"{_TRUST_DOMAIN}(?:/(?:\*|{_SEGMENT}))*/(?:\*\*?|{_SEGMENT})"
"""Regular expression of a pattern, with the characters of SPIFFE IDs (specification, section 2)."""

_SPIFFE_ID = re.compile(rf"({_TRUST_DOMAIN})/({_SEGMENT}(?:/{_SEGMENT})*)")


class SpiffeId(NamedTuple):
    """A caller's name, taken apart.

    Attributes:
        trust_domain: with the scheme.
        segments: of the path.
    """

    trust_domain: str
    segments: tuple[str, ...]

    @classmethod
    def of(cls, caller: Caller) -> Self | None:
        """Take a name apart; None where it is no SPIFFE ID with a path, so no pattern matches."""
        found = _SPIFFE_ID.fullmatch(caller)
        return cls(found[1], tuple(found[2].split("/"))) if found else None


class Rank(NamedTuple):
    """How specific a pattern is: the greater, the more.

    Of two patterns of which one matches all that the other does, the other is the greater.

    Attributes:
        literals: how many segments it spells out.
        bounded: whether it says how many segments there are.
        length: how many segments it speaks of.
    """

    literals: int
    bounded: bool
    length: int


@dataclass(frozen=True, slots=True)
class CallerPattern:
    """A pattern, or a SPIFFE ID as the pattern that matches it alone.

    Attributes:
        trust_domain: with the scheme.
        segments: of the path, without a `**`.
        endless: whether there is one.
    """

    trust_domain: str
    segments: tuple[str, ...]
    endless: bool = False

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the pattern of a text of the form `PATTERN_FORM`."""
        scheme, _, id_ = text.partition("//")
        domain, *segments = id_.split("/")
        endless = segments[-1] == _ANY_REST
        return cls(f"{scheme}//{domain}", tuple(segments[: len(segments) - endless]), endless)

    def __str__(self) -> str:
        return "/".join((self.trust_domain, *self.segments, *[_ANY_REST] * self.endless))

    @property
    def rank(self) -> Rank:
        """How specific it is. An ID's is above that of every other pattern that matches it."""
        literals = len(self.segments) - self.segments.count(_ANY_SEGMENT)
        return Rank(literals, not self.endless, len(self.segments))

    def matches(self, id_: SpiffeId) -> bool:
        """Tell whether a caller is among those that it means."""
        length = len(self.segments)
        if id_.trust_domain != self.trust_domain:
            return False
        if len(id_.segments) <= length if self.endless else len(id_.segments) != length:
            return False
        pairs = zip(self.segments, id_.segments, strict=False)
        return all(ours in (_ANY_SEGMENT, theirs) for ours, theirs in pairs)

    def shared(self, other: Self) -> Self | None:
        """Return the pattern of what both match, of two of one rank; None for nothing."""
        if self.trust_domain != other.trust_domain:
            return None
        both: list[str] = []
        for ours, theirs in zip(self.segments, other.segments, strict=True):
            if ours != theirs and _ANY_SEGMENT not in (ours, theirs):
                return None
            both.append(theirs if ours == _ANY_SEGMENT else ours)
        return type(self)(self.trust_domain, tuple(both), self.endless)

    def examples(self, longest: int) -> Iterator[SpiffeId]:
        """Yield IDs that it matches, one for each length, and as unlike other patterns as can be.

        Where patterns of at most `longest` segments match all of these, they match everything that
        this one does: whatever it leaves open is here a segment that none of them spells out.
        """
        named = [_UNHEARD_OF if one == _ANY_SEGMENT else one for one in self.segments]
        lengths = range(1, max(longest - len(named), 0) + 2) if self.endless else (0,)
        for more in lengths:
            yield SpiffeId(self.trust_domain, (*named, *[_UNHEARD_OF] * more))


def is_pattern(entry: str) -> bool:
    """Tell whether an entry of a list of callers is a pattern, not a name nor `*` alone."""
    return entry != ANYBODY and _ANY_SEGMENT in entry
