"""The rules that the protos state as annotations, judged by protovalidate."""

import sys
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any

import protovalidate
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from gateway.api import PACKAGE, POOL, Rule
from gateway.validation.path import field_path
from gateway.validation.violation import Violation

# Options of a private pool are read with that pool's own class.
_FIELD_OPTIONS: Any = message_factory.GetMessageClass(
    POOL.FindMessageTypeByName("google.protobuf.FieldOptions")
)
_FIELD_RULES: Any = POOL.FindExtensionByName("buf.validate.field")

_RULES: Mapping[str, tuple[Rule, str]] = {
    "required": (Rule.RULE_REQUIRED, "must be set"),
    "string.min_len": (
        Rule.RULE_MIN_LENGTH,
        "must have a length of at least {limit}: where there is nothing to send, leave it out",
    ),
    "string.max_len": (Rule.RULE_MAX_LENGTH, "must have at most {limit} characters"),
    "string.pattern": (Rule.RULE_PATTERN, "must have {form}"),
    "string.in": (Rule.RULE_PATTERN, "must be one of {limit}"),
    "repeated.min_items": (
        Rule.RULE_MIN_ITEMS,
        "must have a number of entries of at least {limit}",
    ),
    "repeated.max_items": (Rule.RULE_MAX_ITEMS, "must have at most {limit} entries"),
    "repeated.unique": (Rule.RULE_UNIQUE, "must have no entry twice"),
    "map.max_pairs": (Rule.RULE_MAX_ITEMS, "must have at most {limit} entries"),
    "enum.defined_only": (Rule.RULE_ENUM, "must be one of the values that the enum names"),
    "int32.gte_lte": (Rule.RULE_RANGE, "{message}"),
    "int64.gt": (Rule.RULE_RANGE, "{message}"),
    "timestamp.gte": (Rule.RULE_RANGE, "{message}"),
    "double.finite": (
        Rule.RULE_FINITE,
        "is NaN or infinite: send a finite number, or leave it out",
    ),
    # Said of one field only, `event_value`; protovalidate writes out all 39 digits.
    "double.gte_lte": (Rule.RULE_RANGE, "must be in the range of a 32-bit float, ±3.4028235e38"),
}
"""By protovalidate's rule ID: our rule, and its description."""

FORMS: Mapping[str, str] = {
    r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$": (
        "only letters, digits, hyphens and underscores, the first a letter or digit"
    ),
    r"^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$": (
        "only printable ASCII characters, at least one of them no space"
    ),
    r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$": "only letters, digits, spaces and _.:/=+-@",
    r"^[\x00-\x7F]*$": "only ASCII characters",
}
"""The patterns of the protos, in words that follow "must have"."""


class Annotations:
    """The annotations of a set of request types, compiled.

    Args:
        request_types: what is going to be judged. Others are compiled when they are first seen.

    Raises:
        protovalidate.CompilationError: an annotation does not fit its field.
    """

    def __init__(self, *request_types: type[Message]) -> None:
        self._judge = protovalidate.Validator()
        for request_type in request_types:
            self._judge.collect_violations(request_type())

    def broken(self, request: Message) -> bool:
        """Return whether the request breaks any annotation. Ends at the first that it breaks."""
        return bool(self._judge.collect_violations(request, fail_fast=True))

    def violations(self, request: Message, record_list: str | None) -> list[Violation]:
        """Return every annotation that the request breaks, in the order of its fields.

        Takes time and memory for each, so lists without end are to be cut before: see `shortened`.

        Args:
            request: the message that is judged.
            record_list: name of the field that holds its records; None where it has none.
        """
        judged = self._judge.collect_violations(request)
        return [_violation(violation, record_list) for violation in judged]


def shortened(message: Message) -> Message:
    """Return a copy in which a list that is too long has one entry more than it may have.

    It breaks the same rules of the lists themselves. A message of 4 MiB has room for millions of
    empty entries, each breaking rules of its own.
    """
    short = type(message)()
    for field, value in message.ListFields():
        if not field.is_repeated:
            _set(short, field, value)
        elif _is_map(field):
            pairs = islice(value.items(), _max_entries(field.full_name) + 1)
            getattr(short, field.name).update(pairs)
        else:
            entries = value[: _max_entries(field.full_name) + 1]
            ours = _is_ours(field)
            getattr(short, field.name).extend(map(shortened, entries) if ours else entries)
    return short


def _set(message: Message, field: FieldDescriptor, value: Any) -> None:  # noqa: ANN401 - any field's
    if field.message_type is None:
        setattr(message, field.name, value)
    else:
        getattr(message, field.name).CopyFrom(shortened(value) if _is_ours(field) else value)


def _is_ours(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.file.package == PACKAGE


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


@cache
def _max_entries(field_name: str) -> int:
    rules = rules_of(POOL.FindFieldByName(field_name))
    return rules.repeated.max_items or rules.map.max_pairs or sys.maxsize - 1


def rules_of(field: FieldDescriptor) -> Any:  # noqa: ANN401 - a class that exists at run time only
    """Return the annotations of a field: a `buf.validate.FieldRules`, empty where it has none."""
    options = _FIELD_OPTIONS.FromString(field.GetOptions().SerializeToString())
    return options.Extensions[_FIELD_RULES]


def _violation(violation: protovalidate.Violation, record_list: str | None) -> Violation:
    judged = violation.proto
    path = judged.field
    assert path is not None
    first = path.elements[0]
    index = first.subscript.value if first.subscript and first.field_name == record_list else None
    assert index is None or isinstance(index, int)
    if judged.rule is None:  # the only rule that is not a field's: the oneof of IngestRecord
        text = "must have one of event, action_interaction, item, user, action"
        return Violation(field_path(path), Rule.RULE_KIND, text, index)
    rule, template = _RULES[judged.rule_id]
    limit = violation.rule_value
    form = FORMS.get(limit, f"the form {limit}") if judged.rule_id == "string.pattern" else ""
    text = template.format(limit=limit, form=form, message=judged.message)
    return Violation(field_path(path), rule, text, index)
