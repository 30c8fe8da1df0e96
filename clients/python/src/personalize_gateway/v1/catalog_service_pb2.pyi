from personalize_gateway.v1 import acknowledgement_pb2 as _acknowledgement_pb2
from personalize_gateway.v1 import action_pb2 as _action_pb2
from personalize_gateway.v1 import item_pb2 as _item_pb2
from personalize_gateway.v1 import user_pb2 as _user_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PutItemsRequest(_message.Message):
    __slots__ = ("dataset_group", "items", "ack_level")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    items: _containers.RepeatedCompositeFieldContainer[_item_pb2.Item]
    ack_level: _acknowledgement_pb2.AckLevel
    def __init__(self, dataset_group: _Optional[str] = ..., items: _Optional[_Iterable[_Union[_item_pb2.Item, _Mapping]]] = ..., ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ...) -> None: ...

class PutItemsResponse(_message.Message):
    __slots__ = ("ack_level", "outcomes")
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    ack_level: _acknowledgement_pb2.AckLevel
    outcomes: _containers.RepeatedCompositeFieldContainer[_acknowledgement_pb2.Outcome]
    def __init__(self, ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ..., outcomes: _Optional[_Iterable[_Union[_acknowledgement_pb2.Outcome, _Mapping]]] = ...) -> None: ...

class PutUsersRequest(_message.Message):
    __slots__ = ("dataset_group", "users", "ack_level")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    users: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
    ack_level: _acknowledgement_pb2.AckLevel
    def __init__(self, dataset_group: _Optional[str] = ..., users: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ..., ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ...) -> None: ...

class PutUsersResponse(_message.Message):
    __slots__ = ("ack_level", "outcomes")
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    ack_level: _acknowledgement_pb2.AckLevel
    outcomes: _containers.RepeatedCompositeFieldContainer[_acknowledgement_pb2.Outcome]
    def __init__(self, ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ..., outcomes: _Optional[_Iterable[_Union[_acknowledgement_pb2.Outcome, _Mapping]]] = ...) -> None: ...

class PutActionsRequest(_message.Message):
    __slots__ = ("dataset_group", "actions", "ack_level")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    actions: _containers.RepeatedCompositeFieldContainer[_action_pb2.Action]
    ack_level: _acknowledgement_pb2.AckLevel
    def __init__(self, dataset_group: _Optional[str] = ..., actions: _Optional[_Iterable[_Union[_action_pb2.Action, _Mapping]]] = ..., ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ...) -> None: ...

class PutActionsResponse(_message.Message):
    __slots__ = ("ack_level", "outcomes")
    ACK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    ack_level: _acknowledgement_pb2.AckLevel
    outcomes: _containers.RepeatedCompositeFieldContainer[_acknowledgement_pb2.Outcome]
    def __init__(self, ack_level: _Optional[_Union[_acknowledgement_pb2.AckLevel, str]] = ..., outcomes: _Optional[_Iterable[_Union[_acknowledgement_pb2.Outcome, _Mapping]]] = ...) -> None: ...
