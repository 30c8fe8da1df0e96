"""Event IDs for events and action interactions whose caller gave none.

The ID follows from the content alone, so a retry by the client, or by a proxy that the client knows
nothing of, is the same event to Personalize, and no process has to remember it.
"""

from functools import lru_cache
from hashlib import blake2b

from gateway.api import ActionInteraction, Event
from gateway.encoding.element import RecordMessage
from gateway.encoding.json_text import json_text
from gateway.encoding.properties import properties_json

_DIGEST_BYTES = 16
_DOMAIN = b"event-id/1"


def derived_event_id(caller: str, dataset_group: str, message: Event | ActionInteraction) -> str:
    """Return the ID of a valid event or action interaction: 32 hexadecimal digits.

    The same caller, dataset group and content give the same ID, in every process and release; where
    one of them differs, so does the ID. Content is what Personalize gets, and beyond it the
    fraction of a second of `event_time`. So `event_id` itself is no part of it, properties without
    keys are as good as none, and a list of categories is as good as its entries joined by `|`. Two
    events that agree in everything are one: Personalize keeps one of them as well.

    The hash is over a JSON array: it says where each part ends, and tells an unset part (null) from
    a string. It is not over protobuf's own bytes, because protobuf promises no order of a Struct's
    keys, and `deterministic=True` promises none across its releases.

    Args:
        caller: the identity of the service that sent it.
        dataset_group: the short name of the dataset group that it is for, not of a mirror.
        message: the event or action interaction.
    """
    return EventIds(caller, dataset_group).derived(json_text(event_content(message)))


def event_content(message: Event | ActionInteraction) -> list[object]:
    """Return what an ID is derived from, beside the caller and the dataset group."""
    return _event(message) if isinstance(message, Event) else _action_interaction(message)


class EventIds:
    """Derives the IDs of events of one caller for one dataset group.

    Args:
        caller: as of `derived_event_id`.
        dataset_group: likewise.
    """

    def __init__(self, caller: str, dataset_group: str) -> None:
        self._scope = _scope(caller, dataset_group)

    def of(self, message: RecordMessage) -> str:
        """Return the ID by which a record goes as an event; empty for one that is none.

        It does not hang on any schema: a retry after a schema has changed is the same event.
        """
        if not isinstance(message, Event | ActionInteraction):
            return ""
        return message.event_id or self.derived(json_text(event_content(message)))

    def derived(self, content_json: str) -> str:
        """Return the ID of an event, from the JSON of its `event_content`."""
        digest = self._scope.copy()
        digest.update(content_json.removeprefix("[").encode())
        return digest.hexdigest()


@lru_cache(maxsize=1024)
def _scope(caller: str, dataset_group: str) -> blake2b:
    """Return the hash of what all IDs are derived from alike. It is remembered: copy it."""
    scope = json_text([caller, dataset_group]).removesuffix("]") + ","
    return blake2b(scope.encode(), digest_size=_DIGEST_BYTES, person=_DOMAIN)


def _event(event: Event) -> list[object]:
    return [
        "event",
        event.session_id,
        event.user_id if event.HasField("user_id") else None,
        event.event_type,
        event.event_time.seconds,
        event.event_time.nanos,
        event.item_id if event.HasField("item_id") else None,
        event.event_value if event.HasField("event_value") else None,
        event.recommendation_id if event.HasField("recommendation_id") else None,
        list(event.impression),
        event.event_attribution_source if event.HasField("event_attribution_source") else None,
        properties_json(event.properties),
    ]


def _action_interaction(interaction: ActionInteraction) -> list[object]:
    recommended = interaction.HasField("recommendation_id")
    return [
        "action_interaction",
        interaction.session_id,
        interaction.user_id if interaction.HasField("user_id") else None,
        interaction.event_type,
        interaction.event_time.seconds,
        interaction.event_time.nanos,
        interaction.action_id,
        interaction.recommendation_id if recommended else None,
        list(interaction.impression),
        properties_json(interaction.properties),
    ]
