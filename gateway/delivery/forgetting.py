"""Which records name a user."""

import json

from gateway.records import Kind, Record

KINDS = (Kind.EVENTS, Kind.ACTION_INTERACTIONS, Kind.USERS)
"""The kinds whose records may name one."""


def names_user(kind: Kind, record: Record, user_id: str) -> bool:
    """Return whether a record names a user: its events, its action interactions, itself.

    Events of the same session from before the user was known name nobody.
    """
    if kind is Kind.EVENTS:
        return record.user_id == user_id
    if kind is Kind.USERS:
        return record.record_id == user_id
    return kind is Kind.ACTION_INTERACTIONS and json.loads(record.element).get("userId") == user_id
