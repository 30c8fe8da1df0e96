"""`personalize-gateway dead-letters` against a server."""

import asyncio
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from google.protobuf.json_format import MessageToDict, ParseDict
from personalize_gateway.v1.dead_letter_pb2 import DeadLetter
from personalize_gateway.v1.dead_letter_service_pb2 import ReplayDeadLettersResponse

from gateway.api import Item
from gateway.cli import main
from gateway.cli.dead_letters import _Tally
from gateway.dead_letters.shown import shown
from gateway.outbox.interface import DeadLetterReason, OutboxUnavailable
from gateway.records import Kind, Lane
from tests.support.dead_letters import Setting, dead_letter, event

SECRET = "secret-4711"
OLD = dead_letter(
    "d1",
    event(event_id=SECRET, user_id=SECRET, properties={"p": f"{SECRET}\x9b2J"}),
    code="Bad",
    detail=f"{SECRET} is bad",
    dead_at_ms=1_767_225_600_000,
)
NEW = dead_letter(
    "d2",
    Item(item_id=SECRET),
    lane=Lane("next", Kind.ITEMS),
    reason=DeadLetterReason.EXPIRED,
    code="EXPIRED",
    attempts=12,
    dead_at_ms=1_767_312_000_999,
    superseded=True,
)


@pytest.fixture
def run(address: str) -> Any:
    """Run a command of the group against the server."""

    async def invoke(*arguments: str, answers: str | None = None) -> Result:
        command = ["dead-letters", *arguments, "--to", address]
        return await asyncio.to_thread(CliRunner().invoke, main, command, answers)

    return invoke


async def test_a_list_shows_nothing_of_the_records(run: Any, setting: Setting) -> None:
    """It is a table of what is known of them besides, and may be shown to anybody."""
    setting.kept.add(OLD, NEW)
    result = await run("list")
    table = [
        "ID  SINCE                 REASON   CODE  SENT  DATASET GROUP  KIND    CALLER  NOTE",
        "d1  2026-01-01T00:00:00Z  refused  Bad   1     shop           events  web     -",
        "d2  2026-01-02T00:00:00Z  expired  -     12    next           items   web     superseded",
    ]
    assert (result.exit_code, result.stdout.splitlines()) == (0, table)
    assert SECRET not in result.output


async def test_a_list_ends_at_its_limit_and_says_so(run: Any, setting: Setting) -> None:
    """Nobody takes the start of a list for all of it."""
    setting.kept.add(OLD, NEW)
    result = await run("list", "--limit", "1")
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == "There are more than 1: see --limit, or choose fewer.\n"
    assert (await run("list", "--limit", "2")).stderr == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), "d1 d2"),
        (("d2",), "d2"),
        (("d2", "d1", "d2"), "d1 d2"),
        (("--dataset-group", "next"), "d2"),
        (("--kind", "events"), "d1"),
        (("--reason", "expired"), "d2"),
        (("--reason", "internal"), ""),
        (("--since", "2026-01-02T00:00:00Z"), "d2"),
        (("--since", "2026-01-02T00:00:01+00:00"), ""),
        (("--until", "2026-01-02T02:00:00+02:00"), "d1"),
        (("--until", "1h"), "d1 d2"),
        (("--since", "1h"), ""),
    ],
)
async def test_options_choose(
    options: tuple[str, ...], expected: str, run: Any, setting: Setting
) -> None:
    """Each option leaves out what does not fit it."""
    setting.kept.add(OLD, NEW)
    result = await run("export", *options)
    ids = [json.loads(line)["deadLetterId"] for line in result.stdout.splitlines()]
    assert (result.exit_code, ids) == (0, expected.split())


@pytest.mark.parametrize("time", ["yesterday", "2026-01-02", "2026-01-02T00:00:00", "5"])
async def test_a_time_that_could_mean_two_things_is_refused(time: str, run: Any) -> None:
    """A time has its zone."""
    result = await run("list", "--since", time)
    assert result.exit_code == 2
    assert "2026-01-31T12:00:00Z" in result.stderr


async def test_show_prints_all_that_is_known(run: Any, setting: Setting) -> None:
    """It is JSON, with what a terminal would obey written out."""
    setting.kept.add(OLD, NEW)
    result = await run("show", "d1")
    assert json.loads(result.stdout) == MessageToDict(shown(OLD))
    assert ("\x9b" in result.stdout, "\\u009b2J" in result.stdout) == (False, True)


async def test_show_needs_ids(run: Any) -> None:
    """Whoever wants all of them exports."""
    assert (await run("show")).exit_code == 2


async def test_an_id_that_is_not_there_is_said(run: Any) -> None:
    """The status and its reason are printed, and the exit status says that nothing was done."""
    for command in ("show", "replay", "list", "export"):
        result = await run(command, "gone")
        assert result.exit_code == 2
        assert result.stderr.startswith("NOT_FOUND DEAD_LETTER_UNKNOWN: ")


async def test_an_export_is_complete(run: Any, setting: Setting) -> None:
    """Each dead letter is a line, however many pages that takes, and can be read back."""
    kept = [dead_letter(f"d{number}", Item(item_id="a\u2028b\n")) for number in range(1205)]
    setting.kept.add(*kept)
    result = await run("export")
    lines = result.stdout.splitlines()
    assert [ParseDict(json.loads(line), DeadLetter()).dead_letter_id for line in lines] == [
        f"d{number}" for number in range(1205)
    ]


async def test_a_replay_says_what_became_of_each(run: Any, setting: Setting) -> None:
    """What is refused is told with its rules; the exit status says that there is some."""
    setting.kept.add(
        NEW,
        *(dead_letter(f"i{number}", Item(item_id=f"i{number}")) for number in range(240)),
        dead_letter("bad", Item(item_id="null")),
    )
    result = await run("replay", "--kind", "items")
    assert result.stdout == "240 replayed, 1 superseded and left, 1 refused\n"
    head, violation = result.stderr.splitlines()
    assert (result.exit_code, head) == (1, "bad")
    assert violation.startswith("  record.item.item_id: PLACEHOLDER_ID: ")
    assert (setting.kept.ids, len(await setting.appended())) == (["d2", "bad"], 240)
    mended = '{"item": {"itemId": "i999"}}'
    result = await run("replay", "bad", "--patch", mended)
    assert (result.exit_code, result.output) == (
        0,
        "1 replayed, 0 superseded and left, 0 refused\n",
    )
    assert (await run("replay", "d2", "--force")).exit_code == 0
    assert setting.kept.ids == []


async def test_a_replay_that_breaks_off_says_how_far_it_came(run: Any, setting: Setting) -> None:
    """The operator sees both: what was done, and why no more."""
    setting.kept.add(*(dead_letter(f"i{n}", Item(item_id=f"i{n}")) for n in range(100)))
    setting.kept.add(dead_letter("full", Item(item_id="i"), lane=Lane("full", Kind.ITEMS)))
    result = await run("replay", "--all")
    # The server writes its log to the same place.
    last = result.stdout.splitlines()[-1]
    assert (result.exit_code, last) == (2, "100 replayed, 0 superseded and left, 0 refused")
    assert result.stderr.startswith("RESOURCE_EXHAUSTED BUDGET_EXHAUSTED: ")
    assert "1 were not looked at: the same command, given again, goes on.\n" in result.stderr


async def test_a_delete_that_breaks_off_says_what_to_do(run: Any, setting: Setting) -> None:
    """What was deleted is counted; the operator learns that there is more, and how to go on."""

    def fail_the_second_time() -> None:
        if len(setting.kept.ids) < 150:
            raise OutboxUnavailable("disk full")

    setting.kept.add(*(dead_letter(f"i{n}", Item(item_id=f"i{n}")) for n in range(150)))
    setting.kept.on_delete = fail_the_second_time
    result = await run("delete", "--until", "0s", "--yes")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (2, "100 deleted")
    told = "Not all that were chosen were deleted: the same command, given again, goes on.\n"
    assert told in result.stderr


def test_a_gateway_that_does_nothing_is_not_asked_for_ever() -> None:
    """Where an answer says that nothing was done, the command ends."""
    with pytest.raises(SystemExit) as caught:
        _Tally().add(ReplayDeadLettersResponse())
    assert caught.value.code == 2


@pytest.mark.parametrize("patch", ["{", "[]", '{"a": 1, "a": 2}', "event"])
async def test_a_patch_has_to_be_an_object(patch: str, run: Any) -> None:
    """What is no JSON object is not sent."""
    result = await run("replay", "--all", "--patch", patch)
    assert (result.exit_code, "no JSON object" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["replay", "delete"])
async def test_nothing_chosen_is_not_everything(command: str, run: Any, setting: Setting) -> None:
    """Neither replays nor deletes all there is by accident."""
    setting.kept.add(OLD, NEW)
    assert (await run(command, answers="y\n")).exit_code == 2
    assert setting.kept.ids == ["d1", "d2"]


async def test_a_delete_asks_first(run: Any, setting: Setting) -> None:
    """Only a yes deletes, and it says how many."""
    setting.kept.add(OLD, NEW)
    assert (await run("delete", "d1", answers="n\n")).exit_code == 1
    assert (await run("delete", "d1")).exit_code == 1
    assert setting.kept.ids == ["d1", "d2"]
    result = await run("delete", "d1", "--yes")
    assert (result.exit_code, result.output) == (0, "1 deleted\n")
    result = await run("delete", "--until", "0s", "--yes")
    assert (result.output, setting.kept.ids) == ("1 deleted\n", [])


async def test_nobody_there_is_said() -> None:
    """Without a gateway the commands end with 2."""
    command = ["dead-letters", "list", "--to", "127.0.0.1:1", "--timeout", "60"]
    result = await asyncio.to_thread(CliRunner().invoke, main, command)
    assert (result.exit_code, result.stderr.partition(":")[0]) == (2, "UNAVAILABLE")
