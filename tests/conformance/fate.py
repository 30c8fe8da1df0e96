"""What a caller is told of a request, in the form in which the runners print it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CLIENT = "CLIENT"
"""The code of a request that the client itself refused to send."""

_INVALID = "INVALID_ARGUMENT"

Violation = tuple[str, str]
"""The path of a field, and the rule without its prefix."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a request.

    Attributes:
        code: the name of the gRPC code, or `CLIENT`.
        reason: of the ErrorInfo; empty where there is none.
        violations: those of a refused request, or of all refused records; sorted.
        refused: index and reason of each refused record of an IngestBatch; sorted.
        error: for people; has no part in comparisons.
    """

    code: str
    reason: str = ""
    violations: Sequence[Violation] = ()
    refused: Sequence[tuple[int, str]] = ()
    error: str = ""

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "Fate":
        """Return the fate of its JSON form; of its members only `code` has to be there."""
        return cls(
            code=shown["code"],
            reason=shown.get("reason") or "",
            violations=_violations(shown.get("violations") or ()),
            refused=tuple(
                sorted((one["record_index"], one["reason"]) for one in shown.get("refused") or ())
            ),
            error=shown.get("error") or "",
        )

    def shown(self) -> Mapping[str, Any]:
        """Return the JSON form, as `expect` of a vector has it."""
        return {
            "code": self.code,
            "reason": self.reason,
            "violations": [{"field": field, "rule": rule} for field, rule in self.violations],
            "refused": [{"record_index": i, "reason": reason} for i, reason in self.refused],
        }

    @property
    def is_clients(self) -> bool:
        """Whether the client itself refused to send it."""
        return self.code == CLIENT

    def deviation_from(self, expected: "Fate") -> str:
        """Say how this is not what must come of the request; nothing where it is."""
        if self.is_clients and expected.code == _INVALID:
            return ""
        pairs = (
            ("code", self.code, expected.code),
            ("reason", self.reason, expected.reason),
            ("violations", self.violations, expected.violations),
            ("refused", self.refused, expected.refused),
        )
        said = [f"{name} {got!r} instead of {due!r}" for name, got, due in pairs if got != due]
        if said and self.error:
            said.append(f"({self.error})")
        return "; ".join(said)


def _violations(shown: Iterable[Mapping[str, str]]) -> Sequence[Violation]:
    return tuple(sorted((one["field"], one["rule"]) for one in shown))
