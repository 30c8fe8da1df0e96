from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class LifecycleStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LIFECYCLE_STATUS_UNSPECIFIED: _ClassVar[LifecycleStatus]
    LIFECYCLE_STATUS_CREATE_PENDING: _ClassVar[LifecycleStatus]
    LIFECYCLE_STATUS_CREATE_IN_PROGRESS: _ClassVar[LifecycleStatus]
    LIFECYCLE_STATUS_ACTIVE: _ClassVar[LifecycleStatus]
    LIFECYCLE_STATUS_CREATE_FAILED: _ClassVar[LifecycleStatus]
    LIFECYCLE_STATUS_DELETE_PENDING: _ClassVar[LifecycleStatus]
    LIFECYCLE_STATUS_DELETE_IN_PROGRESS: _ClassVar[LifecycleStatus]
    LIFECYCLE_STATUS_DELETED: _ClassVar[LifecycleStatus]
LIFECYCLE_STATUS_UNSPECIFIED: LifecycleStatus
LIFECYCLE_STATUS_CREATE_PENDING: LifecycleStatus
LIFECYCLE_STATUS_CREATE_IN_PROGRESS: LifecycleStatus
LIFECYCLE_STATUS_ACTIVE: LifecycleStatus
LIFECYCLE_STATUS_CREATE_FAILED: LifecycleStatus
LIFECYCLE_STATUS_DELETE_PENDING: LifecycleStatus
LIFECYCLE_STATUS_DELETE_IN_PROGRESS: LifecycleStatus
LIFECYCLE_STATUS_DELETED: LifecycleStatus
