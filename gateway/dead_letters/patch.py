"""A change that is put on each dead letter of a replay: a JSON merge patch, RFC 7396.

It is a patch of the JSON form of an `IngestRecord`: `{"event": {"eventType": "View"}}`. What it
cannot be for any record is refused before the first is looked at.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import (
    MessageToDict,
    ParseDict,
    ParseError,
    SerializeToJsonError,
)
from google.protobuf.struct_pb2 import Struct

from gateway.acceptance import InvalidRequest
from gateway.api import IngestRecord, Rule
from gateway.validation.path import quoted
from gateway.validation.violation import Violation

MAX_BYTES = 256 * 1024
"""More than the largest record has. It is put on record after record."""

_PATH = "patch"
_RECORD = cast("Descriptor", IngestRecord.DESCRIPTOR)
_KINDS = " or ".join(f"`{field.json_name}`" for field in _RECORD.fields)


class Patch:
    """A patch for records of one kind.

    Args:
        patch: the object `{kind: {field: value}}`; a field goes by either of protobuf's two names,
            and null deletes it.

    Raises:
        InvalidRequest: it fits no record.
    """

    def __init__(self, patch: Struct) -> None:
        kind, members = _kind_and_members(_json(patch))
        names = {name: _field(kind.message_type, name) for name in sorted(members)}
        violations = list(_violations(kind, members, names))
        if violations:
            raise InvalidRequest(violations)
        self.kind = kind.name
        """The member of `IngestRecord` that it changes."""
        self._members = {
            field.json_name: members[name] for name, field in names.items() if field is not None
        }
        self._json_name = kind.json_name

    def __repr__(self) -> str:
        return f"<Patch of {self.kind}: {', '.join(self._members)}>"

    def apply(self, record: IngestRecord) -> IngestRecord:
        """Return a changed copy of a record of the patch's kind."""
        before = MessageToDict(record)
        return ParseDict(merged(before, {self._json_name: self._members}), IngestRecord())


def merged(target: Any, patch: Any) -> Any:  # noqa: ANN401 - JSON of any form
    """Return what RFC 7396, section 2, calls MergePatch(target, patch)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _json(patch: Struct) -> dict[str, Any]:
    if patch.ByteSize() > MAX_BYTES:
        raise _invalid(_PATH, Rule.RULE_MAX_LENGTH, f"must have at most {MAX_BYTES:,} bytes")
    try:
        return MessageToDict(patch)
    except (SerializeToJsonError, ValueError):
        raise _invalid(
            _PATH, Rule.RULE_FINITE, "has a number that is NaN or infinite, which JSON has not"
        ) from None


def _kind_and_members(patch: Mapping[str, Any]) -> tuple[FieldDescriptor, Mapping[str, Any]]:
    if len(patch) != 1:
        raise _invalid(_PATH, Rule.RULE_KIND, f"must have one member: {_KINDS}")
    ((name, members),) = patch.items()
    kind = _field(_RECORD, name)
    if kind is None:
        raise _invalid(_at(name), Rule.RULE_KIND, f"is no kind of record; those are {_KINDS}")
    if not isinstance(members, Mapping):
        raise _invalid(_at(name), Rule.RULE_KIND, "must be an object: what to change of the record")
    return kind, members


def _field(message: Descriptor | None, name: str) -> FieldDescriptor | None:
    """Return the field of either name; None where there is none."""
    fields = message.fields if message else ()
    return next((field for field in fields if name in (field.json_name, field.name)), None)


def _violations(
    kind: FieldDescriptor, members: Mapping[str, Any], names: Mapping[str, FieldDescriptor | None]
) -> Iterator[Violation]:
    seen: set[str] = set()
    for name, field in names.items():
        path = _at(kind.json_name, name)
        if field is None:
            yield Violation(path, Rule.RULE_PATTERN, "there is no such field", None)
        elif field.name in seen:
            yield Violation(path, Rule.RULE_UNIQUE, f"`{field.name}` is named twice", None)
        elif not _fits({kind.json_name: {field.json_name: members[name]}}):
            text = f"is not the JSON form of the field `{field.name}`"
            yield Violation(path, Rule.RULE_PATTERN, text, None)
        else:
            seen.add(field.name)


def _fits(record: dict[str, Any]) -> bool:
    try:
        ParseDict(record, IngestRecord())
    except (ParseError, TypeError, ValueError):
        return False
    return True


def _at(*names: str) -> str:
    return _PATH + "".join(f"[{quoted(name)}]" for name in names)


def _invalid(field: str, rule: Rule, description: str) -> InvalidRequest:
    return InvalidRequest([Violation(field, rule, description, None)])
