"""The source of the function that a fast pass runs: see `gateway.validation.fast_pass`.

Nothing is stated here that is stated elsewhere. Limits are those of the annotations. What elements
and event IDs are made of is read off those of a sample, a message whose values are found again in
the text. Which fields must be set, or must not, is found by checking samples with and without them.
"""

import json
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.api import ActionInteraction, Event
from gateway.encoding.element import MESSAGE_TYPES, RecordMessage, encode
from gateway.encoding.event_id import event_content
from gateway.encoding.json_text import json_text
from gateway.encoding.properties import INTEGERS_BELOW
from gateway.records import Kind, Record
from gateway.validation import fast_blocks as blocks
from gateway.validation.conditions import AnnotationUnknown, check_message, condition, is_ignored
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.limits import CATEGORY_MAX_CHARS, PROPERTIES_MAX_CHARS
from gateway.validation.records import CHECKS
from gateway.validation.times import MAX_NANOS, MAX_SECONDS
from gateway.validation.violation import Fault

_OPTIONAL_BLOCKS = {
    "text": blocks.TEXT,
    "texts": blocks.TEXTS,
    "number": blocks.NUMBER,
    "columns": blocks.COLUMNS,
}
_BEYOND_ANNOTATIONS = {
    "text": " and {name} not in placeholders",
    "texts": (
        " and placeholders.isdisjoint({name})"
        f' and len("|".join({{name}})) <= {CATEGORY_MAX_CHARS}'
    ),
    "time": f" and {{name}}_seconds <= {MAX_SECONDS} and 0 <= {{name}}_nanos <= {MAX_NANOS}",
}

_TYPED = {
    "check_text": "if len(text) > max_chars: return None",
    "number": "write(double)",
}
# Without calls, which take longer than what they do: this saves 0.3 µs for a number.
_UNTYPED = {
    "check_text": "",
    "number": (
        "((str(int(double)) if double.is_integer() else repr(double))"
        f" if {-INTEGERS_BELOW} < double < {INTEGERS_BELOW} else None)"
    ),
}

# The sample of a text is the name of its field.
_NUMBER, _SECONDS, _NANOS = 0.515625, 1_234_567_890, 987_654_321
_COLUMNS, _COLUMNS_JSON = {"sample": True}, json_text(json_text({"sample": True}))


def source(kind: Kind, expected: ExpectedColumns | None, constants: dict[str, Any]) -> str:
    """Return the source of the function of a fast pass.

    Args:
        kind: of its messages.
        expected: the columns of the dataset that they go to; None where they are not known.
        constants: gets the names in the source that stand for what the kind's fields are.

    Raises:
        AnnotationUnknown: there is a rule, or a type of field, that is not understood.
    """
    return _Source(kind, expected, constants).text()


class _Source:
    def __init__(
        self, kind: Kind, expected: ExpectedColumns | None, constants: dict[str, Any]
    ) -> None:
        self._kind, self._expected, self._constants = kind, expected, constants
        descriptor: Any = MESSAGE_TYPES[kind].DESCRIPTOR
        self._fields = {field.name: field for field in descriptor.fields}
        self._types = dict(_types(descriptor))
        self._optional = [name for name in self._types if self._is_optional(name)]
        self._required = [name for name in self._types if not self._is_optional(name)]

    def text(self) -> str:
        read = [name for name, type_ in self._types.items() if type_ != "number"]
        paths = [f"{name}.fields" if self._types[name] == "columns" else name for name in read]
        self._constants["get"] = attrgetter(*paths)
        texts = "".join(f"{{{name}}}|" for name in read if self._types[name] == "text")
        members, element = self._members()
        body = [
            f"{', '.join(read)} = get(message)\n",
            f"names.append(f'{texts}')\n",
            *(blocks.TIME.format(name=name) for name in read if self._types[name] == "time"),
            blocks.REQUIRED.format(condition=" and ".join(map(self._condition, self._required))),
            *(self._optional_block(name, members.get(name, "")) for name in self._optional),
            self._event_id(),
        ]
        indented = "".join(body).rstrip().replace("\n", "\n        ")
        return blocks.FUNCTION.format(body=indented, element=element, record=self._record())

    def _optional_block(self, name: str, member: str) -> str:
        required = self._faults({*self._types} - {name}) - self._faults(self._types)
        forbidden = self._faults({*self._required, name}) - self._faults(self._required)
        block = _OPTIONAL_BLOCKS[self._types[name]].format(
            name=name,
            member=member,
            condition="False" if forbidden else self._condition(name),
            must_be_set=bool(required),
            max_chars=PROPERTIES_MAX_CHARS[self._kind] - len("{}"),
            **(_UNTYPED if self._expected is None else _TYPED),
        )
        lines = block.splitlines(keepends=True)
        return block if member else "".join(one for one in lines if f"{name}_member" not in one)

    def _condition(self, name: str) -> str:
        beyond = _BEYOND_ANNOTATIONS.get(self._types[name], "").format(name=name)
        return condition(self._fields[name], self._constants) + beyond

    def _faults(self, names: Iterable[str]) -> set[Fault]:
        """Return what is wrong with a sample but for its properties."""
        faults: list[Fault] = []
        message = self._message(name for name in names if self._types[name] != "columns")
        CHECKS[self._kind](message, faults, self._expected)
        return set(faults)

    def _members(self) -> tuple[dict[str, str], str]:
        """Return templates: of an element's optional members, by field, and of the whole."""
        whole, bare = (json.loads(self._encoded(n).element) for n in (self._types, self._required))
        members: dict[str, str] = {}
        element = ""
        for member, value in whole.items():
            text = json_text({member: value})[1:-1]
            template = _template(text, self._in_element())
            if member in bare:
                element += f",{template}" if element else template
            else:
                owner = next(name for marker, name, _ in self._in_element() if marker in text)
                members[owner] = f",{template}"
                element += f"{{{owner}_member}}"
        return members, element

    def _record(self) -> str:
        """Return the source of the members of a `Record`."""
        whole, bare = self._encoded(self._types), self._encoded(self._required)
        found = []
        for value, without in zip(whole, bare, strict=True):
            if isinstance(value, bytes):
                found.append("element")
            elif value in self._types:
                found.append(f"{value} or None" if without is None else str(value))
            else:
                found.append(repr(value))
        return ", ".join(found)

    def _event_id(self) -> str:
        """Return the source of what derives the event ID of a message that has none."""
        message = self._message(self._types)
        if not isinstance(message, Event | ActionInteraction):
            return ""
        content = _template(json_text(event_content(message)), self._in_content())
        return blocks.EVENT_ID.format(content=content)

    def _in_element(self) -> Iterator[tuple[str, str, str]]:
        """Yield how values look in the sample, their fields, and what stands for them."""
        for name, type_ in self._types.items():
            if type_ == "text":
                yield f'"{name}"', name, f'"{{{name}}}"'
            elif type_ == "texts":
                yield f'["{name}"]', name, f"{{{name}_json}}"
            elif type_ == "number":
                yield str(_NUMBER), name, f"{{{name}_json}}"
            elif type_ == "time":
                yield str(_SECONDS), name, f"{{{name}_seconds}}"
            else:
                yield _COLUMNS_JSON, name, f"{{{name}_json}}"

    def _in_content(self) -> Iterator[tuple[str, str, str]]:
        """Yield the same of what an event ID is derived from, where unset fields are null."""
        for marker, name, found in self._in_element():
            type_ = self._types[name]
            if type_ == "text" and self._is_optional(name):
                yield marker, name, f"{{quoted({name})}}"
            elif type_ == "columns" and self._expected is not None:
                yield marker, name, f"{{canonical(shape, {name})}}"
            else:
                yield marker, name, found
            if type_ == "time":
                yield str(_NANOS), name, f"{{{name}_nanos}}"

    def _is_optional(self, name: str) -> bool:
        type_ = self._types[name]
        return type_ in {"texts", "columns"} or (
            type_ != "time" and self._fields[name].has_presence
        )

    def _encoded(self, names: Iterable[str]) -> Record:
        event_id = "event_id" if "event_id" in self._types else ""
        return encode(self._kind, self._message(names), event_id)

    def _message(self, names: Iterable[str]) -> RecordMessage:
        values: dict[str, Any] = {
            "number": _NUMBER,
            "time": {"seconds": _SECONDS, "nanos": _NANOS},
            "columns": _COLUMNS,
        }
        samples: dict[str, Any] = {name: values.get(self._types[name], name) for name in names}
        samples |= {name: [name] for name in samples if self._types[name] == "texts"}
        return MESSAGE_TYPES[self._kind](**samples)


def _types(descriptor: Descriptor) -> Iterator[tuple[str, str]]:
    """Yield the name of each field and what it holds."""
    check_message(descriptor)
    for field in descriptor.fields:
        yield field.name, _type(field)


def _type(field: FieldDescriptor) -> str:
    held = field.message_type.full_name if field.message_type else field.cpp_type
    if held == FieldDescriptor.CPPTYPE_STRING:
        return "texts" if field.is_repeated else "text"
    if held == FieldDescriptor.CPPTYPE_DOUBLE and field.has_presence:
        return "number"
    if held == "google.protobuf.Timestamp" and not field.is_repeated:
        return "time"
    if held == "google.protobuf.Struct" and is_ignored(field):
        return "columns"
    raise AnnotationUnknown(f"{field.full_name} is of a type that is not understood")


def _template(text: str, spellings: Iterable[tuple[str, str, str]]) -> str:
    """Return the inside of an f-string that has variables where the sample's values were."""
    template = _braced(text)
    for marker, _, found in spellings:
        template = template.replace(_braced(marker), found)
    return template


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
