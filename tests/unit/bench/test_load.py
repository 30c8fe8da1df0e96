import os
from pathlib import Path

import pytest

from bench.load import Load, LoadFailed, Summary, parse
from bench.messages import PUT_EVENTS, frame, put_events, stream
from gateway.api import IngestRequest, PutEventsRequest

SAID = """starting benchmark...
spawning thread #0: 4 total client(s). 5000 total requests
Application protocol: h2c
progress: 100% done

finished in {finished}, 3793.36 req/s, 556.87KB/s
requests: 5000 total, 5000 started, 5000 done, {done} succeeded, 0 failed, 0 errored, 0 timeout
status codes: {done} 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 733.96KB (751578) total, 34.26KB (35082) headers (space savings 94.11%), 615.23KB (630000) data
                     min         max         mean         sd        +/- sd
time for request:     1.25ms     30.33ms     16.75ms      2.11ms    88.00%
"""  # noqa: E501 - as h2load prints it


@pytest.mark.parametrize(
    ("finished", "wall_s"), [("1.37s", 1.37), ("147.27ms", 0.14727), ("950us", 0.00095)]
)
def test_summary_is_read(finished: str, wall_s: float) -> None:
    """The time has the unit that fits it."""
    summary = parse(SAID.format(finished=finished, done=5000))
    assert summary == Summary(5000, 5000, wall_s, 630_000)


def test_without_summary_load_has_failed() -> None:
    """What h2load prints when it cannot connect is no summary."""
    with pytest.raises(LoadFailed):
        parse("starting benchmark...\n")


async def test_requests_without_answer_fail_the_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure is not made of requests of which some were not answered."""
    h2load = tmp_path / "h2load"
    h2load.write_text(f"#!/bin/sh\ncat <<'EOF'\n{SAID.format(finished='1.37s', done=4999)}EOF\n")
    h2load.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    core = min(os.sched_getaffinity(0))
    with pytest.raises(LoadFailed, match="1 of 5000"):
        await Load(PUT_EVENTS, tmp_path / "body").send("127.0.0.1:1", 5000, core=core)


def test_frame_is_as_grpc_has_it() -> None:
    """A byte that says "not compressed", and the length in four."""
    assert frame(b"abc") == b"\0\0\0\0\3abc"


def test_messages_are_what_the_gateway_takes() -> None:
    """They are built of the callers' stubs, and parsed by the gateway's classes."""
    request = PutEventsRequest.FromString(put_events(10, first=5).SerializeToString())
    messages = [IngestRequest.FromString(message) for message in stream(3, 2)]
    assert [event.item_id for event in request.events] == [f"item-{n:06}" for n in range(5, 15)]
    assert len({event.session_id for event in request.events}) == 1
    assert [message.sequence for message in messages] == [1, 2, 3]
    assert [len(message.records) for message in messages] == [2, 2, 2]
