"""Where bytes stop being a message of a type.

Protobuf's parser says no more than that they are none. This walk is for the error message alone:
it is taken only after a parse has failed.
"""

from collections import Counter

from google.protobuf.descriptor import Descriptor, FieldDescriptor

_MAX_DEPTH = 100  # Protobuf's own limit.
_MAX_VARINT_BYTES = 10

NOT_UTF8 = "it is not valid UTF-8"
ENDS_EARLY = "the bytes end in the middle of it"
NO_WIRE_FORMAT = "the bytes are not in protobuf's wire format"
TOO_DEEP = f"it is nested more than {_MAX_DEPTH} deep"


class _Fault(Exception):
    def __init__(self, problem: str, *path: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path


def locate(descriptor: Descriptor, data: bytes) -> tuple[str, str]:
    """Return the path of the field at which the bytes stop making sense, and what is wrong there.

    The path is empty where no field can be named.
    """
    try:
        _walk(descriptor, memoryview(data), 0)
    except _Fault as fault:
        return ".".join(fault.path), fault.problem
    return "", NO_WIRE_FORMAT


def _walk(descriptor: Descriptor, data: memoryview, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise _Fault(TOO_DEEP)
    seen: Counter[int] = Counter()
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field = descriptor.fields_by_number.get(key >> 3)
        name = _name(field, seen[key >> 3])
        seen[key >> 3] += 1
        try:
            at = _value(field, key & 7, data, at, depth)
        except _Fault as fault:
            raise _Fault(fault.problem, *((name, *fault.path) if name else ())) from None


def _name(field: FieldDescriptor | None, index: int) -> str:
    if field is None:
        return ""
    return f"{field.name}[{index}]" if field.is_repeated else field.name


def _value(
    field: FieldDescriptor | None, wire_type: int, data: memoryview, at: int, depth: int
) -> int:
    """Check one value and return where it ends."""
    match wire_type:
        case 0:
            return _varint(data, at)[1]
        case 1:
            return _end(data, at, 8)
        case 2:
            length, start = _varint(data, at)
            end = _end(data, start, length)
            _contents(field, data[start:end], depth)
            return end
        case 5:
            return _end(data, at, 4)
        case _:
            raise _Fault(NO_WIRE_FORMAT)


def _contents(field: FieldDescriptor | None, value: memoryview, depth: int) -> None:
    if field is None:
        return
    if field.type == FieldDescriptor.TYPE_STRING:
        try:
            str(value, "utf-8")
        except UnicodeDecodeError:
            raise _Fault(NOT_UTF8) from None
    elif field.message_type is not None:
        _walk(field.message_type, value, depth + 1)


def _end(data: memoryview, start: int, length: int) -> int:
    if start + length > len(data):
        raise _Fault(ENDS_EARLY)
    return start + length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return the number at `at` and where it ends."""
    number = 0
    for index, byte in enumerate(data[at : at + _MAX_VARINT_BYTES]):
        number |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return number, at + index + 1
    raise _Fault(ENDS_EARLY if len(data) - at < _MAX_VARINT_BYTES else NO_WIRE_FORMAT)
