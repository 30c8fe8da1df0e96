"""Plays a shop's traffic through gateway and emulator, and prints what came of it.

Emulator, gateway and clients share a process, but speak HTTP and gRPC over the loopback.
Exit status 0 where everything that was accepted is in the emulator, 1 where it is not.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from random import Random

import grpc
import uvloop
from rich.console import Console

from gateway import embedded
from gateway.app import Gateway
from gateway.config import Config
from gateway.demo.ledger import Ledger
from gateway.demo.report import show_refusal, show_table, show_verdict
from gateway.demo.traffic import Traffic
from gateway.personalize.emulator import Emulator, Record
from gateway.records import Kind
from gateway.telemetry import logs

_SEED = 20260131

_DRAIN_S = 60.0


async def demo(console: Console) -> list[str]:
    """Run the demo and return where the emulator differs from what was accepted."""
    ledger = Ledger()
    async with Emulator() as emulator:
        config = _patient(embedded.configuration(emulator, listen="127.0.0.1:0"))
        gateway = Gateway(config, embedded.credentials(emulator))
        try:
            address = f"127.0.0.1:{await gateway.start()}"
            console.print(f"Gateway at {address}, emulator at {emulator.url}.", highlight=False)
            async with grpc.aio.insecure_channel(address) as channel:
                traffic = Traffic(Random(_SEED), int(time.time()))
                failure = await traffic.play(channel, ledger)
        finally:
            await gateway.stop()  # It delivers what it has accepted before it stops.
        received = {kind: emulator.records(kind.value) for kind in Kind}
        show_table(console, ledger.accounts, received, emulator.stats())
    show_refusal(console, failure)
    differences = _differences(ledger, received)
    accepted = sum(account.accepted for account in ledger.accounts.values())
    show_verdict(console, differences, accepted)
    return differences


def _patient(config: Config) -> Config:
    """Return the same, with time to deliver all before it stops however busy the machine is."""
    delivery = config.delivery.model_copy(update={"drain_s": _DRAIN_S})
    return config.model_copy(update={"delivery": delivery})


def _differences(ledger: Ledger, received: Mapping[Kind, Sequence[Record]]) -> list[str]:
    return [text for kind in Kind for text in ledger.differences(kind, received[kind])]


def main() -> int:
    """Run the demo and return its exit status."""
    logs.configure()
    return 1 if uvloop.run(demo(Console())) else 0


if __name__ == "__main__":
    sys.exit(main())
