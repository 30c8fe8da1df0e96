"""How a directory of an older format is brought to ours, a step for each version.

A step is taken at the claim, before anything is checked or opened. One that was broken off is taken
again whole, so a step may find that it has been done.
"""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from gateway.outbox import database, queries
from gateway.outbox.database import is_damage, transaction
from gateway.outbox.dead_letters import origin_of
from gateway.outbox.unusable import OutboxDamaged, OutboxUnusable

Migration = Callable[[Path], None]

_CACHE_KIB = 1024


def remember_replays(path: Path) -> None:
    """Bring a directory from version 1 to 2.

    What version 2 changed: `delivery.db` keeps a dead letter until its replay is settled. A chunk
    may be a replay; those of version 1 are none, and are read as they are.

    Raises:
        OutboxDamaged: `delivery.db` is not as it was written.
        OutboxUnusable: it cannot be written.
    """
    file = path / "delivery.db"
    if not file.exists():
        return
    try:
        connection = database.connect(file, cache_kib=_CACHE_KIB)
        try:
            _to_version_2(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        unusable = OutboxDamaged if is_damage(error) else OutboxUnusable
        raise unusable(file, f"it cannot be migrated: {error}") from error


def _to_version_2(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        ((found,),) = connection.execute(queries.GET_VERSION)
        if found < 2:  # noqa: PLR2004 - the version that is made
            for statement in queries.REMEMBER_REPLAYS:
                connection.execute(statement)
            # Of version 1 none is of a replay: each tells by its own ID where it was accepted.
            ids = [name for (name,) in connection.execute(queries.DEAD_LETTER_IDS)]
            origins = ((*origin_of(name)[2:], name) for name in ids)
            connection.executemany(queries.SET_ORIGIN, origins)
            connection.execute(queries.SET_VERSION_2)


MIGRATIONS: Mapping[int, Migration] = MappingProxyType({1: remember_replays})
"""For each older format the step to the next."""
