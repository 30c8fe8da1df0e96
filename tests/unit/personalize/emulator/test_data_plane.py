"""The puts on a clock that is set by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import pytest

from gateway.personalize.emulator.config import UnusableTracker
from gateway.personalize.emulator.data_plane import Taken
from gateway.personalize.emulator.errors import AwsError
from gateway.personalize.emulator.lifecycle import Status
from gateway.personalize.emulator.resources import GroupMember


class Clock(Protocol):
    now: float


class Account(Protocol):
    backend: Any

    def call(self, operation: str, **parameters: Any) -> Any: ...

    def seed(self, name: str = "shop", **schemas: Any) -> Any: ...

    def put(self, operation: str, records_member: str, **parameters: Any) -> Taken: ...


EVENT = {"eventType": "view", "itemId": "i", "sentAt": 1}
ACTION = {"actionId": "a", "sessionId": "s", "timestamp": 1, "eventType": "Viewed"}
ITEM = {"itemId": "i", "properties": '{"price": 1}'}


def events(account: Account, tracking_id: str, *records: Any, **parameters: Any) -> Taken:
    """Put events."""
    members = {"trackingId": tracking_id, "sessionId": "s"} | parameters
    return account.put("PutEvents", "eventList", eventList=list(records or [EVENT]), **members)


def error_of(call: Callable[[], object]) -> tuple[str, int | None]:
    """Return the code and status that a call is answered with."""
    with pytest.raises(AwsError) as caught:
        call()
    return caught.value.code, caught.value.status


def kept(account: Account) -> list[tuple[Any, ...]]:
    """Return what was kept, without times and requests."""
    found = account.backend.store.records()
    return [(r.kind, r.dataset_group, r.session_id, r.user_id, r.parsed()) for r in found]


def force(account: Account, member: GroupMember, status: Status) -> None:
    """Force the state of a tracker or dataset."""
    lifetime = replace(member.lifetime, forced=status)
    account.backend.resources.put(replace(member, lifetime=lifetime))


def test_each_put_keeps_its_records(account: Account) -> None:
    """Records are kept with their kind, dataset group, session, user and JSON, in their order."""
    shop = account.seed()
    user = {"userId": "u", "properties": '{"age": 7}'}
    action = {"actionId": "a", "properties": '{"value": 7}'}
    mine = ACTION | {"userId": "u2", "sessionId": "s2"}
    taken = [
        events(account, shop.tracking_id, EVENT, EVENT | {"itemId": "j"}, userId="u"),
        events(account, shop.tracking_id),
        account.put(
            "PutActionInteractions",
            "actionInteractions",
            trackingId=shop.action_tracking_id,
            actionInteractions=[ACTION, mine],
        ),
        account.put("PutItems", "items", datasetArn=shop.dataset_arns["ITEMS"], items=[ITEM]),
        account.put("PutUsers", "users", datasetArn=shop.dataset_arns["USERS"], users=[user]),
        account.put(
            "PutActions", "actions", datasetArn=shop.dataset_arns["ACTIONS"], actions=[action]
        ),
    ]

    assert taken == [Taken(2), Taken(1), Taken(2), Taken(1), Taken(1), Taken(1)]
    assert kept(account) == [
        ("events", "shop", "s", "u", EVENT),
        ("events", "shop", "s", "u", EVENT | {"itemId": "j"}),
        ("events", "shop", "s", None, EVENT),
        ("action_interactions", "shop", "s", None, ACTION),
        ("action_interactions", "shop", "s2", "u2", mine),
        ("items", "shop", None, None, ITEM),
        ("users", "shop", None, None, user),
        ("actions", "shop", None, None, action),
    ]


def test_a_bad_record_refuses_the_whole_call(account: Account) -> None:
    """Of ten records with one bad one none is kept, and the message names its place."""
    shop = account.seed()
    bad = EVENT | {"properties": "{"}

    with pytest.raises(AwsError) as caught:
        events(account, shop.tracking_id, *[EVENT] * 9, bad)

    assert (caught.value.code, caught.value.message) == (
        "InvalidInputException",
        "Record 10: Error parsing properties json",
    )
    assert kept(account) == []


def test_properties_are_checked_against_the_schema(account: Account) -> None:
    """Where the dataset exists its schema is the judge of names, types and required fields."""
    shop = account.seed()
    arn = shop.dataset_arns["ITEMS"]
    bad = [EVENT | {"properties": text} for text in ('{"color": "x"}', '{"numberOfRatings": "x"}')]

    def put_item() -> Taken:
        return account.put("PutItems", "items", datasetArn=arn, items=[{"itemId": "i"}])

    codes = [error_of(lambda e=e: events(account, shop.tracking_id, e)) for e in bad]  # type: ignore[misc]  # a default that binds the loop's value

    assert [*codes, error_of(put_item)] == [("InvalidInputException", None)] * 3
    good = EVENT | {"properties": '{"numberOfRatings": "1"}'}
    assert events(account, shop.tracking_id, good) == Taken(1)


def test_without_a_dataset_events_need_no_schema(account: Account, avro: Any) -> None:
    """A group without a dataset of interactions takes every flat property."""
    shop = account.seed(items=avro["items"])

    assert events(account, shop.tracking_id, EVENT | {"properties": '{"any": 1}'}) == Taken(1)


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.ACTIVE])
def test_a_tracker_that_is_not_active(account: Account, status: Status) -> None:
    """The tracking ID of a tracker in any other state is refused."""
    shop = account.seed()
    tracker = account.backend.resources.by_tracking_id(GroupMember, shop.tracking_id)
    force(account, tracker, status)

    assert error_of(lambda: events(account, shop.tracking_id)) == ("InvalidInputException", None)


def test_tracking_ids_of_others(account: Account) -> None:
    """An unknown tracking ID, and that of the other kind of tracker, are refused."""
    shop = account.seed()

    def act(tracking_id: str) -> Taken:
        return account.put(
            "PutActionInteractions",
            "actionInteractions",
            trackingId=tracking_id,
            actionInteractions=[ACTION],
        )

    assert [
        error_of(lambda: events(account, "none")),
        error_of(lambda: events(account, shop.action_tracking_id)),
        error_of(lambda: act("none")),
        error_of(lambda: act(shop.tracking_id)),
    ] == [("InvalidInputException", None)] * 2 + [("ResourceNotFoundException", None)] * 2


def test_unusable_trackers_may_drop(account_of: Callable[..., Account]) -> None:
    """If so set, events without an ACTIVE tracker are answered well and gone."""
    account = account_of(unusable_tracker=UnusableTracker.DROP)

    assert events(account, "none", EVENT, EVENT) == Taken(0, dropped=2)
    assert kept(account) == []


def test_the_session_null_is_dropped(account: Account) -> None:
    """The session ID "null" is answered well and its records are gone, as users report of AWS."""
    shop = account.seed()
    taken = [
        events(account, shop.tracking_id, EVENT, EVENT, sessionId="null"),
        account.put(
            "PutActionInteractions",
            "actionInteractions",
            trackingId=shop.action_tracking_id,
            actionInteractions=[ACTION, ACTION | {"sessionId": "null"}],
        ),
    ]

    assert taken == [Taken(0, dropped=2), Taken(1, dropped=1)]
    assert kept(account) == [("action_interactions", "shop", "s", None, ACTION)]


def test_an_item_has_no_session(account: Account) -> None:
    """A member that the model does not know is ignored, whatever its name."""
    shop = account.seed()
    item = ITEM | {"sessionId": "null", "userId": "u"}
    account.put(
        "PutItems", "items", datasetArn=shop.dataset_arns["ITEMS"], trackingId="x", items=[item]
    )
    events(account, shop.tracking_id, datasetArn="x")

    assert kept(account) == [
        ("items", "shop", None, None, item),
        ("events", "shop", "s", None, EVENT),
    ]


def test_datasets_that_cannot_be_put_to(account: Account) -> None:
    """An unknown dataset, one of another type and one that is not ACTIVE are refused."""
    shop = account.seed()
    arns = shop.dataset_arns
    users = account.backend.resources.find(GroupMember, arns["USERS"])
    force(account, users, Status.DELETE_PENDING)

    def put_user(arn: str) -> Callable[[], Taken]:
        user = {"userId": "u", "properties": '{"age": 1}'}
        return lambda: account.put("PutUsers", "users", datasetArn=arn, users=[user])

    assert [error_of(put_user(arn)) for arn in (shop.arn, arns["ITEMS"], arns["USERS"])] == [
        ("ResourceNotFoundException", None),
        ("InvalidInputException", None),
        ("ResourceInUseException", None),
    ]


def test_action_interactions_to_a_dataset_that_is_not_active(account: Account) -> None:
    """The tracking ID of a dataset in another state is in use."""
    shop = account.seed()
    dataset = account.backend.resources.by_tracking_id(GroupMember, shop.action_tracking_id)
    force(account, dataset, Status.CREATE_IN_PROGRESS)

    assert error_of(
        lambda: account.put(
            "PutActionInteractions",
            "actionInteractions",
            trackingId=shop.action_tracking_id,
            actionInteractions=[ACTION],
        )
    ) == ("ResourceInUseException", None)


def test_quotas(account_of: Callable[..., Account], clock: Clock) -> None:
    """Calls beyond the quota are throttled with the status that is set, until time has passed."""
    account = account_of(throttling_status=429)
    arn = account.seed().dataset_arns["ITEMS"]

    def put() -> str:
        try:
            account.put("PutItems", "items", datasetArn=arn, items=[ITEM])
        except AwsError as error:
            return f"{error.code} {error.status}"
        return "taken"

    first = [put() for _ in range(12)]
    clock.now += 0.25
    later = [put() for _ in range(3)]

    assert first == ["taken"] * 10 + ["ThrottlingException 429"] * 2
    assert later == ["taken"] * 2 + ["ThrottlingException 429"]
    assert len(kept(account)) == 12


@pytest.mark.parametrize("character", ["x", "é", "🛒"])
def test_the_size_of_an_event(account: Account, character: str) -> None:
    """An event of 10 KB in UTF-8 is taken and one character more is not, however escaped."""
    shop = account.seed()
    room = 10_240 - len('{"eventType":"view","itemId":"","sentAt":1}')
    most = room // len(character.encode())
    # The shape would refuse an ID of this length: here the size alone is looked at.
    largest = {"eventType": "view", "itemId": character * most, "sentAt": 1}
    larger = largest | {"itemId": character * (most + 1)}

    assert events(account, shop.tracking_id, largest) == Taken(1)
    assert error_of(lambda: events(account, shop.tracking_id, larger)) == (
        "InvalidInputException",
        None,
    )
