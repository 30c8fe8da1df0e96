"""What goes over the socket between ingest and delivery: a length, then so many bytes of JSON.

A frame is a list of messages. Ingest sends `{"id": 7, "op": "…", …}` and may send `{"cancel": 7}`;
delivery answers `{"id": 7, "result": …}` or `{"id": 7, "error": "…"}`, in whatever order.
"""

import asyncio
import contextlib
import json
import struct
from typing import Any

Message = dict[str, Any]

MAX_FRAME_BYTES = 256 * 1024 * 1024
MAX_FRAME_MESSAGES = 256
"""So many at most share a frame: the largest answers of so many requests are within its limit."""

_LENGTH = struct.Struct(">I")


class LinkBroken(Exception):
    """Expected error: the other side has gone, or does not speak this."""


def written(message: Message) -> bytes:
    """Return a message as it is sent.

    Raises:
        TypeError: JSON cannot say it.
    """
    return json.dumps(message, separators=(",", ":")).encode()


class FrameWriter:
    """Sends messages over a connection; those of one turn of the event loop share a frame."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._messages: list[bytes] = []

    def put(self, message: bytes) -> None:
        """Send what `written` made, before the loop waits again; nowhere if nobody listens."""
        self._messages.append(message)
        if len(self._messages) == 1:
            self._loop.call_soon(self._flush)
        elif len(self._messages) == MAX_FRAME_MESSAGES:
            self._flush()

    def _flush(self) -> None:
        messages, self._messages = self._messages, []
        if messages and not self._writer.is_closing():
            body = b"[%b]" % b",".join(messages)
            self._writer.write(_LENGTH.pack(len(body)) + body)


async def read_frame(reader: asyncio.StreamReader) -> list[Message]:
    """Wait for messages.

    Raises:
        LinkBroken: there will be none.
    """
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if length > MAX_FRAME_BYTES:
            raise LinkBroken(f"a frame of {length} bytes")
        messages: list[Message] = json.loads(await reader.readexactly(length))
    except (OSError, EOFError, ValueError) as error:
        raise LinkBroken(str(error)) from error
    return messages


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, which may be broken already."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
