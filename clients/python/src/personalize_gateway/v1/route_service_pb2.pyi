from personalize_gateway.v1 import dataset_group_pb2 as _dataset_group_pb2
from personalize_gateway.v1 import record_kind_pb2 as _record_kind_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Route(_message.Message):
    __slots__ = ("name", "dataset_group", "kinds", "mirror_to", "limit")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    MIRROR_TO_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    name: str
    dataset_group: str
    kinds: _containers.RepeatedScalarFieldContainer[_record_kind_pb2.RecordKind]
    mirror_to: _containers.RepeatedScalarFieldContainer[str]
    limit: RouteLimit
    def __init__(self, name: _Optional[str] = ..., dataset_group: _Optional[str] = ..., kinds: _Optional[_Iterable[_Union[_record_kind_pb2.RecordKind, str]]] = ..., mirror_to: _Optional[_Iterable[str]] = ..., limit: _Optional[_Union[RouteLimit, _Mapping]] = ...) -> None: ...

class RouteLimit(_message.Message):
    __slots__ = ("records_per_s", "in_flight_bytes")
    RECORDS_PER_S_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_BYTES_FIELD_NUMBER: _ClassVar[int]
    records_per_s: float
    in_flight_bytes: int
    def __init__(self, records_per_s: _Optional[float] = ..., in_flight_bytes: _Optional[int] = ...) -> None: ...

class ListRoutesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListRoutesResponse(_message.Message):
    __slots__ = ("caller", "routes")
    CALLER_FIELD_NUMBER: _ClassVar[int]
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    caller: str
    routes: _containers.RepeatedCompositeFieldContainer[Route]
    def __init__(self, caller: _Optional[str] = ..., routes: _Optional[_Iterable[_Union[Route, _Mapping]]] = ...) -> None: ...

class DescribeDatasetGroupRequest(_message.Message):
    __slots__ = ("dataset_group",)
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    def __init__(self, dataset_group: _Optional[str] = ...) -> None: ...

class DescribeDatasetGroupResponse(_message.Message):
    __slots__ = ("dataset_group",)
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    dataset_group: _dataset_group_pb2.DatasetGroup
    def __init__(self, dataset_group: _Optional[_Union[_dataset_group_pb2.DatasetGroup, _Mapping]] = ...) -> None: ...
