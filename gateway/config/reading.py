"""From a YAML file to a `Config`, or to every problem that it has."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.checks import Parts, check, parts_of
from gateway.config.dataset_group import DatasetGroup
from gateway.config.delivery import Delivery
from gateway.config.identity import Identity
from gateway.config.model import Config
from gateway.config.problems import ConfigError, ConfigProblem, Finding, Path, key_of
from gateway.config.route import ANYBODY, Route
from gateway.config.scalars import REFUSED
from gateway.config.schema import keys_at
from gateway.config.server import Server
from gateway.config.source import Document, Value, compose

_MAX_FILE_BYTES = 1024 * 1024
_MESSAGES = {
    "missing": "is required",
    "string_type": "expected text",
    "string_unicode": "expected text in UTF-8",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "finite_number": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "model_type": "expected a mapping (key: value)",
    "mapping_type": "expected a mapping (key: value)",
    "tuple_type": "expected a list",
    "enum": "expected one of {expected}",
    "literal_error": "expected one of {expected}",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    REFUSED: "{message}",
}
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Reading:
    """A configuration, and what of it may be a secret.

    Attributes:
        from_environment: the values of which a part, or all, comes from the environment.
    """

    config: Config
    from_environment: frozenset[Path]


def load(path: str | os.PathLike[str], environ: Mapping[str, str]) -> Config:
    """Read the configuration from a YAML file; `${NAME}` in it is looked up in `environ`.

    Raises:
        ConfigError: the file cannot be read, or something in it is wrong.
    """
    return parse(text_of(path), os.fspath(path), environ)


def text_of(path: str | os.PathLike[str]) -> str:
    """Return what stands in a file.

    Raises:
        ConfigError: it cannot be read, or is no text.
    """
    source = os.fspath(path)
    try:
        with FilePath(path).open("rb") as file:
            content = file.read(_MAX_FILE_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(source, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(source, f"byte 0x{content[error.start]:02x} is no UTF-8", line) from error
    if len(content) > _MAX_FILE_BYTES:
        raise _unreadable(source, f"is larger than {_MAX_FILE_BYTES} bytes")
    return text


def _unreadable(source: str, message: str, line: int | None = None) -> ConfigError:
    return ConfigError(source, [ConfigProblem(line, "", message)])


def parse(text: str, source: str, environ: Mapping[str, str]) -> Config:
    """Read the configuration from YAML; `source` is its name in messages.

    Raises:
        ConfigError: something in it is wrong.
    """
    return read(text, source, environ).config


def read(text: str, source: str, environ: Mapping[str, str]) -> Reading:
    """Read the configuration from YAML as `parse` does, and say what may be secret in it.

    Raises:
        ConfigError: something in it is wrong.
    """
    document = compose(text, source, environ)
    config, findings = _typed(document.value)
    parts = parts_of(config) if config else _parts_in(document.value)
    findings += check(parts, document.place)
    unreadable = {path for path, _ in document.findings}
    findings = [*document.findings, *(f for f in findings if f.path not in unreadable)]
    if config is None or findings:
        raise ConfigError(source, (_located(finding, document) for finding in findings))
    return Reading(config, frozenset(document.from_environment))


def embedded(name: str, dataset_group: DatasetGroup, listen: str | None = None) -> Config:
    """Return the configuration without a file: one dataset group, one route for any caller.

    Args:
        name: the name of the dataset group.
        dataset_group: where records go; the route is for the kinds that it takes.
        listen: HOST:PORT of the server, on loopback; None for the default.

    Raises:
        ConfigError: `listen` is not on loopback, or the dataset group takes nothing.
    """
    route = {
        "name": "anyone",
        "callers": [ANYBODY],
        "kinds": sorted(dataset_group.kinds),
        "dataset_group": name,
    }
    raw = {
        "server": {"listen": listen} if listen else {},
        "dataset_groups": {name: dataset_group},
        "routes": [route],
        "admins": [ANYBODY],
    }
    config, findings = _typed(raw)
    if config:
        findings += check(parts_of(config), key_of)
    if config is None or findings:
        problems = (ConfigProblem(None, key_of(path), message) for path, message in findings)
        raise ConfigError("no configuration file", problems)
    return config


def _located(finding: Finding, document: Document) -> ConfigProblem:
    return ConfigProblem(document.line(finding.path), key_of(finding.path), finding.message)


def _typed(raw: Value) -> tuple[Config | None, list[Finding]]:
    """Return the configuration, or None with what is wrong in single values."""
    try:
        return Config.model_validate(raw), []
    except ValidationError as error:
        # Neither input nor cause goes on: either may quote a value.
        details = error.errors(include_url=False, include_input=False)
    return None, [_finding(detail) for detail in details]


def _finding(detail: ErrorDetails) -> Finding:
    # pydantic marks an error of a mapping's key, as opposed to its value, by a last step.
    path: Path = detail["loc"][:-1] if detail["loc"][-1:] == ("[key]",) else detail["loc"]
    if detail["type"] == "extra_forbidden":
        return Finding(path, _unknown_key(path))
    template = _MESSAGES.get(detail["type"], "is not valid")
    return Finding(path, template.format_map(detail.get("ctx", {})))


def _unknown_key(path: Path) -> str:
    known = keys_at(path[:-1])
    close = get_close_matches(str(path[-1]), known, n=1)
    said = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}"
    return f"is an unknown key; {said}"


def _parts_in(raw: Value) -> Parts:
    """Return the well-formed parts of a configuration that has something wrong in it."""
    sections = raw if isinstance(raw, dict) else {}
    groups = sections.get("dataset_groups")
    routes = sections.get("routes")
    return Parts(
        server=_part(Server, sections.get("server", {})),
        identity=_part(Identity, sections.get("identity", {})),
        delivery=_part(Delivery, sections.get("delivery", {})),
        dataset_groups={
            name: _part(DatasetGroup, group)
            for name, group in (groups if isinstance(groups, dict) else {}).items()
        },
        routes=dict(_routes_in(routes if isinstance(routes, list) else [])),
    )


def _routes_in(routes: list[Value]) -> Iterator[tuple[int, Route]]:
    for index, raw in enumerate(routes):
        route = _part(Route, raw)
        if route is not None:
            yield index, route


def _part(model: type[_Model], raw: Value) -> _Model | None:
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None
