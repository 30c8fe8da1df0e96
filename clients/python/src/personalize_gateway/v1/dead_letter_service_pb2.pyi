from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from personalize_gateway.v1 import dead_letter_pb2 as _dead_letter_pb2
from personalize_gateway.v1 import record_kind_pb2 as _record_kind_pb2
from personalize_gateway.v1 import violation_pb2 as _violation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeadLetterFilter(_message.Message):
    __slots__ = ("dataset_group", "kind", "reason", "since", "until", "dead_letter_ids")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTER_IDS_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    kind: _record_kind_pb2.RecordKind
    reason: _dead_letter_pb2.DeadLetterReason
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    dead_letter_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, dataset_group: _Optional[str] = ..., kind: _Optional[_Union[_record_kind_pb2.RecordKind, str]] = ..., reason: _Optional[_Union[_dead_letter_pb2.DeadLetterReason, str]] = ..., since: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., dead_letter_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ListDeadLettersRequest(_message.Message):
    __slots__ = ("filter", "page_size", "page_token")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    filter: DeadLetterFilter
    page_size: int
    page_token: str
    def __init__(self, filter: _Optional[_Union[DeadLetterFilter, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDeadLettersResponse(_message.Message):
    __slots__ = ("dead_letters", "next_page_token")
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dead_letters: _containers.RepeatedCompositeFieldContainer[_dead_letter_pb2.DeadLetter]
    next_page_token: str
    def __init__(self, dead_letters: _Optional[_Iterable[_Union[_dead_letter_pb2.DeadLetter, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReplayDeadLettersRequest(_message.Message):
    __slots__ = ("filter", "patch", "force")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    PATCH_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    filter: DeadLetterFilter
    patch: _struct_pb2.Struct
    force: bool
    def __init__(self, filter: _Optional[_Union[DeadLetterFilter, _Mapping]] = ..., patch: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., force: bool = ...) -> None: ...

class ReplayDeadLettersResponse(_message.Message):
    __slots__ = ("replayed", "superseded", "refusals", "refused", "incomplete")
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDED_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    replayed: int
    superseded: int
    refusals: _containers.RepeatedCompositeFieldContainer[ReplayRefusal]
    refused: int
    incomplete: bool
    def __init__(self, replayed: _Optional[int] = ..., superseded: _Optional[int] = ..., refusals: _Optional[_Iterable[_Union[ReplayRefusal, _Mapping]]] = ..., refused: _Optional[int] = ..., incomplete: bool = ...) -> None: ...

class ReplayRefusal(_message.Message):
    __slots__ = ("dead_letter_id", "violations")
    DEAD_LETTER_ID_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    dead_letter_id: str
    violations: _containers.RepeatedCompositeFieldContainer[_violation_pb2.Violation]
    def __init__(self, dead_letter_id: _Optional[str] = ..., violations: _Optional[_Iterable[_Union[_violation_pb2.Violation, _Mapping]]] = ...) -> None: ...

class DeleteDeadLettersRequest(_message.Message):
    __slots__ = ("filter",)
    FILTER_FIELD_NUMBER: _ClassVar[int]
    filter: DeadLetterFilter
    def __init__(self, filter: _Optional[_Union[DeadLetterFilter, _Mapping]] = ...) -> None: ...

class DeleteDeadLettersResponse(_message.Message):
    __slots__ = ("deleted", "incomplete")
    DELETED_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    deleted: int
    incomplete: bool
    def __init__(self, deleted: _Optional[int] = ..., incomplete: bool = ...) -> None: ...
