"""Emulators that listen, and clients of three sorts: signed HTTP, boto3 and the AWS CLI."""

import asyncio
import inspect
import io
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from gateway.personalize.emulator import Delays, Emulator, EmulatorConfig, SeedGroup

FIELDS: dict[str, dict[str, Any]] = {
    "interactions": {
        "USER_ID": "string",
        "ITEM_ID": "string",
        "TIMESTAMP": "long",
        "NUMBER_OF_RATINGS": ["null", "int"],
    },
    "items": {"ITEM_ID": "string", "PRICE": "float"},
    "users": {"USER_ID": "string", "AGE": "int"},
    "actions": {"ACTION_ID": "string", "VALUE": "long"},
    "action_interactions": {
        "USER_ID": "string",
        "ACTION_ID": "string",
        "EVENT_TYPE": "string",
        "TIMESTAMP": "long",
    },
}
AVRO = {
    name: {
        "type": "record",
        "name": name.title().replace("_", ""),
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [{"name": field, "type": type_} for field, type_ in fields.items()],
        "version": "1.0",
    }
    for name, fields in FIELDS.items()
}


class MovedClock:
    """The real time, moved by an offset; it can be made to stand still."""

    def __init__(self) -> None:
        self.offset_s = 0.0
        self.stopped_at: float | None = None

    def __call__(self) -> float:
        now = time.time() if self.stopped_at is None else self.stopped_at
        return now + self.offset_s

    def stop(self) -> None:
        self.stopped_at = time.time()


@dataclass
class Reply:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> tuple[int, str]:
        return self.status, self.headers["x-amzn-ErrorType"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """Signed HTTP without an AWS client's own checks."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def post(
        self,
        path: str,
        body: Any = b"",
        *,
        target: str | None = None,
        credentials: Credentials | None = None,
        region: str = "us-east-1",
        sent_body: bytes | None = None,
    ) -> Reply:
        """Sign and post a body; `sent_body` is sent in place of the one that is signed."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if target is not None:
            headers["X-Amz-Target"] = f"AmazonPersonalize.{target}"
        request = AWSRequest("POST", self.url + path, headers, data=data)
        credentials = credentials or Credentials("emulator", "emulator")
        SigV4Auth(credentials, "personalize", region).add_auth(request)
        signed = dict(request.headers.items())
        return await self.send("POST", path, data if sent_body is None else sent_body, signed)

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send a request as it is."""
        data = None if body is None else io.BytesIO(body)
        async with self.session.request(
            method, self.url + path, data=data, headers=headers
        ) as response:
            answered = {name: response.headers[name] for name in response.headers}
            return Reply(response.status, answered, await response.read())


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Return a function that waits, for a minute at most, until something holds."""

    async def wait(holds: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while True:
                found = holds()
                if await found if inspect.isawaitable(found) else found:
                    return
                await asyncio.sleep(0.01)

    return wait


@pytest.fixture
def avro() -> dict[str, Any]:
    """Return a schema of each dataset type, by its name in lower case."""
    return AVRO


@pytest.fixture
def clock() -> MovedClock:
    """Return the clock of the emulators."""
    return MovedClock()


@pytest.fixture
async def emulator_of(clock: MovedClock) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that starts an emulator with the settings that it is given."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> Emulator:
            settings.setdefault("delays", Delays(0, 0, 0, 0))
            config = EmulatorConfig(**settings)
            return await stack.enter_async_context(Emulator(config, clock=clock))

        yield start


@pytest.fixture
async def emulator(emulator_of: Callable[..., Any]) -> Emulator:
    """Return an emulator with the dataset group `shop`, whose resources change state at once."""
    started: Emulator = await emulator_of()
    started.seed(SeedGroup.model_validate({"name": "shop", "schemas": AVRO}))
    return started


@pytest.fixture
async def wire_of() -> AsyncIterator[Callable[[str], Wire]]:
    """Return a function that makes a client for a URL."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield lambda url: Wire(session, url)


@pytest.fixture
def wire(wire_of: Callable[[str], Wire], emulator: Emulator) -> Wire:
    """Return a client of the emulator."""
    return wire_of(emulator.url)


@pytest.fixture
def boto3_of() -> Iterator[Callable[..., Any]]:
    """Return a function that makes a boto3 client that never retries."""
    opened: list[Any] = []

    def client(service: str, url: str, **options: Any) -> Any:
        options = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"} | options
        # Its type says every service by name: here it is a parameter.
        make: Any = boto3.session.Session().client
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        opened.append(
            make(service, endpoint_url=url, region_name="us-east-1", config=config, **options)
        )
        return opened[-1]

    yield client
    for one in opened:
        one.close()


@pytest.fixture
def aws(emulator: Emulator, tmp_path: Path) -> Callable[..., Any]:
    """Return a function that runs the AWS CLI against the emulator."""
    program = Path(sys.executable).with_name("aws")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }

    async def run(*arguments: str) -> tuple[int, Any, str]:
        process = await asyncio.create_subprocess_exec(
            str(program),
            *("--region", "us-east-1", "--output", "json", "--endpoint-url", emulator.url),
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, json.loads(out) if out.strip() else None, err.decode().strip()

    return run
