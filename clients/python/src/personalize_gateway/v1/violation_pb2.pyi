from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Rule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RULE_UNSPECIFIED: _ClassVar[Rule]
    RULE_REQUIRED: _ClassVar[Rule]
    RULE_MIN_LENGTH: _ClassVar[Rule]
    RULE_MAX_LENGTH: _ClassVar[Rule]
    RULE_PATTERN: _ClassVar[Rule]
    RULE_MIN_ITEMS: _ClassVar[Rule]
    RULE_MAX_ITEMS: _ClassVar[Rule]
    RULE_RANGE: _ClassVar[Rule]
    RULE_FINITE: _ClassVar[Rule]
    RULE_ENUM: _ClassVar[Rule]
    RULE_UNIQUE: _ClassVar[Rule]
    RULE_PLACEHOLDER_ID: _ClassVar[Rule]
    RULE_CONTROL_CHARACTER: _ClassVar[Rule]
    RULE_TIMESTAMP: _ClassVar[Rule]
    RULE_MILLISECONDS: _ClassVar[Rule]
    RULE_RESERVED_PROPERTY: _ClassVar[Rule]
    RULE_PROPERTY_KEY: _ClassVar[Rule]
    RULE_NULL_PROPERTY: _ClassVar[Rule]
    RULE_NESTED_PROPERTY: _ClassVar[Rule]
    RULE_CATEGORY: _ClassVar[Rule]
    RULE_PRECISION: _ClassVar[Rule]
    RULE_PROPERTIES_LENGTH: _ClassVar[Rule]
    RULE_RECORD_SIZE: _ClassVar[Rule]
    RULE_LONE_SURROGATE: _ClassVar[Rule]
    RULE_KIND: _ClassVar[Rule]
    RULE_DUPLICATE_PROPERTY: _ClassVar[Rule]
    RULE_UNKNOWN_FIELD: _ClassVar[Rule]
    RULE_JSON: _ClassVar[Rule]
    RULE_UNKNOWN_PROPERTY: _ClassVar[Rule]
    RULE_MISSING_PROPERTY: _ClassVar[Rule]
    RULE_PROPERTY_TYPE: _ClassVar[Rule]
    RULE_PROPERTY_RANGE: _ClassVar[Rule]
    RULE_CATEGORY_LENGTH: _ClassVar[Rule]
    RULE_EVENT_TYPES: _ClassVar[Rule]
    RULE_ATTRIBUTION_SOURCES: _ClassVar[Rule]
    RULE_IGNORED_IMPRESSION: _ClassVar[Rule]
    RULE_METADATA_COLUMNS: _ClassVar[Rule]
    RULE_TRACKER_NOT_ACTIVE: _ClassVar[Rule]
RULE_UNSPECIFIED: Rule
RULE_REQUIRED: Rule
RULE_MIN_LENGTH: Rule
RULE_MAX_LENGTH: Rule
RULE_PATTERN: Rule
RULE_MIN_ITEMS: Rule
RULE_MAX_ITEMS: Rule
RULE_RANGE: Rule
RULE_FINITE: Rule
RULE_ENUM: Rule
RULE_UNIQUE: Rule
RULE_PLACEHOLDER_ID: Rule
RULE_CONTROL_CHARACTER: Rule
RULE_TIMESTAMP: Rule
RULE_MILLISECONDS: Rule
RULE_RESERVED_PROPERTY: Rule
RULE_PROPERTY_KEY: Rule
RULE_NULL_PROPERTY: Rule
RULE_NESTED_PROPERTY: Rule
RULE_CATEGORY: Rule
RULE_PRECISION: Rule
RULE_PROPERTIES_LENGTH: Rule
RULE_RECORD_SIZE: Rule
RULE_LONE_SURROGATE: Rule
RULE_KIND: Rule
RULE_DUPLICATE_PROPERTY: Rule
RULE_UNKNOWN_FIELD: Rule
RULE_JSON: Rule
RULE_UNKNOWN_PROPERTY: Rule
RULE_MISSING_PROPERTY: Rule
RULE_PROPERTY_TYPE: Rule
RULE_PROPERTY_RANGE: Rule
RULE_CATEGORY_LENGTH: Rule
RULE_EVENT_TYPES: Rule
RULE_ATTRIBUTION_SOURCES: Rule
RULE_IGNORED_IMPRESSION: Rule
RULE_METADATA_COLUMNS: Rule
RULE_TRACKER_NOT_ACTIVE: Rule

class Violation(_message.Message):
    __slots__ = ("field", "rule", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    rule: Rule
    description: str
    def __init__(self, field: _Optional[str] = ..., rule: _Optional[_Union[Rule, str]] = ..., description: _Optional[str] = ...) -> None: ...
