"""Holds what the vectors promise: their files, their rules, and what judges them."""

import json
from collections import Counter

import pytest
from personalize_gateway.v1.violation_pb2 import Rule

from tests.conformance.case import VECTORS, cases
from tests.conformance.delivered import due
from tests.conformance.fate import Fate
from tests.vectors.generate import files
from tests.vectors.source.case import Vectors

_ELSEWHERE = {
    "UNSPECIFIED",
    "UNIQUE",
    "LONE_SURROGATE",
    "UNKNOWN_FIELD",
    "JSON",
    "EVENT_TYPES",
    "ATTRIBUTION_SOURCES",
    "TRACKER_NOT_ACTIVE",
}
"""The rules that no vector can break; the README says why."""


@pytest.mark.parametrize("vectors", files(), ids=lambda vectors: vectors.name)
def test_a_file_is_what_its_source_makes(vectors: Vectors) -> None:
    """`python -m tests.vectors.generate` writes all of them."""
    text = vectors.text()
    assert (VECTORS / f"{vectors.name}.json").read_text() == text
    assert json.loads(text)["name"] == vectors.name


def test_there_is_no_file_without_a_source() -> None:
    """Nor is one missing."""
    assert {path.stem for path in VECTORS.glob("*.json")} == {one.name for one in files()}


def test_every_rule_is_broken_by_a_case() -> None:
    """But for those that no request of these RPCs can break."""
    broken = {rule for case in cases() for _, rule in case.expected.violations}
    rules = {name.removeprefix("RULE_") for name in Rule.keys()}  # noqa: SIM118 - no mapping
    assert broken == rules - _ELSEWHERE
    readme = (VECTORS / "README.md").read_text()
    assert [rule for rule in _ELSEWHERE - {"UNSPECIFIED"} if rule not in readme] == []


def test_every_operation_is_delivered_and_every_rpc_sent() -> None:
    """All five kinds, alone and mixed."""
    known = list(cases())
    operations = {one[1] for case in known for one in due(case)}
    assert operations == {case.rpc for case in known} - {"IngestBatch"}
    assert "IngestBatch" in {case.rpc for case in known}


def test_names_and_ids_are_used_once() -> None:
    """Else one case would stand for another, or supersede its record."""
    known = list(cases())
    names = Counter(case.name for case in known)
    records = Counter(one for case in known for one in due(case) if "${event_id}" not in one[2])
    assert [key for key, count in (names + records).items() if count > 1] == []


def test_what_is_refused_is_not_delivered() -> None:
    """A request is taken whole or refused whole."""
    assert [c.name for c in cases() if c.expected.code != "OK" and c.delivered] == []


_DUE = Fate.of(
    {
        "code": "INVALID_ARGUMENT",
        "reason": "INVALID_FIELDS",
        "violations": [{"field": "b", "rule": "X"}, {"field": "a", "rule": "Y"}],
    }
)


def test_a_fate_is_judged_whole() -> None:
    """Whatever the order of violations, and who refuses it."""
    shown = {"code": "INVALID_ARGUMENT", "reason": "INVALID_FIELDS", "error": "it is so"}
    both = [{"field": "a", "rule": "Y"}, {"field": "b", "rule": "X"}]
    assert Fate.of({**shown, "violations": both}).deviation_from(_DUE) == ""
    assert Fate("CLIENT", error="a guard").deviation_from(_DUE) == ""
    assert Fate.of({**shown, "violations": both[:1]}).deviation_from(_DUE) == (
        "violations (('a', 'Y'),) instead of (('a', 'Y'), ('b', 'X')); (it is so)"
    )
    assert Fate("OK").deviation_from(_DUE).startswith("code 'OK' instead of 'INVALID_ARGUMENT'")
    assert Fate("CLIENT").deviation_from(Fate("OK")) == "code 'CLIENT' instead of 'OK'"
    refused = Fate.of({"code": "OK", "refused": [{"record_index": 1, "reason": "X"}]})
    assert refused.deviation_from(Fate("OK")) == "refused ((1, 'X'),) instead of ()"
