"""`make demo`."""

import asyncio
import io
import os
import sys

import pytest
from rich.console import Console

from gateway.demo.__main__ import demo
from gateway.personalize.emulator import Answer, Emulator, Fault
from gateway.records import Kind
from tests.support.commands import worries

COLUMNS = ("sent", "refused", "accepted", "repeated", "superseded", "delivered", "calls")


def table(output: str) -> dict[str, dict[str, int]]:
    """Return the rows of the printed table that are of a kind."""
    rows = (line.split() for line in output.splitlines())
    return {
        row[0]: dict(zip(COLUMNS, [int(cell.replace(",", "")) for cell in row[1:8]], strict=True))
        for row in rows
        if row and row[0] in set(Kind)
    }


async def test_demo_delivers_what_it_accepts() -> None:
    """As `make demo` runs it: without arguments, and with nothing of this repository's data."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway.demo",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "80"},
    )
    output, errors = (stream.decode() for stream in await process.communicate())
    assert (process.returncode, worries(errors)) == (0, []), output
    assert max(map(len, output.splitlines())) <= 80
    rows = table(output)
    assert rows.keys() == {kind.value for kind in Kind}
    for kind, row in rows.items():
        assert row["accepted"] == row["sent"] - row["refused"]
        assert row["delivered"] == row["accepted"] - row["repeated"] - row["superseded"]
        assert row["delivered"] > 0, kind
    assert rows["events"]["refused"] == 3
    assert rows["events"]["repeated"] > 0
    assert rows["items"]["superseded"] > 0
    assert "INVALID_ARGUMENT INVALID_FIELDS" in output
    assert 'events[1].properties["timestamp"]: RESERVED_PROPERTY' in output
    accepted = sum(row["accepted"] for row in rows.values())
    assert f"All {accepted:,} accepted records are in the emulator" in output


class Refusing(Emulator):
    """An emulator that refuses what the gateway thinks is good."""

    async def start(self) -> None:
        self.faults.add(Fault(answer=Answer.REFUSE, operation="PutActions"))
        await super().start()


async def test_demo_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exit status is that there are differences."""
    monkeypatch.setattr("gateway.demo.__main__.Emulator", Refusing)
    output = io.StringIO()
    differences = await demo(Console(file=output, width=200))
    assert differences == ["5 actions are missing"]
    assert "does not have what was accepted: 5 actions are missing" in output.getvalue()


async def test_demo_sends_the_same_every_time() -> None:
    """Chance decides on nothing but when."""
    outputs = []
    for _ in range(2):
        output = io.StringIO()
        assert await demo(Console(file=output, width=200)) == []
        outputs.append(table(output.getvalue()))
    sent = [{kind: row["sent"] for kind, row in rows.items()} for rows in outputs]
    assert sent[0] == sent[1]
