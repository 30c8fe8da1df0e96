from dataclasses import replace
from typing import Any

import pytest
import structlog
from google.protobuf.struct_pb2 import Struct

from gateway.acceptance import InvalidRequest
from gateway.api import (
    DeleteDeadLettersRequest,
    IngestRecord,
    Item,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
    Rule,
)
from gateway.dead_letters.errors import DeadLettersUnavailable, DeadLetterUnknown
from gateway.dead_letters.replay import MAX_REFUSED, RefusedDeadLetter, Replayed
from gateway.dead_letters.service import Deleted
from gateway.outbox.interface import BudgetExhausted, OutboxUnavailable
from gateway.records import Chunk, Kind, Lane
from gateway.validation.violation import Violation
from tests.support.dead_letters import ALL, Setting, dead_letter, event

FULL = Lane("full", Kind.ITEMS)


def item(dead_letter_id: str, **attributes: Any) -> Any:
    """Return the dead letter of an item whose ID is that of the dead letter."""
    return dead_letter(dead_letter_id, Item(item_id=dead_letter_id), **attributes)


def items(count: int, **attributes: Any) -> list[Any]:
    """Return as many, i0, i1 and so on."""
    return [item(f"i{number}", **attributes) for number in range(count)]


def struct(value: dict[str, Any]) -> Struct:
    """Make a Struct of JSON."""
    made = Struct()
    made.update(value)
    return made


def chunk(kept: Any) -> Chunk:
    """Return what replaces a dead letter that nothing is changed in."""
    as_new = Chunk(kept.lane, kept.caller, kept.route, (kept.record,))
    if not kept.lane.kind.replaces:
        return as_new
    return replace(as_new, origin=kept.origin, dead_letter_id=kept.dead_letter_id)


def violations(error: InvalidRequest) -> list[tuple[str, Rule]]:
    """Return paths and rules."""
    return [(one.field, one.rule) for one in error.violations]


async def ids(setting: Setting, **request: Any) -> list[list[str]]:
    """Return the IDs of every page of a list."""
    pages, token = [], ""
    while True:
        asked = ListDeadLettersRequest(**request, page_token=token)
        page = await setting.service.page(asked)
        pages.append([one.dead_letter_id for one in page.dead_letters])
        token = page.next_page_token
        if not token:
            return pages


async def test_a_list_is_complete_in_pages(setting: Setting) -> None:
    """Each dead letter is on one page, the oldest first, a hundred where nothing is said."""
    setting.kept.add(*items(120))
    names = [f"i{number}" for number in range(120)]
    assert await ids(setting) == [names[:100], names[100:]]
    assert await ids(setting, page_size=45) == [names[:45], names[45:90], names[90:]]
    assert await ids(setting, page_size=60) == [names[:60], names[60:]]
    assert await ids(setting, page_size=120) == [names]
    assert await ids(setting, page_size=500, filter={"dead_letter_ids": ["i7"]}) == [["i7"]]
    assert await ids(setting, filter={"dataset_group": "none"}) == [[]]


async def test_a_page_fits_into_a_message(setting: Setting) -> None:
    """However large the records are, clients that take 4 MiB can read the answer."""
    large = "\U0001d4b3" * 31_900
    setting.kept.add(
        *(
            dead_letter(f"d{number}", Item(item_id="i", properties={"t": large}))
            for number in range(60)
        )
    )
    setting.kept.add(*items(30))
    first = await setting.service.page(ListDeadLettersRequest(page_size=500))
    assert 2**21 <= first.ByteSize() < 3 * 2**20
    pages = await ids(setting, page_size=500)
    names = [f"d{number}" for number in range(60)] + [f"i{number}" for number in range(30)]
    assert [one for page in pages for one in page] == names
    assert len(pages) == 3


async def test_what_is_deleted_between_two_pages_shifts_nothing(setting: Setting) -> None:
    """The second page begins behind the first, whatever is gone."""
    setting.kept.add(*items(6))
    first = await setting.service.page(ListDeadLettersRequest(page_size=3))
    await setting.kept.delete(["i0", "i1", "i2", "i3"])
    token = first.next_page_token
    second = await setting.service.page(ListDeadLettersRequest(page_size=3, page_token=token))
    assert [one.dead_letter_id for one in second.dead_letters] == ["i4", "i5"]
    named: Any = {"dead_letter_ids": ["i0", "i4", "i5"]}
    asked = ListDeadLettersRequest(filter=named, page_token=token)
    third = await setting.service.page(asked)
    assert [one.dead_letter_id for one in third.dead_letters] == ["i4", "i5"]


@pytest.mark.parametrize("token", ["x", "-1", "1.5", "٣", "1 ", "9" * 19])
async def test_what_is_no_token_is_refused(token: str, setting: Setting) -> None:
    """The path is that of the field."""
    with pytest.raises(InvalidRequest) as caught:
        await setting.service.page(ListDeadLettersRequest(page_token=token))
    assert violations(caught.value) == [("page_token", Rule.RULE_PATTERN)]


async def test_a_replay_puts_records_back_as_they_were(setting: Setting) -> None:
    """What was chosen is in the outbox in its old order, and no dead letter any more."""
    kept = [item("i1"), dead_letter("d1", event(), lane=Lane("shop_next", Kind.EVENTS)), item("i2")]
    setting.kept.add(*kept, item("other", lane=Lane("other", Kind.ITEMS)))
    request = ReplayDeadLettersRequest(filter={"dead_letter_ids": ["i2", "d1", "i1"]})
    assert await setting.service.replay(request, 60) == Replayed(replayed=3)
    assert await setting.appended() == [chunk(one) for one in kept]
    assert setting.kept.ids == ["other"]


async def test_a_replay_goes_through_all_pages(setting: Setting) -> None:
    """More than a page is replayed by one request."""
    setting.kept.add(*items(250))
    assert await setting.service.replay(ALL, 60) == Replayed(replayed=250)
    assert await setting.appended() == [chunk(one) for one in items(250)]
    assert setting.kept.ids == []


async def test_what_comes_back_is_not_replayed_again(setting: Setting) -> None:
    """A record that Personalize refuses at once again does not keep a replay going for ever."""
    setting.kept.add(*items(250))
    came_back: list[str] = []

    def refuse_again() -> None:
        name = f"again{len(came_back)}"
        came_back.append(name)
        setting.kept.add(*(item(f"{name}-{number}") for number in range(100)))

    setting.kept.on_delete = refuse_again
    assert await setting.service.replay(ALL, 60) == Replayed(replayed=250)
    assert len(setting.kept.ids) == 300


async def test_a_patch_is_put_on_each_record(setting: Setting) -> None:
    """What passes with it goes; what it does not fit stays, and is told with the rules."""
    setting.kept.add(dead_letter("d1", event()), item("i1"), dead_letter("d2", event()))
    request = ReplayDeadLettersRequest(filter={}, patch=struct({"event": {"eventType": "Buy"}}))
    text = "the patch is for records of the kind `event`"
    refused = RefusedDeadLetter("i1", [Violation("record.item", Rule.RULE_KIND, text, None)])
    assert await setting.service.replay(request, 60) == Replayed(2, 0, 1, [refused])
    sent = [one.records[0].element for one in await setting.appended()]
    assert sent == [
        b'{"eventId":"e-d%d","eventType":"Buy","sentAt":1787462253}' % number for number in (1, 2)
    ]
    assert setting.kept.ids == ["i1"]


async def test_a_patch_that_fits_no_record_is_refused_before_anything_is_done(
    setting: Setting,
) -> None:
    """Nothing is replayed by a request that is wrong in itself."""
    setting.kept.add(dead_letter("d1", event()))
    request = ReplayDeadLettersRequest(filter={}, patch=struct({"event": {"evntType": "Buy"}}))
    with pytest.raises(InvalidRequest) as caught:
        await setting.service.replay(request, 60)
    assert violations(caught.value) == [('patch["event"]["evntType"]', Rule.RULE_PATTERN)]
    assert (setting.kept.ids, await setting.appended()) == (["d1"], [])


async def test_superseded_ones_are_left_unless_forced(setting: Setting) -> None:
    """An old record does not take the place of a newer one by itself."""
    old, new = item("i1", superseded=True), item("i2")
    setting.kept.add(old, new)
    assert await setting.service.replay(ALL, 60) == Replayed(replayed=1, superseded=1)
    assert (setting.kept.ids, await setting.appended()) == (["i1"], [chunk(new)])
    forced = ReplayDeadLettersRequest(filter={}, force=True)
    assert await setting.service.replay(forced, 60) == Replayed(replayed=1)
    as_new = Chunk(old.lane, old.caller, old.route, (old.record,))
    assert await setting.appended() == [chunk(new), as_new]


async def test_the_first_500_refusals_are_told(setting: Setting) -> None:
    """The answer is bounded; what is behind them is replayed all the same."""
    broken = [dead_letter(f"d{number}", Item(item_id="null")) for number in range(MAX_REFUSED + 20)]
    setting.kept.add(*broken, item("good"))
    done = await setting.service.replay(ALL, 60)
    assert [one.dead_letter_id for one in done.refusals] == [f"d{number}" for number in range(500)]
    assert {one.violations[0].field for one in done.refusals} == {"record.item.item_id"}
    assert (done.replayed, done.refused, len(setting.kept.ids)) == (1, 520, 520)


async def test_a_dead_letter_goes_only_once_its_replacement_is_stored(setting: Setting) -> None:
    """When dead letters are deleted, the outbox has what replaces them."""
    setting.kept.add(*items(2))
    stored: list[int] = []
    setting.kept.on_delete = lambda: stored.append(setting.outbox._rows)
    await setting.service.replay(ALL, 60)
    assert stored == [2]


async def test_where_the_outbox_has_no_room_nothing_is_lost(setting: Setting) -> None:
    """The dead letters stay, and the caller learns when to ask again."""
    setting.kept.add(item("i1", lane=FULL))
    with pytest.raises(BudgetExhausted):
        await setting.service.replay(ALL, 60)
    assert (setting.kept.ids, await setting.appended()) == (["i1"], [])


async def test_a_replay_that_ends_early_says_how_far_it_came(setting: Setting) -> None:
    """What was done is told; the next request then meets the error."""
    setting.kept.add(*items(100), item("refused", lane=FULL), item("more"))
    setting.kept.add(dead_letter("bad", Item(item_id="null")))
    with structlog.testing.capture_logs() as logs:
        done = await setting.service.replay(ALL, 60)
    assert done == Replayed(replayed=100, incomplete=True)
    assert setting.kept.ids == ["refused", "more", "bad"]
    (line,) = logs
    assert (line["rpc"], line["error"]) == ("replay", "BudgetExhausted")
    with pytest.raises(BudgetExhausted):
        await setting.service.replay(ALL, 60)


async def test_after_an_error_between_storing_and_deleting_both_are_there(
    setting: Setting,
) -> None:
    """It is sent twice then, and nobody says that nothing was stored."""

    def fail() -> None:
        raise OutboxUnavailable("disk full")

    setting.kept.add(item("i1"))
    setting.kept.on_delete = fail
    with pytest.raises(DeadLettersUnavailable):
        await setting.service.replay(ALL, 60)
    assert (setting.kept.ids, await setting.appended()) == (["i1"], [chunk(item("i1"))])


async def test_when_the_time_is_over_no_further_page_is_begun(setting: Setting) -> None:
    """The answer says what was done, and asking again goes on."""
    setting.kept.add(*items(250))

    def a_page_takes_a_second() -> None:
        setting.clock.now_s += 1

    setting.kept.on_find = a_page_takes_a_second
    assert await setting.service.replay(ALL, 1.5) == Replayed(replayed=200, incomplete=True)
    assert await setting.service.replay(ALL, 0) == Replayed(replayed=50)
    setting.kept.add(*items(250))
    deleting = DeleteDeadLettersRequest(filter={"kind": "RECORD_KIND_ITEMS"})
    assert [await setting.service.delete(deleting, 0) for _ in range(4)] == [
        Deleted(100, incomplete=True),
        Deleted(100, incomplete=True),
        Deleted(50, incomplete=False),
        Deleted(0, incomplete=False),
    ]


@pytest.mark.parametrize("act", ["page", "replay", "delete"])
async def test_an_id_that_is_named_has_to_be_there(act: str, setting: Setting) -> None:
    """Otherwise nothing is done, and those that are missing are told."""
    setting.kept.add(item("i1"))
    chosen: Any = {"dead_letter_ids": ["gone", "i1", "never"], "dataset_group": "other"}
    calls: dict[str, Any] = {
        "page": lambda: setting.service.page(ListDeadLettersRequest(filter=chosen)),
        "replay": lambda: setting.service.replay(ReplayDeadLettersRequest(filter=chosen), 60),
        "delete": lambda: setting.service.delete(DeleteDeadLettersRequest(filter=chosen), 60),
    }
    with pytest.raises(DeadLetterUnknown) as caught:
        await calls[act]()
    assert caught.value.dead_letter_ids == ("gone", "never")
    assert (setting.kept.ids, await setting.appended()) == (["i1"], [])


async def test_an_id_that_does_not_fit_the_rest_of_the_filter_is_left(setting: Setting) -> None:
    """It is known; it is only not chosen."""
    setting.kept.add(item("i1"))
    chosen: Any = {"dead_letter_ids": ["i1"], "dataset_group": "other"}
    request = DeleteDeadLettersRequest(filter=chosen)
    assert await setting.service.delete(request, 60) == Deleted(0, incomplete=False)
    assert setting.kept.ids == ["i1"]


async def test_what_is_chosen_is_deleted(setting: Setting) -> None:
    """And nothing else."""
    setting.kept.add(*items(150), dead_letter("d1", event()))
    request = DeleteDeadLettersRequest(filter={"kind": "RECORD_KIND_ITEMS"})
    assert await setting.service.delete(request, 60) == Deleted(150, incomplete=False)
    assert setting.kept.ids == ["d1"]


async def test_not_everything_is_deleted_by_saying_nothing(setting: Setting) -> None:
    """An empty filter is refused."""
    setting.kept.add(item("i1"))
    for request in (DeleteDeadLettersRequest(), DeleteDeadLettersRequest(filter={})):
        with pytest.raises(InvalidRequest) as caught:
            await setting.service.delete(request, 60)
        assert violations(caught.value) == [("filter", Rule.RULE_REQUIRED)]
    assert setting.kept.ids == ["i1"]
    request = DeleteDeadLettersRequest(filter={"until": {"seconds": 2**33}})
    assert await setting.service.delete(request, 60) == Deleted(1, incomplete=False)


async def test_a_listed_record_can_be_sent_again(setting: Setting) -> None:
    """What is shown is a record of the API."""
    setting.kept.add(item("i1"))
    page = await setting.service.page(ListDeadLettersRequest())
    assert page.dead_letters[0].record == IngestRecord(item=Item(item_id="i1"))
