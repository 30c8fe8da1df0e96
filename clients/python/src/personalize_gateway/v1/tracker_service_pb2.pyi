from personalize_gateway.v1 import event_tracker_pb2 as _event_tracker_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateEventTrackerRequest(_message.Message):
    __slots__ = ("dataset_group", "name", "tags")
    class TagsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    name: str
    tags: _containers.ScalarMap[str, str]
    def __init__(self, dataset_group: _Optional[str] = ..., name: _Optional[str] = ..., tags: _Optional[_Mapping[str, str]] = ...) -> None: ...

class CreateEventTrackerResponse(_message.Message):
    __slots__ = ("event_tracker",)
    EVENT_TRACKER_FIELD_NUMBER: _ClassVar[int]
    event_tracker: _event_tracker_pb2.EventTracker
    def __init__(self, event_tracker: _Optional[_Union[_event_tracker_pb2.EventTracker, _Mapping]] = ...) -> None: ...

class DescribeEventTrackerRequest(_message.Message):
    __slots__ = ("dataset_group", "name")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    name: str
    def __init__(self, dataset_group: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class DescribeEventTrackerResponse(_message.Message):
    __slots__ = ("event_tracker",)
    EVENT_TRACKER_FIELD_NUMBER: _ClassVar[int]
    event_tracker: _event_tracker_pb2.EventTracker
    def __init__(self, event_tracker: _Optional[_Union[_event_tracker_pb2.EventTracker, _Mapping]] = ...) -> None: ...

class ListEventTrackersRequest(_message.Message):
    __slots__ = ("dataset_group", "page_size", "page_token")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    page_size: int
    page_token: str
    def __init__(self, dataset_group: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEventTrackersResponse(_message.Message):
    __slots__ = ("event_trackers", "next_page_token")
    EVENT_TRACKERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    event_trackers: _containers.RepeatedCompositeFieldContainer[_event_tracker_pb2.EventTracker]
    next_page_token: str
    def __init__(self, event_trackers: _Optional[_Iterable[_Union[_event_tracker_pb2.EventTracker, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteEventTrackerRequest(_message.Message):
    __slots__ = ("dataset_group", "name")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    name: str
    def __init__(self, dataset_group: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class DeleteEventTrackerResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchEventTrackerRequest(_message.Message):
    __slots__ = ("dataset_group", "name")
    DATASET_GROUP_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    dataset_group: str
    name: str
    def __init__(self, dataset_group: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class WatchEventTrackerResponse(_message.Message):
    __slots__ = ("event_tracker",)
    EVENT_TRACKER_FIELD_NUMBER: _ClassVar[int]
    event_tracker: _event_tracker_pb2.EventTracker
    def __init__(self, event_tracker: _Optional[_Union[_event_tracker_pb2.EventTracker, _Mapping]] = ...) -> None: ...
