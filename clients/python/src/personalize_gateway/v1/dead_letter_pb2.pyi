from google.protobuf import timestamp_pb2 as _timestamp_pb2
from personalize_gateway.v1 import ingest_service_pb2 as _ingest_service_pb2
from personalize_gateway.v1 import record_kind_pb2 as _record_kind_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeadLetterReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEAD_LETTER_REASON_UNSPECIFIED: _ClassVar[DeadLetterReason]
    DEAD_LETTER_REASON_REFUSED: _ClassVar[DeadLetterReason]
    DEAD_LETTER_REASON_EXPIRED: _ClassVar[DeadLetterReason]
    DEAD_LETTER_REASON_INTERNAL: _ClassVar[DeadLetterReason]
DEAD_LETTER_REASON_UNSPECIFIED: DeadLetterReason
DEAD_LETTER_REASON_REFUSED: DeadLetterReason
DEAD_LETTER_REASON_EXPIRED: DeadLetterReason
DEAD_LETTER_REASON_INTERNAL: DeadLetterReason

class DeadLetter(_message.Message):
    __slots__ = ("dead_letter_id", "dataset_group", "kind", "reason", "aws_code", "aws_message", "attempts", "accept_time", "dead_letter_time", "caller", "route", "superseded", "record")
    DEAD_LETTER_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AWS_CODE_FIELD_NUMBER: _ClassVar[int]
    AWS_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTER_TIME_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDED_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    dead_letter_id: str
    dataset_group: str
    kind: _record_kind_pb2.RecordKind
    reason: DeadLetterReason
    aws_code: str
    aws_message: str
    attempts: int
    accept_time: _timestamp_pb2.Timestamp
    dead_letter_time: _timestamp_pb2.Timestamp
    caller: str
    route: str
    superseded: bool
    record: _ingest_service_pb2.IngestRecord
    def __init__(self, dead_letter_id: _Optional[str] = ..., dataset_group: _Optional[str] = ..., kind: _Optional[_Union[_record_kind_pb2.RecordKind, str]] = ..., reason: _Optional[_Union[DeadLetterReason, str]] = ..., aws_code: _Optional[str] = ..., aws_message: _Optional[str] = ..., attempts: _Optional[int] = ..., accept_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., dead_letter_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., caller: _Optional[str] = ..., route: _Optional[str] = ..., superseded: bool = ..., record: _Optional[_Union[_ingest_service_pb2.IngestRecord, _Mapping]] = ...) -> None: ...
