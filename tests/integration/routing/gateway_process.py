"""A process that serves the API over an outbox in memory, with limits that it shares with others.

`python gateway_process.py CONFIG LEDGER SLOT` prints its port, and serves until it is killed.
"""

import asyncio
import sys
from pathlib import Path

from gateway.acceptance import Acceptance
from gateway.clock import Clock
from gateway.config import Config, Identity, load
from gateway.outbox.memory import MemoryOutbox
from gateway.routing.access import Access
from gateway.routing.ledger import Ledger
from gateway.routing.shared_ledger import SharedLedger
from gateway.rpc.identity import identity_of
from gateway.rpc.server import Server
from gateway.validation.validator import Validator


def server(
    config: Config, ledger: Ledger | None = None, clock: Clock | None = None
) -> tuple[Server, Access, MemoryOutbox]:
    """Return a server of a configuration that believes the header `x-caller`."""
    outbox = MemoryOutbox()
    access = Access.of(config, ledger, clock)
    acceptance = Acceptance(access.router, Validator(), outbox)
    served = Server(acceptance, identity_of(Identity()), access=access, max_message_bytes=1 << 22)
    return served, access, outbox


async def _serve(config: Config, ledger: SharedLedger) -> None:
    served, _, _ = server(config, ledger)
    (port,) = await served.start("127.0.0.1:0")
    print(port, flush=True)  # noqa: T201 - told to the test
    await asyncio.Event().wait()


if __name__ == "__main__":
    config_file, ledger_file, slot = sys.argv[1:]
    asyncio.run(_serve(load(config_file, {}), SharedLedger.open(Path(ledger_file), int(slot))))
