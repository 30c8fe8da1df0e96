from personalize_gateway.v1 import acknowledgement_pb2 as _acknowledgement_pb2
from personalize_gateway.v1 import action_interaction_pb2 as _action_interaction_pb2
from personalize_gateway.v1 import event_pb2 as _event_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PutEventsRequest(_message.Message):
    __slots__ = ("dataset_group", "events", "ack_level")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    ack_level: _acknowledgement_pb2.AckLevel
    def __init__(self, dataset_group: _Optional[str] = ..., events: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ..., ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ...) -> None: ...

class PutEventsResponse(_message.Message):
    __slots__ = ("ack_level", "event_ids", "outcomes")
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    EVENT_IDS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    ack_level: _acknowledgement_pb2.AckLevel
    event_ids: _containers.RepeatedScalarFieldContainer[str]
    outcomes: _containers.RepeatedCompositeFieldContainer[_acknowledgement_pb2.Outcome]
    def __init__(self, ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ..., event_ids: _Optional[_Iterable[str]] = ..., outcomes: _Optional[_Iterable[_Union[_acknowledgement_pb2.Outcome, _Mapping]]] = ...) -> None: ...

class PutActionInteractionsRequest(_message.Message):
    __slots__ = ("dataset_group", "action_interactions", "ack_level")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    ACTION_INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    action_interactions: _containers.RepeatedCompositeFieldContainer[_action_interaction_pb2.ActionInteraction]
    ack_level: _acknowledgement_pb2.AckLevel
    def __init__(self, dataset_group: _Optional[str] = ..., action_interactions: _Optional[_Iterable[_Union[_action_interaction_pb2.ActionInteraction, _Mapping]]] = ..., ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ...) -> None: ...

class PutActionInteractionsResponse(_message.Message):
    __slots__ = ("ack_level", "event_ids", "outcomes")
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    EVENT_IDS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    ack_level: _acknowledgement_pb2.AckLevel
    event_ids: _containers.RepeatedScalarFieldContainer[str]
    outcomes: _containers.RepeatedCompositeFieldContainer[_acknowledgement_pb2.Outcome]
    def __init__(self, ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ..., event_ids: _Optional[_Iterable[str]] = ..., outcomes: _Optional[_Iterable[_Union[_acknowledgement_pb2.Outcome, _Mapping]]] = ...) -> None: ...
