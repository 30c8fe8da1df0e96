import io

import pytest
from rich.console import Console

from gateway.cli.progress import Bar, Lines


def test_lines_come_at_every_tenth(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small the batches are; and to stderr, so that stdout has the summary alone."""
    monkeypatch.setattr("gateway.cli.progress.time.monotonic", lambda: 0.0)
    with Lines(1000) as shown:
        for rows in range(30, 1001, 30):
            shown.show(rows, rows // 100)
        shown.show(1000, 10)
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert captured.out == ""
    assert len(lines) == 10
    assert (lines[0], lines[-1]) == (
        "120 of 1,000 rows, 1 refused",
        "1,000 of 1,000 rows, 10 refused",
    )


def test_line_comes_when_the_last_is_long_ago(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file shows that it moves."""
    now_s = 0.0
    monkeypatch.setattr("gateway.cli.progress.time.monotonic", lambda: now_s)
    shown = Lines(1_000_000)
    for rows in range(1, 23):
        now_s += 1.0
        shown.show(rows, 0)
    assert capsys.readouterr().err.splitlines() == [
        "10 of 1,000,000 rows, 0 refused",
        "20 of 1,000,000 rows, 0 refused",
    ]


def test_bar_shows_rows_and_refusals() -> None:
    """What is said meanwhile is kept as it is."""
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=100)
    with Bar(200, console) as shown:
        shown.show(150, 3)
        shown.say("UNAVAILABLE: [broken]")
        shown.show(200, 3)
    text = output.getvalue()
    assert "UNAVAILABLE: [broken]" in text
    assert "200/200" in text
    assert "rows, 3 refused" in text
