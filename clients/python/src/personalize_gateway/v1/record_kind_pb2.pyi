from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class RecordKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORD_KIND_UNSPECIFIED: _ClassVar[RecordKind]
    RECORD_KIND_EVENTS: _ClassVar[RecordKind]
    RECORD_KIND_ACTION_INTERACTIONS: _ClassVar[RecordKind]
    RECORD_KIND_ITEMS: _ClassVar[RecordKind]
    RECORD_KIND_USERS: _ClassVar[RecordKind]
    RECORD_KIND_ACTIONS: _ClassVar[RecordKind]
RECORD_KIND_UNSPECIFIED: RecordKind
RECORD_KIND_EVENTS: RecordKind
RECORD_KIND_ACTION_INTERACTIONS: RecordKind
RECORD_KIND_ITEMS: RecordKind
RECORD_KIND_USERS: RecordKind
RECORD_KIND_ACTIONS: RecordKind
