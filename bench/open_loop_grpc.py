"""Unary gRPC for open-loop load: HTTP/2 frames made beforehand, and no library in the way.

What it leaves out, a gateway under test does not use against it: it compresses no headers, keeps no
table of them, and tells an answer with a message from one without, which in gRPC is an error.
"""

import socket
import struct
from collections import deque
from collections.abc import Iterator

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING, _GOAWAY, _WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_END_STREAM, _ACK, _END_HEADERS = 0x1, 0x1, 0x4
_HEADER_TABLE_SIZE, _INITIAL_WINDOW_SIZE = 1, 4
_FRAME_BYTES = 9
_WINDOW_BYTES = 2**31 - 1
_FIRST_WINDOW_BYTES = 65_535
_AT_ONCE_BYTES = 256 * 1024
_LONGEST_TEXT = 126


class GrpcConnection:
    """A connection over which one method is called. It has room for any number of calls.

    Args:
        target: `HOST:PORT`.
        path: of the method, such as `/package.Service/Method`.
        metadata: that of each call, with names in lower case.

    Raises:
        OSError: nobody listens there.
    """

    free = True

    def __init__(self, target: str, path: str, metadata: dict[str, str] | None = None) -> None:
        host, _, port = target.rpartition(":")
        self._headers = _header_block(target, path, metadata or {})
        self._numbers: dict[int, int] = {}
        self._with_message: set[int] = set()
        self._next_stream = 1
        self._window_bytes = _FIRST_WINDOW_BYTES
        self._unsent: deque[bytes] = deque()
        self._received = b""
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        settings = struct.pack(">HIHI", _HEADER_TABLE_SIZE, 0, _INITIAL_WINDOW_SIZE, _WINDOW_BYTES)
        more = struct.pack(">I", _WINDOW_BYTES - _FIRST_WINDOW_BYTES)
        self._socket.sendall(
            _PREFACE + _frame(_SETTINGS, 0, 0, settings) + _frame(_WINDOW_UPDATE, 0, 0, more)
        )

    def fileno(self) -> int:
        """Return its socket."""
        return self._socket.fileno()

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()

    def send(self, number: int, body: bytes) -> None:
        """Call the method with a serialised message."""
        stream, self._next_stream = self._next_stream, self._next_stream + 2
        self._numbers[stream] = number
        message = struct.pack(">BI", 0, len(body)) + body
        headers = _frame(_HEADERS, _END_HEADERS, stream, self._headers)
        self._unsent.append(headers + _frame(_DATA, _END_STREAM, stream, message))
        self._send_what_fits()

    def _send_what_fits(self) -> None:
        """Send what the server's flow control has room for, which counts the data alone."""
        overhead_bytes = 2 * _FRAME_BYTES + len(self._headers)
        while self._unsent and len(self._unsent[0]) - overhead_bytes <= self._window_bytes:
            frames = self._unsent.popleft()
            self._window_bytes -= len(frames) - overhead_bytes
            self._socket.sendall(frames)

    def receive(self) -> Iterator[tuple[int, bool]]:
        """Yield the number of each call that has ended, and whether it returned a message."""
        data = self._socket.recv(_AT_ONCE_BYTES)
        if not data:
            raise ConnectionError("the server closed the connection")
        data = self._received + data
        at, end = 0, len(data)
        while at + _FRAME_BYTES <= end:
            length = int.from_bytes(data[at : at + 3], "big")
            if at + _FRAME_BYTES + length > end:
                break
            kind, flags, stream = struct.unpack_from(">BBI", data, at + 3)
            at += _FRAME_BYTES
            if kind == _DATA:
                self._with_message.add(stream)
            elif kind in {_HEADERS, _RST_STREAM}:
                if kind == _RST_STREAM or flags & _END_STREAM:
                    yield from self._ended(stream)
            else:
                self._control(kind, flags, stream, data[at : at + length])
            at += length
        self._received = data[at:]

    def _ended(self, stream: int) -> Iterator[tuple[int, bool]]:
        number = self._numbers.pop(stream, None)
        if number is not None:
            yield number, stream in self._with_message
        self._with_message.discard(stream)

    def _control(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == _GOAWAY:
            raise ConnectionError("the server takes no more calls")
        if kind in {_SETTINGS, _PING} and not flags & _ACK:
            answer = payload if kind == _PING else b""
            self._socket.sendall(_frame(kind, _ACK, 0, answer))
        elif kind == _WINDOW_UPDATE and not stream:
            self._window_bytes += int.from_bytes(payload, "big")
            self._send_what_fits()


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _header_block(authority: str, path: str, metadata: dict[str, str]) -> bytes:
    """Return the headers of a call, each as a literal that is not remembered (RFC 7541, 6.2.2)."""
    headers = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": authority,
        "content-type": "application/grpc",
        "te": "trailers",
        **metadata,
    }
    return b"".join(b"\0" + _text(name) + _text(value) for name, value in headers.items())


def _text(text: str) -> bytes:
    data = text.encode()
    assert len(data) <= _LONGEST_TEXT, "a longer one has a length of several bytes"
    return bytes([len(data)]) + data
