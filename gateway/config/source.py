"""The YAML file as plain data that knows its lines.

Every scalar is text: what type it has is said by its key, not by how it looks. So `callers: [no]`
is a name, `tracking_id: 0123` keeps its zero, and a variable of the environment may stand for any
value. Only an unquoted `null`, `~` or nothing is null.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from gateway.config.problems import ConfigError, ConfigProblem, Finding, Path, key_of

Value = object
"""`str`, `None`, a list or a dict of values, or `UNREADABLE`."""

UNREADABLE = object()
"""Stands where a value could not be had; the problem is noted already."""

_MAX_DEPTH = 20
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))
_REFERENCE = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\{)")


@dataclass(slots=True)
class Document:
    """A file, read and expanded.

    Attributes:
        value: its content.
        lines: the line of each key and list entry, from 1.
        findings: what is wrong with it as a YAML file.
        from_environment: the values of which a part, or all, comes from the environment.
    """

    environ: Mapping[str, str] = field(repr=False)
    value: Value = None
    lines: dict[Path, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    from_environment: set[Path] = field(default_factory=set)

    def line(self, path: Path) -> int:
        """Return the line of a path, or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place(self, path: Path) -> str:
        """Return a path with its line, as messages refer to it."""
        return f"{key_of(path)} (line {self.line(path)})"

    def read(self, node: yaml.Node, path: Path) -> Value:
        """Return the value of a node, noting lines and problems."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if node.tag not in _TAGS:
            return self._refuse(path, "tags (!name) are not supported")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(entry, (*path, i)) for i, entry in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(path, f"has a key in line {line} that is no text")
                continue
            key = (*path, key_node.value)
            if key_node.value in found:
                self._refuse(key, f"stands twice in the same mapping, again in line {line}")
                continue
            self.lines[key] = line
            found[key_node.value] = self.read(value_node, key)
        return found

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Value:
        if node.style is None and node.value in _NULLS:
            return None
        parts: list[str] = []
        end = 0
        for match in _REFERENCE.finditer(node.value):
            replacement = self._replacement(match, path)
            if replacement is None:
                return UNREADABLE
            parts += node.value[end : match.start()], replacement
            end = match.end()
        return "".join((*parts, node.value[end:]))

    def _replacement(self, match: re.Match[str], path: Path) -> str | None:
        name, default = match.groups()
        if match[0] == "$$":
            return "$"
        if name is None:
            self._refuse(path, "expected ${NAME} or ${NAME:-default}; $$ stands for a single $")
            return None
        self.from_environment.add(path)
        value = self.environ.get(name)
        if default is not None:
            return value or default
        if value is None:
            self._refuse(path, f"the environment variable {name} is not set")
        return value

    def _refuse(self, path: Path, message: str) -> Value:
        self.findings.append(Finding(path, message))
        return UNREADABLE


def compose(text: str, source: str, environ: Mapping[str, str]) -> Document:
    """Read YAML, expanding `${NAME}` and `${NAME:-default}` in its values.

    Expansion comes after YAML is read, so a variable cannot add keys.

    Raises:
        ConfigError: it is no YAML, or has nothing in it.
    """
    try:
        problem = _endless(text)
        node = None if problem else yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        problem = _syntax_problem(error)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = ConfigProblem(line, "", f"has the character U+{error.character:04X}")
    else:
        if node is not None:
            document = Document(environ)
            document.value = document.read(node, ())
            return document
    raise ConfigError(source, [problem or ConfigProblem(1, "", "is empty")])


def _endless(text: str) -> ConfigProblem | None:
    """Return what could make reading the file endless, before anything follows it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            return ConfigProblem(line, "", "aliases (*name) are not supported: write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            return ConfigProblem(line, "", f"is nested more than {_MAX_DEPTH} deep")
    return None


def _syntax_problem(error: yaml.MarkedYAMLError) -> ConfigProblem:
    mark = error.problem_mark or error.context_mark
    said = ", ".join(part for part in (error.context, error.problem) if part)
    hint = " (YAML is indented with spaces)" if r"'\t'" in said else ""
    return ConfigProblem(mark.line + 1 if mark else 1, "", f"no valid YAML: {said}{hint}")
