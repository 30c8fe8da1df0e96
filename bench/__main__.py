"""`make bench`: `bench/README.md` says what is measured, and how to read it."""

import argparse
import os
import shutil
import sys
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import uvloop
from rich.console import Console

from bench.contenders import BENCH_PYTHON
from bench.effort import Effort
from bench.machine import Machine, commit
from bench.processes import LOAD_CORE, SERVER_CORE
from bench.results import Measured, Result, tables
from bench.upstream import ECHO_MODULE

GROUPS = (
    "correctness",
    "unary",
    "stream",
    "stages",
    "tracing",
    "scale",
    "latency",
    "footprint",
    "backlog",
    "profile",
)
"""Each is a module of this package with an `async def measure(effort)` that returns figures."""

_ONLY_WHERE_NAMED = ("backlog", "profile")
_LATEST = Path(__file__).parent / "results" / "latest.json"
_WIDTH = 160
_PACKAGES = {"nginx": "nginx-light", "h2load": "nghttp2-client", "taskset": "util-linux"}
_PROFILE_PACKAGES = {"perf": "linux-perf"}


def main() -> None:
    """Measure, print, and write the figures to a file."""
    arguments = _arguments()
    os.environ["PATH"] += ":/usr/sbin"  # Debian has nginx there, and not everybody looks there.
    missing = list(_missing(arguments.groups))
    if missing:
        sys.stderr.write("".join(f"bench: {line}\n" for line in missing))
        sys.exit(2)
    os.sched_setaffinity(0, {LOAD_CORE})
    effort = Effort(arguments.rounds, quick=arguments.quick)
    result = _before(arguments.json)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    for group in arguments.groups:
        code, begun = commit(), f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
        found = uvloop.run(import_module(f"bench.{group}").measure(effort))
        console.print(*tables(found))
        if effort.quick:
            continue
        # What was measured is kept, whatever becomes of the next group.
        result = result.with_group(group, Measured(code, begun, found))
        result.write(arguments.json)


def _before(file: Path) -> Result:
    """Return what was measured before on this machine; nothing if it has changed since."""
    machine = Machine.found()
    try:
        before = Result.read(file)
    except (OSError, ValueError, KeyError):
        return Result(machine, {})
    return before if before.machine == machine else Result(machine, {})


def _arguments() -> argparse.Namespace:
    default = [group for group in GROUPS if group not in _ONLY_WHERE_NAMED]
    parser = argparse.ArgumentParser(prog="bench", description="Measure the gateway.")
    parser.add_argument(
        "groups",
        nargs="*",
        metavar="GROUP",
        help=f"which of {', '.join(GROUPS)}; without one, all but {', '.join(_ONLY_WHERE_NAMED)}",
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, in turn")
    parser.add_argument("--json", type=Path, default=_LATEST, help="where the figures are kept")
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the work: rough figures, not kept"
    )
    arguments = parser.parse_args()
    arguments.groups = arguments.groups or default
    unknown = set(arguments.groups) - set(GROUPS)
    if unknown:
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    if arguments.rounds < 1:
        parser.error("--rounds: at least one")
    return arguments


def _missing(groups: Collection[str]) -> Iterator[str]:
    """Yield what this machine lacks, and where it comes from."""
    packages = {**_PACKAGES, **(_PROFILE_PACKAGES if "profile" in groups else {})}
    for program, package in packages.items():
        if shutil.which(program) is None:
            yield f"{program} is missing (Debian: apt-get install {package})"
    if not ECHO_MODULE.exists():
        yield "nginx's echo module is missing (Debian: apt-get install libnginx-mod-http-echo)"
    if not BENCH_PYTHON.exists():
        yield f"{BENCH_PYTHON.parents[1].name} is missing (make bench makes it)"
    if not {SERVER_CORE, LOAD_CORE} <= os.sched_getaffinity(0):
        yield f"the cores {SERVER_CORE} and {LOAD_CORE} are needed, the first for the server alone"


if __name__ == "__main__":
    main()
