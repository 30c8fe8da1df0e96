"""The SQL of dead letters, by name; their table is in `queries.DELIVERY_SCHEMA`."""

KEEP_DEAD_LETTER = """
INSERT INTO dead_letter (
    dead_letter_id, dataset_group, kind, record_id, reason, code, detail, attempts, boot, stamp_ns,
    writer, row, record, accepted_at_ms, dead_at_ms, superseded, size_bytes, blob
) VALUES (
    :dead_letter_id, :dataset_group, :kind, :record_id, :reason, :code, :detail, :attempts, :boot,
    :stamp_ns, :writer, :row, :record, :accepted_at_ms, :dead_at_ms, FALSE, :size_bytes, :blob
)
"""

_CHOSEN = """
    NOT replayed
    AND (:dataset_group IS NULL OR dataset_group = :dataset_group)
    AND (:kind IS NULL OR kind = :kind)
    AND (:reason IS NULL OR reason = :reason)
    AND (:since_ms IS NULL OR dead_at_ms >= :since_ms)
    AND (:until_ms IS NULL OR dead_at_ms < :until_ms)
"""

# An own condition, not `:ids IS NULL OR …`, with which SQLite would not look IDs up in the index.
_NAMED = f"""
    dead_letter_id IN (SELECT value FROM json_each(:ids)) AND {_CHOSEN}
"""  # noqa: S608 - the condition stands above; values are parameters

# By key, not by offset: a page costs what it holds, and what comes or goes between two pages shifts
# nothing.
_FIND = """
SELECT sequence, dead_letter_id, reason, code, detail, attempts, accepted_at_ms, dead_at_ms,
    superseded, blob
FROM dead_letter WHERE sequence > :after AND {} ORDER BY sequence LIMIT :limit
"""
FIND_DEAD_LETTERS = _FIND.format(_CHOSEN)
FIND_NAMED_DEAD_LETTERS = _FIND.format(_NAMED)

_COUNT = "SELECT count(*), coalesce(sum(size_bytes), 0) FROM dead_letter WHERE {}"
COUNT_DEAD_LETTERS = _COUNT.format(_CHOSEN)
COUNT_NAMED_DEAD_LETTERS = _COUNT.format(_NAMED)

# What goes is returned, so that it need not be counted anew what is left.
DELETE_DEAD_LETTERS = """
DELETE FROM dead_letter
WHERE dead_letter_id IN (SELECT value FROM json_each(?)) AND NOT replayed
RETURNING dataset_group, kind, size_bytes
"""

HIDE_DEAD_LETTER = """
UPDATE dead_letter SET replayed = TRUE, detail = '', size_bytes = 0, blob = x''
WHERE dead_letter_id = ? AND NOT replayed
"""

DEAD_LETTER_SIZE = """
SELECT dataset_group, kind, size_bytes FROM dead_letter WHERE dead_letter_id = ? AND NOT replayed
"""

# Hidden or not: who replays it may not have come to hide it.
FORGET_DEAD_LETTER = """
DELETE FROM dead_letter WHERE dead_letter_id = ? RETURNING dataset_group, kind, size_bytes
"""

# In pieces, so that nobody waits for long. Not what is replayed, which its replay needs.
EXPIRE_DEAD_LETTERS = """
DELETE FROM dead_letter WHERE sequence IN (
    SELECT sequence FROM dead_letter WHERE dead_at_ms < ? AND NOT replayed LIMIT ?
) RETURNING dataset_group, kind, size_bytes
"""

# Only those that were accepted before the record that has now been delivered.
SUPERSEDE_DEAD_LETTERS = """
UPDATE dead_letter SET superseded = TRUE
WHERE dataset_group = ? AND kind = ? AND record_id = ? AND NOT superseded
    AND (boot, stamp_ns, writer, row, record) < (?, ?, ?, ?, ?)
"""

DEAD_LETTER_CODE = "SELECT code FROM dead_letter WHERE dead_letter_id = ?"

DEAD_LETTER_SUPERSEDED = "SELECT superseded FROM dead_letter WHERE dead_letter_id = ?"

DEAD_LETTER_COUNTS = """
SELECT dataset_group, kind, count(*), sum(size_bytes) FROM dead_letter
GROUP BY dataset_group, kind
"""

# What is replayed has no record any more; its blob is empty.
ALL_DEAD_LETTERS = """
SELECT dead_letter_id, stamp_ns, dataset_group, kind, 1, size_bytes, blob FROM dead_letter
WHERE length(blob) ORDER BY sequence
"""
