import socket
import ssl
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
import trustme

from bench import open_loop
from bench.open_loop import Load, Plan, serve
from bench.open_loop_https import HttpsConnection

ANSWERS = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\nno",
]
"""What each third call is answered with."""


def _answer(listener: socket.socket, context: ssl.SSLContext) -> None:
    accepted, _ = listener.accept()
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with context.wrap_socket(accepted, server_side=True) as connection:
        number = 0
        while data := connection.recv(65_536):
            assert data.startswith(b"POST /events HTTP/1.1\r\n")
            assert data.endswith(b"\r\nContent-Length: 2\r\n\r\n{}")
            for part in (ANSWERS[number % 3][:20], ANSWERS[number % 3][20:]):
                connection.sendall(part)
            number += 1


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """URL of a server that answers one connection, and what it is trusted by."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_answer, args=(listener, context))
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/events", tmp_path / "ca.pem"
        thread.join()


def test_calls_wait_for_the_connection_and_errors_are_no_success(
    server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call at a time goes over a connection; its answer may come in parts, chunked or not."""
    monkeypatch.setattr(open_loop, "PATIENCE_S", 60.0)
    load = Load(Plan(2000.0, 0.1), partial(HttpsConnection, *server), 1, [b"{}"])
    done = serve(load)
    planned = len(load.plan.due_s())
    assert (len(done.latencies_s), done.failed) == (planned - planned // 3, planned // 3)
