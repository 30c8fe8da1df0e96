"""What goes over the socket between ingest and delivery: a length, then so many bytes of JSON.

Ingest sends `{"id": 7, "op": "…", …}` and may send `{"cancel": 7}`; delivery answers
`{"id": 7, "result": …}` or `{"id": 7, "error": "…"}`, in whatever order.
"""

import asyncio
import contextlib
import json
import struct
from typing import Any

MAX_FRAME_BYTES = 256 * 1024 * 1024
_LENGTH = struct.Struct(">I")


class LinkBroken(Exception):
    """Expected error: the other side has gone, or does not speak this."""


def frame(message: dict[str, Any]) -> bytes:
    """Return a message as it is sent."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


async def read_frame(reader: asyncio.StreamReader) -> dict[str, Any]:
    """Wait for a message.

    Raises:
        LinkBroken: there will be none.
    """
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if length > MAX_FRAME_BYTES:
            raise LinkBroken(f"a frame of {length} bytes")
        message: dict[str, Any] = json.loads(await reader.readexactly(length))
    except (OSError, EOFError, ValueError) as error:
        raise LinkBroken(str(error)) from error
    return message


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, which may be broken already."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
