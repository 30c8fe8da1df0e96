from google.protobuf import timestamp_pb2 as _timestamp_pb2
from personalize_gateway.v1 import lifecycle_status_pb2 as _lifecycle_status_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EventTracker(_message.Message):
    __slots__ = ("name", "dataset_group", "event_tracker_arn", "tracking_id", "status", "aws_status", "create_time", "update_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    EVENT_TRACKER_ARN_FIELD_NUMBER: _ClassVar[int]
    TRACKING_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    AWS_STATUS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    dataset_group: str
    event_tracker_arn: str
    tracking_id: str
    status: _lifecycle_status_pb2.LifecycleStatus
    aws_status: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., dataset_group: _Optional[str] = ..., event_tracker_arn: _Optional[str] = ..., tracking_id: _Optional[str] = ..., status: _Optional[_Union[_lifecycle_status_pb2.LifecycleStatus, str]] = ..., aws_status: _Optional[str] = ..., create_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
