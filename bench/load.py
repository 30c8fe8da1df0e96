"""Load by h2load: a body that was made beforehand, sent as often as asked for.

h2load knows HTTP/2 and no gRPC: to it every answer with the status 200 is a success, and gRPC's own
status comes in a trailer. So whoever counts successes asks the server too.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.messages import frame
from bench.processes import LOAD_CORE, started

_PATIENCE_S = 120.0
_HEADERS = ("content-type: application/grpc", "te: trailers")
_UNITS = {"us": 1e6, "ms": 1e3, "s": 1}


class LoadFailed(Exception):
    """Expected error: not all that was sent was answered with 200, or in time."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What h2load says at its end.

    Attributes:
        requests: how many were sent.
        succeeded: how many were answered with a status of 2xx.
        wall_s: how long it took.
        answer_bytes: how much data the answers had, gRPC's prefixes included.
    """

    requests: int
    succeeded: int
    wall_s: float
    answer_bytes: int


def parse(text: str) -> Summary:
    """Read what h2load prints.

    Raises:
        LoadFailed: it is not there.
    """
    finished = re.search(r"^finished in ([\d.]+)(us|ms|s),", text, re.MULTILINE)
    requests = re.search(r"^requests: (\d+) total,", text, re.MULTILINE)
    statuses = re.search(r"^status codes: (\d+) 2xx,", text, re.MULTILINE)
    data = re.search(r"\((\d+)\) data$", text, re.MULTILINE)
    if finished is None or requests is None or statuses is None or data is None:
        raise LoadFailed("h2load has no summary")
    wall_s = float(finished[1]) / _UNITS[finished[2]]
    return Summary(int(requests[1]), int(statuses[1]), wall_s, int(data[1]))


@dataclass(frozen=True, slots=True)
class Load:
    """Requests that are all the same.

    Attributes:
        method: full name of the RPC.
        body: file with the messages of one request, as they are on the wire.
        connections: how many at once.
        streams: how many requests are under way on each.
    """

    method: str
    body: Path
    connections: int = 4
    streams: int = 16

    async def send(self, target: str, requests: int, core: int = LOAD_CORE) -> Summary:
        """Send so many requests and wait for their answers.

        Args:
            target: HOST:PORT of the server.
            requests: how many.
            core: where the load is made.

        Raises:
            LoadFailed: not all were answered with 200.
        """
        connections = min(self.connections, requests)
        headers = (option for header in _HEADERS for option in ("-H", header))
        command = (
            *("h2load", "-n", str(requests), "-c", str(connections), "-m", str(self.streams)),
            *("-d", str(self.body), *headers, f"http://{target}/{self.method}"),
        )
        async with started(*command, core=core) as process, asyncio.timeout(_PATIENCE_S):
            said, _ = await process.communicate()
        summary = parse(said.decode())
        if summary.succeeded != requests:
            raise LoadFailed(f"{requests - summary.succeeded} of {requests} had no status 200")
        return summary


@asynccontextmanager
async def load(
    method: str, messages: Iterable[bytes], *, connections: int = 4, streams: int = 16
) -> AsyncIterator[Load]:
    """Prepare the body of a load; it is removed at the end of the block.

    Args:
        method: full name of the RPC, without a slash before it.
        messages: of one request: one for a unary RPC, any number for a stream.
        connections: how many at once.
        streams: how many requests are under way on each.
    """
    with TemporaryDirectory() as folder:
        body = Path(folder) / "body"
        with body.open("wb") as file:
            file.writelines(map(frame, messages))
        yield Load(method, body, connections, streams)
