"""Logs hold no values of records, whatever fails."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gateway.telemetry import logs


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """What is logged while the test runs."""
    found = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(found)
    yield found
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def _lines(output: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def _fail() -> None:
    user_id = "secret-user"
    raise KeyError(user_id)


def test_an_exception_is_its_type_and_its_frames(output: io.StringIO) -> None:
    """Neither its message nor a variable of a frame is logged."""
    try:
        _fail()
    except KeyError:
        structlog.get_logger().exception("it failed", lane="shop/items")
    (line,) = _lines(output)
    assert "secret-user" not in output.getvalue()
    frames = line.pop("raised_at")
    assert isinstance(frames, list)
    assert [frame.split(" in ")[1] for frame in frames] == [
        "test_an_exception_is_its_type_and_its_frames",
        "_fail",
    ]
    line.pop("timestamp")
    assert line == {
        "event": "it failed",
        "lane": "shop/items",
        "level": "error",
        "exception": "KeyError",
    }


def test_of_a_group_each_error_is_told(output: io.StringIO) -> None:
    """Those too that are in a group within it; of none its message."""
    found: list[Exception] = []
    for _ in range(2):
        try:
            _fail()
        except KeyError as error:
            found.append(error)
    first, second = found
    group = ExceptionGroup("secret-user", [first, ExceptionGroup("secret-user", [second])])
    structlog.get_logger().error("they failed", exc_info=group)
    (line,) = _lines(output)
    assert "secret-user" not in output.getvalue()
    assert line["exception"] == "ExceptionGroup"
    errors = line["exceptions"]
    assert isinstance(errors, list)
    told = [(error["exception"], error["raised_at"][-1].split(" in ")[1]) for error in errors]
    assert told == [("KeyError", "_fail"), ("KeyError", "_fail")]


def test_libraries_are_heard_from_warnings_on(output: io.StringIO) -> None:
    """In the same form, and their exceptions without values."""
    try:
        _fail()
    except KeyError:
        logging.getLogger("botocore").warning("credentials are late", exc_info=True)
    logging.getLogger("botocore").info("request body: secret-user")
    (line,) = _lines(output)
    assert (line["event"], line["logger"], line["exception"]) == (
        "credentials are late",
        "botocore",
        "KeyError",
    )
    assert "secret-user" not in output.getvalue()
