"""HTTPS calls for open-loop load: HTTP/1.1 over a connection that is kept, one call at a time."""

import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

_AT_ONCE_BYTES = 64 * 1024
_SUCCESS = b"HTTP/1.1 200 "
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LAST_CHUNK = b"0\r\n\r\n"


class HttpsConnection:
    """A connection over which bodies are posted to one URL.

    Args:
        url: where to.
        ca_bundle: the certificates by which the server is trusted.

    Raises:
        OSError: nobody listens there, or it is not to be trusted.
    """

    def __init__(self, url: str, ca_bundle: Path) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        raw = socket.create_connection((parts.hostname, parts.port or 443))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = ssl.create_default_context(cafile=ca_bundle)
        self._socket = context.wrap_socket(raw, server_hostname=parts.hostname)
        self._socket.settimeout(0.0)
        self._head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self._number: int | None = None
        self._received = b""

    @property
    def free(self) -> bool:
        """Whether the last call has been answered."""
        return self._number is None

    def fileno(self) -> int:
        """Return its socket."""
        return self._socket.fileno()

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()

    def send(self, number: int, body: bytes) -> None:
        """Post a body."""
        self._number = number
        self._socket.sendall(self._head + b"%d\r\n\r\n" % len(body) + body)

    def receive(self) -> Iterator[tuple[int, bool]]:
        """Yield the number of the call, if all of its answer is there, and whether it is a 200."""
        try:
            data = self._socket.recv(_AT_ONCE_BYTES)
        except ssl.SSLWantReadError:  # A part of a record, or a session ticket.
            return
        if not data:
            raise ConnectionError("the server closed the connection")
        self._received += data
        if _is_whole(self._received) and self._number is not None:
            number, self._number = self._number, None
            succeeded, self._received = self._received.startswith(_SUCCESS), b""
            yield number, succeeded


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(_END_OF_HEAD)
    length = _LENGTH.search(head)
    if length is None:
        return body.endswith(_LAST_CHUNK)
    return bool(found) and len(body) >= int(length[1])
