from pathlib import Path

import pytest

from gateway.api import ActionInteraction, Item
from gateway.control.client import ControlClient
from gateway.control.dead_letters import RemoteDeadLetters, dead_letter_routes
from gateway.control.server import ControlServer
from gateway.dead_letters.errors import DeadLettersUnavailable
from gateway.outbox.dead_letters import DeadLetterFilter
from gateway.outbox.interface import DeadLetterReason, OutboxUnavailable
from gateway.records import Kind, Lane, Record
from tests.support.dead_letters import Setting, dead_letter, event

KEPT = (
    dead_letter("d1", event(user_id="ü\u2028😀")),
    dead_letter(
        "d2", Item(item_id="i"), lane=Lane("next", Kind.ITEMS), reason=DeadLetterReason.EXPIRED
    ),
    dead_letter("d3", event(), detail="\x00\x1b ü", attempts=7, superseded=True),
    dead_letter(
        "d4", ActionInteraction(), record=Record("e", b"\xff\x00"), dead_at_ms=1_790_000_000_123
    ),
)


@pytest.mark.parametrize(
    "chosen",
    [
        DeadLetterFilter(),
        DeadLetterFilter(dataset_group="next"),
        DeadLetterFilter(kind=Kind.ACTION_INTERACTIONS),
        DeadLetterFilter(reason=DeadLetterReason.EXPIRED),
        DeadLetterFilter(since_ms=1_790_000_000_123),
        DeadLetterFilter(until_ms=1_790_000_000_123),
        DeadLetterFilter(ids=("d3", "ü")),
        DeadLetterFilter(ids=()),
    ],
)
async def test_what_is_found_over_the_socket_is_what_is_there(
    chosen: DeadLetterFilter, setting: Setting, remote: RemoteDeadLetters
) -> None:
    """Every member of filters, pages and dead letters comes across as it is."""
    setting.kept.add(*KEPT)
    for limit in (1, 10):
        for after in (0, 2):
            found = await remote.find(chosen, after=after, limit=limit)
            assert found == await setting.kept.find(chosen, after=after, limit=limit)
    assert await remote.totals(chosen) == await setting.kept.totals(chosen)


async def test_what_is_changed_over_the_socket_is_changed(
    setting: Setting, remote: RemoteDeadLetters
) -> None:
    """Deleting and superseding reach the dead letters, and say how many it was."""
    setting.kept.add(*KEPT)
    assert await remote.delete(["d1", "gone", "d3"]) == 2
    assert setting.kept.ids == ["d2", "d4"]
    assert await remote.supersede(Lane("next", Kind.ITEMS), "i") == 1
    assert [one.superseded for one in (await remote.find()).dead_letters] == [True, False]


async def test_who_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    """Nobody listens: the delivery process is being started again."""
    async with ControlClient(tmp_path) as control:
        with pytest.raises(DeadLettersUnavailable):
            await RemoteDeadLetters(control).find()


async def test_an_error_there_is_one_here(setting: Setting, tmp_path: Path) -> None:
    """A disk that fails and a fault that nobody foresaw are both no answer."""
    server = ControlServer(tmp_path, dead_letter_routes(setting.kept))
    await server.start()
    async with ControlClient(tmp_path) as control:
        for error in (OutboxUnavailable("disk full"), RuntimeError("a fault")):

            def fail(error: Exception = error) -> None:
                raise error

            setting.kept.on_delete = fail
            with pytest.raises(DeadLettersUnavailable):
                await RemoteDeadLetters(control).delete(["d1"])
    await server.stop()
