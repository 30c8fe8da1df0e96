from google.protobuf import timestamp_pb2 as _timestamp_pb2
from personalize_gateway.v1 import event_tracker_pb2 as _event_tracker_pb2
from personalize_gateway.v1 import lifecycle_status_pb2 as _lifecycle_status_pb2
from personalize_gateway.v1 import record_kind_pb2 as _record_kind_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DatasetGroup(_message.Message):
    __slots__ = ("name", "dataset_group_arn", "event_tracker", "datasets", "refresh_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATASET_GROUP_ARN_FIELD_NUMBER: _ClassVar[int]
    EVENT_TRACKER_FIELD_NUMBER: _ClassVar[int]
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    dataset_group_arn: str
    event_tracker: _event_tracker_pb2.EventTracker
    datasets: _containers.RepeatedCompositeFieldContainer[Dataset]
    refresh_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., dataset_group_arn: _Optional[str] = ..., event_tracker: _Optional[_Union[_event_tracker_pb2.EventTracker, _Mapping]] = ..., datasets: _Optional[_Iterable[_Union[Dataset, _Mapping]]] = ..., refresh_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Dataset(_message.Message):
    __slots__ = ("kind", "dataset_arn", "schema_arn", "schema", "tracking_id", "status", "aws_status")
    KIND_FIELD_NUMBER: _ClassVar[int]
    DATASET_ARN_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_ARN_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    TRACKING_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    AWS_STATUS_FIELD_NUMBER: _ClassVar[int]
    kind: _record_kind_pb2.RecordKind
    dataset_arn: str
    schema_arn: str
    schema: str
    tracking_id: str
    status: _lifecycle_status_pb2.LifecycleStatus
    aws_status: str
    def __init__(self, kind: _Optional[_Union[_record_kind_pb2.RecordKind, str]] = ..., dataset_arn: _Optional[str] = ..., schema_arn: _Optional[str] = ..., schema: _Optional[str] = ..., tracking_id: _Optional[str] = ..., status: _Optional[_Union[_lifecycle_status_pb2.LifecycleStatus, str]] = ..., aws_status: _Optional[str] = ...) -> None: ...
