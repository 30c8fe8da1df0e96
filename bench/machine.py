"""What is measured, and on what, without the names of the machine and of its paths."""

import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self

import pycurl

_PACKAGES = ("grpcio", "protobuf", "boto3", "botocore", "pycurl", "uvloop")
_PROGRAMS = {"nginx": ("nginx", "-v"), "h2load": ("h2load", "--version")}
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_ROOT = Path(__file__).parents[1]
_BASELINES = _ROOT / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run was made on.

    Attributes:
        cpu: its model.
        cores: how many there are.
        kernel: the release of the operating system's kernel.
        python: its version.
        versions: those of the packages and programs that take part.
    """

    cpu: str
    cores: int
    kernel: str
    python: str
    versions: Mapping[str, str]

    @classmethod
    def found(cls) -> Self:
        """Return what this machine is."""
        cpus = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        return cls(
            cpu=cpus[0] if cpus else platform.machine(),
            cores=len(cpus) or 1,
            kernel=platform.release(),
            python=platform.python_version(),
            versions=_versions(),
        )


def commit() -> str:
    """Return the commit of the code, and whether the code differs from it."""
    found = _said("git", "rev-parse", "--short=12", "HEAD") or "unknown"
    # What was measured before is no code.
    changed = _said("git", "status", "--porcelain", "--untracked-files=no", ":!bench/results")
    return f"{found}, with changes" if changed else found


def _versions() -> Mapping[str, str]:
    packages = {name: version(name) for name in _PACKAGES}
    programs = {name: _version(_said(*command)) for name, command in _PROGRAMS.items()}
    return {
        **packages,
        "libcurl": _version(pycurl.version.partition("libcurl/")[2]),
        **programs,
        **_baseline_versions(),
    }


def _baseline_versions() -> Mapping[str, str]:
    names = ("aiobotocore", "botocore")
    code = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
    found = _said(str(_BASELINES), "-c", code, *names).split()
    return {f"{name} (.venv-bench)": one for name, one in zip(names, found, strict=False)}


def _version(text: str) -> str:
    found = _VERSION.search(text)
    return found[0] if found else "unknown"


def _said(*command: str) -> str:
    """Return what a command prints, on either stream; nothing where it fails."""
    try:
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
    return (done.stdout or done.stderr).strip()
