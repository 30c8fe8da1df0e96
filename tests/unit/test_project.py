"""Holds what the files of the project promise each other."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
PINNED = sorted(path.name for path in REQUIREMENTS.glob("*.txt"))
OWN = {"personalize-gateway", "personalize-gateway-client"}

# One pinned package: its version, perhaps a marker, and its hashes. Nothing else may stand in a
# requirements file, so that none names where packages come from.
PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[a-z0-9.]+)(?: ; [^\\\n]+)?"
    r"(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
)
FOREIGN_LOCK_FILES = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"}
SECTION = re.compile(r"## (Unreleased|(?P<version>\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2})")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def pins(name: str) -> dict[str, str]:
    """Return the version of each package in a pinned requirements file."""
    text = (REQUIREMENTS / name).read_text()
    return {pin["name"]: pin["version"] for pin in PIN.finditer(text)}


def asked_for(name: str) -> set[str]:
    """Return the packages that a requirements file's source names, those it includes left out."""
    lines = (REQUIREMENTS / name).with_suffix(".in").read_text().splitlines()
    return {Requirement(line).name for line in lines if line and line[0] not in "#-"}


def dependencies(folder: str) -> list[Requirement]:
    """Return what the `pyproject.toml` of a folder depends on, our own packages left out."""
    project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    stated = [Requirement(dependency) for dependency in project["dependencies"]]
    return [requirement for requirement in stated if requirement.name not in OWN]


@pytest.mark.parametrize("name", PINNED)
def test_requirements_hold_pinned_and_hashed_packages_only(name: str) -> None:
    """No line is without a version and a hash, and none names an index, a URL or a path."""
    text = (REQUIREMENTS / name).read_text()
    assert pins(name)
    assert PIN.sub("", text) == ""


@pytest.mark.parametrize("name", PINNED)
def test_requirements_pin_what_their_source_asks_for(name: str) -> None:
    """Each package of the `.in` file is pinned in the `.txt` file."""
    assert asked_for(name) - pins(name).keys() == set()


@pytest.mark.parametrize("folder", [".", "clients/python"])
def test_pinned_versions_are_those_that_the_package_supports(folder: str) -> None:
    """`make requirements` was run after the last change of a `pyproject.toml`."""
    versions = pins("runtime.txt")
    unmet = [
        str(requirement)
        for requirement in dependencies(folder)
        if requirement.name not in versions
        or versions[requirement.name] not in requirement.specifier
    ]
    assert unmet == []


@pytest.mark.parametrize("name", ["runtime.txt", "build.txt"])
def test_tests_run_on_the_versions_that_are_shipped(name: str) -> None:
    """The development environment pins all that the other two pin, at the same versions."""
    assert pins(name).items() - pins("dev.txt").items() == set()


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_environment_is_free_of_awscrt(name: str) -> None:
    """Where awscrt is installed, botocore is a third slower at every call."""
    assert "awscrt" not in pins(name)


def test_tree_holds_no_lock_file_that_names_an_index() -> None:
    """Other tools' lock files name the hosts that packages came from."""
    found = [
        path.relative_to(ROOT)
        for folder in (ROOT, *ROOT.glob("clients/*"))
        for path in folder.iterdir()
        if path.name in FOREIGN_LOCK_FILES
    ]
    assert found == []


def test_every_part_has_a_place_in_the_direction_of_imports() -> None:
    """A part of the gateway that no contract names would be free to import anything."""
    modules = [*(ROOT / "gateway").glob("[a-z]*.py"), *(ROOT / "gateway").glob("*/__init__.py")]
    parts = {
        f"gateway.{path.parent.name if path.stem == '__init__' else path.stem}" for path in modules
    }
    contracts = (ROOT / ".importlinter").read_text().split()
    assert parts - set(contracts) == set()


def test_change_log_is_well_formed() -> None:
    """Unreleased changes come first, then releases from new to old; each entry is of a kind."""
    _, *sections = re.split(r"^(?=## )", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    titles = [section.splitlines()[0] for section in sections]
    headings = [SECTION.fullmatch(title) for title in titles]
    assert titles[0] == "## Unreleased"
    assert None not in headings
    versions = [Version(heading["version"]) for heading in headings[1:] if heading]
    assert versions == sorted(versions, reverse=True)
    for section in sections:
        kinds = re.findall(r"^### (.+)\n\n- ", section, flags=re.MULTILINE)
        assert kinds == re.findall(r"^### (.+)", section, flags=re.MULTILINE)
        assert set(kinds) <= KINDS
