"""What validation finds, in which order, and how much of it a status can carry."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from gateway.api import Rule
from gateway.rules import DEFAULTS

_MAY_COUNT = frozenset(Rule.Value(f"RULE_{name}") for name in DEFAULTS)


class Fault(NamedTuple):
    """A rule that a record breaks, as the checks of one record see it.

    Attributes:
        field: path of the field from the record.
        rule: the rule.
        description: what is wrong and what to send instead.
    """

    field: str
    rule: Rule
    description: str

    @property
    def refuses(self) -> bool:
        """Whether the record is refused whatever its route says."""
        return self.rule not in _MAY_COUNT


@dataclass(frozen=True, slots=True)
class Violation:
    """A place where a request breaks a rule.

    Attributes:
        field: path of the field from the request: `events[3].properties["timestamp"]`.
        rule: the rule, a value of the enum `Rule`.
        description: what is wrong and what to send instead. Holds no value that was sent.
        record_index: which record of the request, from 0; None where the request itself is at
            fault.
    """

    field: str
    rule: Rule
    description: str
    record_index: int | None


def first_of_each_first(violations: Iterable[Violation]) -> list[Violation]:
    """Order violations: the request's own and the first of each record, then the second of each.

    So the start of the list names as many faulty records as it can. Records keep their order, and
    so do the violations of one record.
    """
    by_record: dict[int, list[Violation]] = {}
    for violation in violations:
        index = -1 if violation.record_index is None else violation.record_index
        by_record.setdefault(index, []).append(violation)
    rounds = zip_longest(*(by_record[index] for index in sorted(by_record)))
    return [violation for round_ in rounds for violation in round_ if violation is not None]


def bounded(
    violations: Iterable[Violation], max_count: int = 20, max_bytes: int = 4096
) -> list[Violation]:
    """Return as many violations from the start as a status may carry, at least one if there is one.

    Args:
        violations: in the order in which they are to be shown.
        max_count: how many at most.
        max_bytes: size of the google.rpc.BadRequest that they make, whose field violations hold
            the path, the name of the rule and the description.
    """
    return list(_within(violations, max_count, max_bytes))


def _within(violations: Iterable[Violation], max_count: int, max_bytes: int) -> Iterator[Violation]:
    size_bytes = 0
    for count, violation in enumerate(violations):
        size_bytes += _wire_bytes(violation)
        if count > 0 and (count >= max_count or size_bytes > max_bytes):
            return
        yield violation


def _wire_bytes(violation: Violation) -> int:
    texts = (violation.field, violation.description, Rule.Name(violation.rule))
    return _delimited_bytes(sum(_delimited_bytes(len(text.encode())) for text in texts))


def _delimited_bytes(length: int) -> int:
    """Return what a field of this length takes in protobuf: its tag, the length as varint, itself.

    The tags here are below 16 and so take one byte.
    """
    return 1 + max(1, (length.bit_length() + 6) // 7) + length
