"""JSON text as the gateway writes it: no spaces, and characters beyond ASCII as they are."""

import json

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
)

json_text = _ENCODER.encode
"""Return a value as JSON. Raises ValueError for NaN and infinity, which JSON does not have."""
