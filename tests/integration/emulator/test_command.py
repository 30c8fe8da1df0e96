"""The command, run as a process of its own."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

RUNNER = "from gateway.personalize.emulator.command import emulator; emulator()"
READY = re.compile(
    r"Personalize emulator at (http://127\.0\.0\.1:\d+) - try: AWS_ACCESS_KEY_ID=(\w+)"
    r" AWS_SECRET_ACCESS_KEY=(\w+) aws --region ([\w-]+) --endpoint-url \1"
    r" personalize list-dataset-groups\n"
)
EVENT = {"eventType": "View", "sentAt": 1}


class Wire(Protocol):
    async def post(self, path: str, body: Any = b"", **options: Any) -> Any: ...

    async def send(self, method: str, path: str, *args: Any, **options: Any) -> Any: ...


class Process:
    """A running emulator."""

    def __init__(self, process: asyncio.subprocess.Process, line: str) -> None:
        self.process = process
        self.line = line
        match = READY.fullmatch(line)
        self.url = match[1] if match else ""

    async def end(self, number: signal.Signals) -> tuple[int, bytes]:
        """Send a signal; return the exit status and what else was printed."""
        self.process.send_signal(number)
        out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, out + err


@pytest.fixture
async def run() -> AsyncIterator[Callable[..., Any]]:
    """Return a function that starts the command and waits for its first line."""
    started: list[asyncio.subprocess.Process] = []

    async def start(*arguments: str) -> Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", RUNNER, "--listen", "127.0.0.1:0"),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        started.append(process)
        assert process.stdout is not None
        return Process(process, (await process.stdout.readline()).decode())

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        # Reads both pipes to their end, so that their transports are closed with the loop open.
        await process.communicate()


@pytest.fixture
def seed_file(tmp_path: Path, avro: dict[str, Any]) -> Path:
    """Return a seed with one dataset group."""
    (tmp_path / "items.json").write_text(json.dumps(avro["items"]))
    path = tmp_path / "seed.yaml"
    path.write_text("dataset_groups: [{name: shop, schemas: {items: items.json}}]")
    return path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_says_where_it_is_and_stops(run: Callable[..., Any], number: signal.Signals) -> None:
    """One line says the URL and how to call it; SIGINT and SIGTERM end it well."""
    process = await run()

    assert READY.fullmatch(process.line)
    assert await process.end(number) == (0, b"")


async def test_stops_while_a_call_is_late(
    run: Callable[..., Any], wire_of: Callable[[str], Wire], eventually: Callable[..., Any]
) -> None:
    """A call that waits does not keep the process."""
    process = await run()
    wire = wire_of(process.url)
    await wire.send("POST", "/_emulator/faults", b'{"latency_s": 600}')
    late = asyncio.create_task(wire.post("/", {}, target="ListSchemas"))

    async def arrived() -> bool:
        return bool((await wire.send("GET", "/_emulator/stats")).json["operations"])

    await eventually(arrived)

    ended = await process.end(signal.SIGTERM)
    await asyncio.wait([late])

    assert ended == (0, b"")
    assert late.exception() is not None


async def test_options(
    run: Callable[..., Any], wire_of: Callable[[str], Wire], seed_file: Path
) -> None:
    """Region, account, credentials, quotas, delays, seed and what is unverified can be set."""
    process = await run(
        *("--seed", str(seed_file), "--region", "eu-west-1", "--account", "123456789012"),
        *("--credentials", "mine:secret", "--credentials", "other:secret", "--any-credentials"),
        *("--quota", "PutItems=0.001", "--quota", "PutUsers=none", "--throttling-status", "429"),
        *("--create-delay", "100", "--unusable-tracker", "drop"),
    )
    match = READY.fullmatch(process.line)
    wire = wire_of(process.url)
    (group,) = (await wire.send("GET", "/_emulator/dataset_groups")).json["dataset_groups"]
    arn = group["dataset_arns"]["ITEMS"]
    items = {"datasetArn": arn, "items": [{"itemId": "i", "properties": '{"price": 1}'}]}
    events = {"trackingId": "none", "sessionId": "s", "eventList": [EVENT]}

    async def post(path: str, body: Any, target: str | None = None) -> tuple[int, str]:
        reply = await wire.post(path, body, target=target, region="eu-west-1")
        return reply.status, reply.body.decode()

    assert match is not None
    assert match.groups()[1:] == ("mine", "secret", "eu-west-1")
    assert arn == "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/ITEMS"
    assert [
        await post("/items", items),
        await post("/items", items),
        await post("/events", events),
    ] == [(200, ""), (429, '{"message": "Rate exceeded"}'), (200, "")]
    _, created = await post("/", {"name": "new"}, "CreateDatasetGroup")
    _, described = await post("/", json.loads(created), "DescribeDatasetGroup")
    assert json.loads(described)["datasetGroup"]["status"] == "CREATE PENDING"


async def test_state_outlasts_the_process(
    run: Callable[..., Any], wire_of: Callable[[str], Wire], tmp_path: Path, seed_file: Path
) -> None:
    """Records, resources and identifiers in a file are there at the next start."""
    arguments = ["--state", str(tmp_path / "state.db"), "--seed", str(seed_file)]
    seen = []
    for _ in range(2):
        process = await run(*arguments)
        wire = wire_of(process.url)
        (group,) = (await wire.send("GET", "/_emulator/dataset_groups")).json["dataset_groups"]
        body = {"trackingId": group["tracking_id"], "sessionId": "s", "eventList": [EVENT]}
        assert (await wire.post("/events", body)).status == 200
        lines = (await wire.send("GET", "/_emulator/records")).body.splitlines()
        seen.append((group, [json.loads(line)["sequence"] for line in lines]))
        assert await process.end(signal.SIGTERM) == (0, b"")

    assert seen[0][0] == seen[1][0]
    assert [sequences for _, sequences in seen] == [[1], [1, 2]]


async def test_answered_records_are_soon_in_the_file(
    run: Callable[..., Any],
    wire_of: Callable[[str], Wire],
    eventually: Callable[..., Any],
    tmp_path: Path,
    seed_file: Path,
) -> None:
    """What was answered a moment before a kill is kept."""
    arguments = ["--state", str(tmp_path / "state.db"), "--seed", str(seed_file)]
    process = await run(*arguments)
    wire = wire_of(process.url)
    (group,) = (await wire.send("GET", "/_emulator/dataset_groups")).json["dataset_groups"]
    body = {"trackingId": group["tracking_id"], "sessionId": "s", "eventList": [EVENT]}
    log = tmp_path / "state.db-wal"
    assert (await wire.post("/events", body)).status == 200
    await eventually(lambda: json.dumps(EVENT).encode() in log.read_bytes())
    # It answers when all of the transaction is written.
    assert (await wire.send("GET", "/_emulator/health")).status == 200
    await process.end(signal.SIGKILL)
    again = wire_of((await run(*arguments)).url)

    assert len((await again.send("GET", "/_emulator/records")).body.splitlines()) == 1
