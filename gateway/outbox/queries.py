"""All SQL of the outbox, by name.

Two kinds of file: segments, which one ingest process writes and delivery reads, and `delivery.db`,
which delivery alone writes. What is asked of dead letters is in `dead_letter_queries`.
"""

from functools import cache

# --- Segments ---------------------------------------------------------------------------------

SEGMENT_SCHEMA = (
    # One row a chunk, rows 1, 2, 3, … in the order of admission; nothing is updated or deleted. The
    # blob (see `codec`) says all; the other columns are those by which delivery finds its way.
    """
    CREATE TABLE chunk (
        row INTEGER PRIMARY KEY,
        stamp_ns INTEGER NOT NULL,
        dataset_group TEXT NOT NULL,
        kind TEXT NOT NULL,
        records INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        blob BLOB NOT NULL
    ) STRICT
    """,
    # Written to when a group could not be: see `SegmentWriter.erase`.
    "CREATE TABLE erased (times INTEGER NOT NULL) STRICT",
    "INSERT INTO erased VALUES (0)",
)


@cache
def append_chunks(count: int) -> str:
    """Return the statement that adds so many chunks."""
    return "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?)" + ", (?, ?, ?, ?, ?, ?, ?)" * (
        count - 1
    )


ERASE = "UPDATE erased SET times = times + 1"

# What delivery's index of a segment is built from, page by page.
SCAN_CHUNKS = """
SELECT row, stamp_ns, dataset_group, kind, size_bytes FROM chunk
WHERE row > ? ORDER BY row LIMIT ?
"""

# Whole rows, to be copied as they are.
COPY_CHUNK = "SELECT * FROM chunk WHERE row = ?"

READ_CHUNKS = "SELECT row, blob FROM chunk WHERE row BETWEEN ? AND ? ORDER BY row"

CHUNK_FACTS = """
SELECT dataset_group, kind, records, size_bytes FROM chunk
WHERE row BETWEEN ? AND ? ORDER BY row
"""

ALL_CHUNKS = """
SELECT row, stamp_ns, dataset_group, kind, records, size_bytes, blob FROM chunk ORDER BY row
"""

# --- delivery.db ------------------------------------------------------------------------------

# What version 2 added. A dead letter that is replayed stays, hidden and without its record, until
# the replay is settled: so it can be told whether a newer record of its ID was delivered meanwhile.
# Its whole origin tells which is newer of two that were accepted at once, by one request.
REMEMBER_REPLAYS = (
    "ALTER TABLE dead_letter ADD COLUMN writer INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE dead_letter ADD COLUMN row INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE dead_letter ADD COLUMN record INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE dead_letter ADD COLUMN replayed INTEGER NOT NULL DEFAULT FALSE",
    "CREATE INDEX dead_letter_by_time ON dead_letter (dead_at_ms) WHERE NOT replayed",
)

DEAD_LETTER_IDS = "SELECT dead_letter_id FROM dead_letter"
SET_ORIGIN = """
UPDATE dead_letter SET writer = ?, row = ?, record = ? WHERE dead_letter_id = ?
"""

GET_VERSION = "PRAGMA user_version"
SET_VERSION_2 = "PRAGMA user_version = 2"

DELIVERY_SCHEMA = (
    # Has to come before the first table: free pages go back to the file system.
    "PRAGMA auto_vacuum = INCREMENTAL",
    # Which chunks of a segment are settled whole: a bit a row, 4096 rows a page. Without a page,
    # none of its rows is.
    """
    CREATE TABLE done (
        boot INTEGER, writer INTEGER, number INTEGER, page INTEGER,
        bits BLOB NOT NULL,
        PRIMARY KEY (boot, writer, number, page)
    ) STRICT, WITHOUT ROWID
    """,
    # How far the chunks are that are settled in part: a byte a record (see `progress.State`).
    """
    CREATE TABLE partial (
        boot INTEGER, writer INTEGER, number INTEGER, row INTEGER,
        states BLOB NOT NULL,
        PRIMARY KEY (boot, writer, number, row)
    ) STRICT, WITHOUT ROWID
    """,
    # Chunks copied out of a segment that was mostly drained, so that it could go.
    """
    CREATE TABLE survivor (
        boot INTEGER, writer INTEGER, number INTEGER, row INTEGER,
        stamp_ns INTEGER NOT NULL,
        dataset_group TEXT NOT NULL,
        kind TEXT NOT NULL,
        records INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        blob BLOB NOT NULL,
        PRIMARY KEY (boot, writer, number, row)
    ) STRICT
    """,
    # What became of the chunks that were settled whole by one commit: remembered for a while.
    """
    CREATE TABLE settled (
        sequence INTEGER PRIMARY KEY,
        settled_at_ms INTEGER NOT NULL,
        outcomes BLOB NOT NULL
    ) STRICT
    """,
    # How many bytes delivery has given back to each dataset group's budget during one boot.
    """
    CREATE TABLE released (
        dataset_group TEXT PRIMARY KEY,
        boot INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL
    ) STRICT
    """,
    # What delivery wants to find again about a lane; it alone knows what it means.
    """
    CREATE TABLE lane (
        dataset_group TEXT, kind TEXT,
        state BLOB NOT NULL,
        PRIMARY KEY (dataset_group, kind)
    ) STRICT
    """,
    # The blob is that of a chunk (see `codec`) that holds the one record.
    """
    CREATE TABLE dead_letter (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        dead_letter_id TEXT NOT NULL UNIQUE,
        dataset_group TEXT NOT NULL,
        kind TEXT NOT NULL,
        record_id TEXT NOT NULL,
        reason TEXT NOT NULL,
        code TEXT NOT NULL,
        detail TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        boot INTEGER NOT NULL,
        stamp_ns INTEGER NOT NULL,
        accepted_at_ms INTEGER NOT NULL,
        dead_at_ms INTEGER NOT NULL,
        superseded INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        blob BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE INDEX dead_letter_of_record ON dead_letter (dataset_group, kind, record_id)
    WHERE NOT superseded
    """,
    *REMEMBER_REPLAYS,
)

ALL_DONE = "SELECT boot, writer, number, page, bits FROM done"
KEEP_DONE = "INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?)"
FORGET_DONE = "DELETE FROM done WHERE boot = ? AND writer = ? AND number = ?"

ALL_PARTIAL = "SELECT boot, writer, number, row, states FROM partial"
KEEP_PARTIAL = "INSERT OR REPLACE INTO partial VALUES (?, ?, ?, ?, ?)"
FORGET_PARTIAL = "DELETE FROM partial WHERE boot = ? AND writer = ? AND number = ? AND row = ?"

COPY_SURVIVOR = "INSERT OR REPLACE INTO survivor VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
FORGET_SURVIVOR = "DELETE FROM survivor WHERE boot = ? AND writer = ? AND number = ? AND row = ?"
READ_SURVIVOR = """
SELECT blob FROM survivor WHERE boot = ? AND writer = ? AND number = ? AND row = ?
"""
SURVIVOR_FACTS = """
SELECT dataset_group, kind, records, size_bytes FROM survivor
WHERE boot = ? AND writer = ? AND number = ? AND row = ?
"""
SURVIVOR_ROWS = "SELECT boot, writer, number, row FROM survivor"
# In the order of the index, without what makes them large.
SCAN_SURVIVORS = """
SELECT writer, number, row, stamp_ns, dataset_group, kind, size_bytes FROM survivor
WHERE boot = ? ORDER BY stamp_ns, writer, number, row
"""
SURVIVOR_BYTES = "SELECT dataset_group, sum(size_bytes) FROM survivor GROUP BY dataset_group"
ALL_SURVIVORS = """
SELECT boot, writer, number, row, stamp_ns, dataset_group, kind, records, size_bytes, blob
FROM survivor
"""

KEEP_SETTLED = "INSERT INTO settled (settled_at_ms, outcomes) VALUES (?, ?)"
FORGET_SETTLED = """
DELETE FROM settled
WHERE settled_at_ms < ? OR sequence <= (SELECT max(sequence) FROM settled) - ?
"""
ALL_SETTLED = "SELECT outcomes FROM settled ORDER BY sequence"

RELEASE = """
INSERT INTO released VALUES (:dataset_group, :boot, :size_bytes)
ON CONFLICT (dataset_group) DO UPDATE SET
    size_bytes = excluded.size_bytes + CASE WHEN boot = excluded.boot THEN size_bytes ELSE 0 END,
    boot = excluded.boot
"""
ALL_RELEASED = "SELECT dataset_group, size_bytes FROM released WHERE boot = ?"

KEEP_LANE_STATE = "INSERT OR REPLACE INTO lane VALUES (?, ?, ?)"
ALL_LANE_STATES = "SELECT dataset_group, kind, state FROM lane"

FREE_PAGES = "PRAGMA freelist_count"
GIVE_BACK_PAGES = "PRAGMA incremental_vacuum(1000)"

# --- Both -----------------------------------------------------------------------------------------

# Has a file opened indeed, with the -wal and -shm that it needs.
TOUCH = "SELECT count(*) FROM sqlite_schema"

CHECK_FILE = "PRAGMA quick_check"
