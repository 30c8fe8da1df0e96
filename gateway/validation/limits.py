"""Limits that no annotation can state.

Those of botocore's model `personalize-events/2018-03-22` are held against it by a test, which also
writes `docs/constraints.md`.
"""

from collections.abc import Mapping

from gateway.records import Kind

PROPERTIES_MAX_CHARS: Mapping[Kind, int] = {
    Kind.EVENTS: 1024,
    Kind.ACTION_INTERACTIONS: 1024,
    Kind.ITEMS: 32000,
    Kind.USERS: 24000,
    Kind.ACTIONS: 32000,
}
"""Length of `properties` as JSON, in Unicode characters. Source: the model."""

PROPERTY_KEY_MAX_CHARS = 256
"""Length of a key of `properties`, in Unicode characters."""

EVENT_MAX_BYTES = 10_000
"""Size of an event as JSON, in UTF-8 bytes. Source: "10 KB" in the quotas of the developer guide.

The guide does not say whether its KB has 1000 or 1024 bytes. We take the smaller: what we let
through by mistake might be dropped by Personalize, what we refuse by mistake is at least said.
"""

CATEGORY_MAX_CHARS = 1000
"""Length of the categories of one column, or of the IDs of an impression, joined by `|`.

Source: the quotas of the developer guide.
"""

METADATA_MAX_COLUMNS = 5
"""Columns of an Interactions dataset that are the user's own. Source: likewise."""

EVENT_TYPES_MAX_COUNT = 10
"""Event types and metadata columns together of an Interactions dataset. Source: likewise."""

ATTRIBUTION_SOURCES_MAX_COUNT = 100
"""Event attribution sources of a dataset group. Source: likewise."""

PROPERTIES_MAX_FAULTS = 100
"""After so many faults the rest of a record's `properties` is not judged: it bounds the answer."""
