from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AckLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACK_LEVEL_UNSPECIFIED: _ClassVar[AckLevel]
    ACK_LEVEL_DURABLE: _ClassVar[AckLevel]
    ACK_LEVEL_DELIVERED: _ClassVar[AckLevel]

class OutcomeState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_STATE_UNSPECIFIED: _ClassVar[OutcomeState]
    OUTCOME_STATE_PENDING: _ClassVar[OutcomeState]
    OUTCOME_STATE_DELIVERED: _ClassVar[OutcomeState]
    OUTCOME_STATE_SUPERSEDED: _ClassVar[OutcomeState]
    OUTCOME_STATE_DEAD_LETTERED: _ClassVar[OutcomeState]
    OUTCOME_STATE_DISCARDED: _ClassVar[OutcomeState]
ACK_LEVEL_UNSPECIFIED: AckLevel
ACK_LEVEL_DURABLE: AckLevel
ACK_LEVEL_DELIVERED: AckLevel
OUTCOME_STATE_UNSPECIFIED: OutcomeState
OUTCOME_STATE_PENDING: OutcomeState
OUTCOME_STATE_DELIVERED: OutcomeState
OUTCOME_STATE_SUPERSEDED: OutcomeState
OUTCOME_STATE_DEAD_LETTERED: OutcomeState
OUTCOME_STATE_DISCARDED: OutcomeState

class Outcome(_message.Message):
    __slots__ = ("state", "dead_letter_id", "reason")
    STATE_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    state: OutcomeState
    dead_letter_id: str
    reason: str
    def __init__(self, state: _Optional[_Union[OutcomeState, str]] = ..., dead_letter_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
