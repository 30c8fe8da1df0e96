"""What is wrong with a configuration, and where.

No message quotes a value: one that came from the environment may be a secret. Keys are quoted;
they are never expanded.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.errors import GatewayError

Path = tuple[str | int, ...]
"""The keys and list indices that lead to a value."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


class Finding(NamedTuple):
    """A problem as it is found: by path, before anybody asks for the line."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong.

    Attributes:
        line: where in the file, from 1; None where it is not in the file.
        key: path of the key (`routes[0].kinds[2]`); empty for the whole file.
        message: what was expected.
    """

    line: int | None
    key: str
    message: str


class ConfigError(GatewayError):
    """Expected error: the configuration is refused, and nothing of it is used.

    Its text has a line for each problem: `FILE:12: routes[0].kinds[2]: …`.

    Attributes:
        source: name of the file.
        problems: all of them, in the order of their lines.
    """

    def __init__(self, source: str, problems: Iterable[ConfigProblem]) -> None:
        self.source = source
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(_line(source, problem) for problem in self.problems))


def key_of(path: Sequence[str | int]) -> str:
    """Return a path as it is written: `dataset_groups.shop.arn`, `routes[0].kinds[2]`.

    Keys that are not plain are quoted and escaped, so that none can garble a terminal.
    """
    return "".join(_step(part) for part in path).removeprefix(".")


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _PLAIN_KEY.fullmatch(part) else f"[{json.dumps(part)}]"


def _line(source: str, problem: ConfigProblem) -> str:
    place = source if problem.line is None else f"{source}:{problem.line}"
    return ": ".join(part for part in (place, problem.key, problem.message) if part)
