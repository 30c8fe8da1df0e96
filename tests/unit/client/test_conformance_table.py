"""What `make conformance` prints."""

from pathlib import Path

import pytest
from google.protobuf.empty_pb2 import Empty

from tests.conformance import table
from tests.conformance.__main__ import Trial
from tests.conformance.case import Case
from tests.conformance.fate import Fate
from tests.conformance.language import CLIENTS, Language, ProgramFailed, languages
from tests.conformance.publisher_run import Outcome
from tests.conformance.vectors_run import Result

_CASES = [Case(name, "PutEvents", Empty(), Fate("OK")) for name in ("a/1", "a/2", "b/1")]


def test_each_language_has_a_column_and_each_file_a_line() -> None:
    """With the cases that are good; a language that could not be tried has failed."""
    good, bad = Result("go", by_client=2, sent=3), Result("rust", {"a/2": "code 'OK'"}, sent=3)
    failed = Result("java", failures=["no mvn"])
    lines = list(table.vectors_table(_CASES, [good, bad, failed]))
    assert [line.split() for line in lines] == [
        ["go", "rust", "java"],
        ["a", "2/2", "1/2", "failed"],
        ["b", "1/1", "1/1", "failed"],
        ["by", "client", "2", "0", "0"],
    ]
    assert list(table.deviations([good, bad, failed])) == [
        "rust: a/2: code 'OK'",
        "java: no mvn",
    ]
    assert [one.is_good for one in (good, bad, failed)] == [True, False, False]


def test_columns_are_as_wide_as_the_longest_name() -> None:
    """So that they stay columns: a way to call makes names long."""
    results = [Result("go", sent=3), Result("typescript via envoy", sent=3)]
    assert list(table.vectors_table(_CASES, results)) == [
        "                    go  typescript via envoy",
        "a                  2/2                   2/2",
        "b                  1/1                   1/1",
        "by client            0                     0",
    ]
    header, line = table.publishers_table([Outcome("typescript via envoy")])
    assert len(header) == len(line)


@pytest.mark.parametrize(("by_envoy", "through"), [(False, []), (True, ["go", "typescript"])])
def test_go_and_typescript_are_tried_through_envoy_too(
    tmp_path: Path, through: list[str], *, by_envoy: bool
) -> None:
    """After all others; languages without a publisher are left out."""
    names = ["cpp", "go", "python", "rust", "typescript"]
    trial = Trial(languages(names), tmp_path, by_envoy)
    assert [(one.name, program, way) for one, program, way in trial.publishers()] == [
        ("go", "run-publisher", False),
        ("python", "run-publisher", False),
        ("python", "run-publisher-asyncio", False),
        ("typescript", "run-publisher", False),
        *((name, "run-publisher", True) for name in through),
    ]


def test_publishers_have_a_line_each() -> None:
    """Then what must not be."""
    outcome = Outcome("go", confirmed=9, refused=1, kills=3, duplicates=2, failures=["1 lost"])
    lines = [line.split() for line in table.publishers_table([outcome])]
    assert lines[1:] == [["go", "3", "9", "1", "2"], ["go:", "publisher:", "1", "lost"]]


async def test_a_language_without_its_tools_or_program_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says why."""
    with pytest.raises(ProgramFailed, match=r"there is no clients/klingon/run-conformance"):
        async with Language("klingon").running("run-conformance", log=tmp_path / "log"):
            pass
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramFailed, match=r"no java, no mvn"):
        async with Language("java").running("run-conformance", log=tmp_path / "log"):
            pass


def test_all_clients_are_tried_unless_some_are_chosen() -> None:
    """Each folder in `clients` is one."""
    assert {one.name for one in languages([])} == {
        path.name for path in CLIENTS.iterdir() if path.is_dir()
    }
    assert [one.name for one in languages(["go", "python"])] == ["go", "python"]
    assert Language("python").publishers == ["run-publisher", "run-publisher-asyncio"]
