"""What the demo prints."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from gateway.cli.failure import Failure
from gateway.demo.ledger import Account
from gateway.personalize.emulator import Record
from gateway.records import Kind

_OPERATIONS: Mapping[Kind, str] = {
    Kind.EVENTS: "PutEvents",
    Kind.ACTION_INTERACTIONS: "PutActionInteractions",
    Kind.ITEMS: "PutItems",
    Kind.USERS: "PutUsers",
    Kind.ACTIONS: "PutActions",
}
_COLUMNS = (
    "sent",
    "refused",
    "accepted",
    "sent\ntwice",
    "super-\nseded",
    "delivered",
    "calls",
    "records\na call",
)


def show_table(
    console: Console,
    accounts: Mapping[Kind, Account],
    received: Mapping[Kind, Sequence[Record]],
    stats: Mapping[str, Any],
) -> None:
    """Print a row for each kind.

    Args:
        console: where to.
        accounts: what was sent.
        received: what the emulator has.
        stats: the emulator's counts.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)  # fits 80 columns
    table.add_column("kind", no_wrap=True)
    for column in _COLUMNS:
        table.add_column(column, justify="right", vertical="bottom")
    for kind, account in accounts.items():
        calls = stats["operations"].get(_OPERATIONS[kind], {})
        table.add_row(kind.value, *_cells(kind, account, len(received[kind]), calls))
    console.print(table)
    console.print(
        "Sent twice: by a retry, with the same event ID, so it counts once.\n"
        "Superseded: a newer record of the same ID waited too, and only that was sent.\n",
        highlight=False,
    )


def _cells(kind: Kind, account: Account, received: int, calls: Mapping[str, Any]) -> list[str]:
    """Return the numbers of a kind. Of a record that was sent twice the emulator has both."""
    numbers = (
        account.sent,
        account.refused,
        account.accepted,
        account.repeated,
        account.accepted - received if kind.replaces else 0,
        received - account.repeated,
        calls.get("succeeded", 0),
    )
    return [*(f"{number:,}" for number in numbers), f"{calls.get('mean_records_per_call', 0):.1f}"]


def show_refusal(console: Console, failure: Failure) -> None:
    """Print what a caller is told of a request that breaks rules."""
    text = "\n".join(failure.lines())
    console.print(Panel.fit(text, title="A refused request, as its caller sees it"), markup=False)


def show_verdict(console: Console, differences: Sequence[str], accepted: int) -> None:
    """Print whether the emulator has what was accepted."""
    if differences:
        console.print("The emulator does not have what was accepted:", "; ".join(differences))
    else:
        console.print(
            f"All {accepted:,} accepted records are in the emulator, or superseded by newer ones"
            " that are.",
            highlight=False,
        )
