from personalize_gateway.v1 import acknowledgement_pb2 as _acknowledgement_pb2
from personalize_gateway.v1 import action_pb2 as _action_pb2
from personalize_gateway.v1 import action_interaction_pb2 as _action_interaction_pb2
from personalize_gateway.v1 import error_reason_pb2 as _error_reason_pb2
from personalize_gateway.v1 import event_pb2 as _event_pb2
from personalize_gateway.v1 import item_pb2 as _item_pb2
from personalize_gateway.v1 import user_pb2 as _user_pb2
from personalize_gateway.v1 import violation_pb2 as _violation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IngestRecord(_message.Message):
    __slots__ = ("event", "action_interaction", "item", "user", "action")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ACTION_INTERACTION_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    event: _event_pb2.Event
    action_interaction: _action_interaction_pb2.ActionInteraction
    item: _item_pb2.Item
    user: _user_pb2.User
    action: _action_pb2.Action
    def __init__(self, event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ..., action_interaction: _Optional[_Union[_action_interaction_pb2.ActionInteraction, _Mapping]] = ..., item: _Optional[_Union[_item_pb2.Item, _Mapping]] = ..., user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., action: _Optional[_Union[_action_pb2.Action, _Mapping]] = ...) -> None: ...

class IngestRequest(_message.Message):
    __slots__ = ("sequence", "dataset_group", "records")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    dataset_group: str
    records: _containers.RepeatedCompositeFieldContainer[IngestRecord]
    def __init__(self, sequence: _Optional[int] = ..., dataset_group: _Optional[str] = ..., records: _Optional[_Iterable[_Union[IngestRecord, _Mapping]]] = ...) -> None: ...

class IngestResponse(_message.Message):
    __slots__ = ("acknowledged_sequence", "refusals")
    ACKNOWLEDGED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    acknowledged_sequence: int
    refusals: _containers.RepeatedCompositeFieldContainer[Refusal]
    def __init__(self, acknowledged_sequence: _Optional[int] = ..., refusals: _Optional[_Iterable[_Union[Refusal, _Mapping]]] = ...) -> None: ...

class IngestBatchRequest(_message.Message):
    __slots__ = ("dataset_group", "records", "ack_level")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    records: _containers.RepeatedCompositeFieldContainer[IngestRecord]
    ack_level: _acknowledgement_pb2.AckLevel
    def __init__(self, dataset_group: _Optional[str] = ..., records: _Optional[_Iterable[_Union[IngestRecord, _Mapping]]] = ..., ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ...) -> None: ...

class IngestBatchResponse(_message.Message):
    __slots__ = ("ack_level", "event_ids", "outcomes", "refusals")
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    EVENT_IDS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    ack_level: _acknowledgement_pb2.AckLevel
    event_ids: _containers.RepeatedScalarFieldContainer[str]
    outcomes: _containers.RepeatedCompositeFieldContainer[_acknowledgement_pb2.Outcome]
    refusals: _containers.RepeatedCompositeFieldContainer[Refusal]
    def __init__(self, ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ..., event_ids: _Optional[_Iterable[str]] = ..., outcomes: _Optional[_Iterable[_Union[_acknowledgement_pb2.Outcome, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[Refusal, _Mapping]]] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("sequence", "record_index", "reason", "message", "violations")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RECORD_INDEX_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    record_index: int
    reason: _error_reason_pb2.ErrorReason
    message: str
    violations: _containers.RepeatedCompositeFieldContainer[_violation_pb2.Violation]
    def __init__(self, sequence: _Optional[int] = ..., record_index: _Optional[int] = ..., reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ..., violations: _Optional[_Iterable[_Union[_violation_pb2.Violation, _Mapping]]] = ...) -> None: ...
