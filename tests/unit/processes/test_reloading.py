"""When a configuration file is read again, and what is used of it."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog

from gateway.config import Config, ConfigError
from gateway.processes.generation import Generation
from gateway.processes.reconfiguring import reconfigured
from gateway.processes.reloading import Reloading, RestartNeeded, successor
from gateway.processes.report import Report
from tests.support.configurations import WITHOUT_FILES

FIRST = Generation(1, "F", WITHOUT_FILES)
SLOWER = WITHOUT_FILES.replace("linger: 20ms", "linger: 50ms")


def test_what_is_different_is_told_and_taken_up() -> None:
    """The next generation has the text that was found to be good."""
    new, found = successor(FIRST, SLOWER, {})
    assert (new, [str(change) for change in found]) == (
        Generation(2, "F", SLOWER),
        ["delivery.linger: 20ms → 50ms"],
    )


def test_a_value_from_the_environment_is_not_told() -> None:
    """Neither the old nor the new one."""
    text = WITHOUT_FILES.replace("linger: 20ms", "linger: ${LINGER}")
    _, found = successor(FIRST, text, {"LINGER": "1ms"})
    assert [str(change) for change in found] == ["delivery.linger"]


def test_a_text_that_is_no_configuration_is_refused() -> None:
    """With its problems."""
    with pytest.raises(ConfigError, match=r"^F:\d+: delivery\.linger: expected a duration"):
        successor(FIRST, WITHOUT_FILES.replace("linger: 20ms", "linger: long"), {})


def test_what_takes_a_restart_is_refused() -> None:
    """Whole: nothing else of it is used either."""
    text = SLOWER.replace("workers: 2", "workers: 3").replace("/srv/outbox", "/srv/other")
    with pytest.raises(RestartNeeded) as caught:
        successor(FIRST, text, {})
    assert str(caught.value) == (
        "server.workers, outbox.path: changed, which takes a restart of the gateway"
    )


@dataclass
class _Steps:
    """A clock that lets a test do one thing after the other before each look at the file."""

    steps: list[Callable[[], object]]
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def monotonic(self) -> float:
        return 0.0

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        del event, until
        if not self.steps:
            self.done.set()
            await asyncio.sleep(3600)
        self.steps.pop(0)()


def _nothing() -> None:
    """Let a second go by."""


async def _watched(
    file: Path, *steps: Callable[[], object], text: str = WITHOUT_FILES
) -> list[str]:
    """Return the texts that were used, after these steps, when the file held the text."""
    await asyncio.to_thread(file.write_text, text)
    used = [Generation(1, str(file), text)]
    clock = _Steps(list(steps))
    reloading = Reloading(file, {}, lambda: used[-1], used.append, clock)
    running = asyncio.create_task(reloading.run())
    await clock.done.wait()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert [generation.number for generation in used] == list(range(1, len(used) + 1))
    return [generation.text for generation in used[1:]]


async def test_a_file_that_does_not_change_is_not_used_again(tmp_path: Path) -> None:
    """Nor is one that was touched."""
    file = tmp_path / "f"
    assert await _watched(file, _nothing, _nothing, _nothing) == []
    assert await _watched(file, _nothing, _nothing, file.touch, _nothing, _nothing) == []


async def test_a_changed_file_is_used_when_it_stands_still(tmp_path: Path) -> None:
    """What an editor has written half of is not looked at."""
    file = tmp_path / "f"
    with structlog.testing.capture_logs() as logs:
        used = await _watched(
            file,
            _nothing,
            lambda: file.write_text(SLOWER[:200]),
            lambda: file.write_text(SLOWER),
            _nothing,
            _nothing,
        )
    assert used == [SLOWER]
    assert logs == [
        {
            "event": "a configuration is taken up",
            "log_level": "info",
            "generation": 2,
            "changes": ["delivery.linger: 20ms → 50ms"],
        }
    ]


async def test_a_replaced_link_is_a_changed_file(tmp_path: Path) -> None:
    """So Kubernetes changes it."""
    file, other, new = tmp_path / "f", tmp_path / "other", tmp_path / "new"
    other.write_text(SLOWER)
    new.symlink_to(other)
    assert await _watched(file, _nothing, lambda: new.rename(file), _nothing) == [SLOWER]


async def test_a_file_that_cannot_be_used_is_told_once(tmp_path: Path) -> None:
    """And used when it has been mended."""
    file = tmp_path / "f"
    with structlog.testing.capture_logs() as logs:
        used = await _watched(
            file,
            _nothing,
            lambda: file.write_text("nonsense: 1"),
            _nothing,
            _nothing,
            file.unlink,
            _nothing,
            _nothing,
            lambda: file.write_text(SLOWER),
            _nothing,
        )
    assert used == [SLOWER]
    assert [line["event"] for line in logs] == [
        "the configuration is refused; the one before stays",
        "the configuration is refused; the one before stays",
        "a configuration is taken up",
    ]
    assert logs[1]["problems"] == [f"{file}: cannot be read: No such file or directory"]


async def test_an_unforeseen_fault_of_a_file_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is watched as before."""
    file = tmp_path / "f"
    fault = RuntimeError("secret")

    def fails(*_: object) -> None:
        raise fault

    def breaks() -> None:
        monkeypatch.setattr("gateway.processes.reloading.successor", fails)
        file.write_text(SLOWER)

    def mends() -> None:
        monkeypatch.undo()
        file.write_text(SLOWER + "\n")

    with structlog.testing.capture_logs() as logs:
        used = await _watched(file, _nothing, breaks, _nothing, mends, _nothing)
    assert used == [SLOWER + "\n"]
    assert logs[0] == {
        "event": "the configuration is refused; the one before stays",
        "log_level": "error",
        "exc_info": fault,
    }


def test_a_child_says_which_configuration_it_uses() -> None:
    """And keeps the one before where it cannot."""
    taken: list[Config] = []
    report = reconfigured(Report(port=7, generation=1), Generation(2, "F", SLOWER), taken.append)
    assert report == Report(port=7, generation=2)
    assert [config.delivery.linger_s for config in taken] == [0.05]

    def fails(_: Config) -> None:
        raise FileNotFoundError

    report = reconfigured(report, Generation(3, "F", WITHOUT_FILES), fails)
    assert report == Report(port=7, generation=2, refused=3)
