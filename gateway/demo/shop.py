"""A small shop that makes up what its services send; the same seed makes up the same."""

from collections.abc import Iterator
from random import Random

from google.protobuf.timestamp_pb2 import Timestamp
from personalize_gateway.v1.action_interaction_pb2 import ActionInteraction
from personalize_gateway.v1.action_pb2 import Action
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.item_pb2 import Item
from personalize_gateway.v1.user_pb2 import User

_CATEGORIES = ("shoes", "coats", "bags", "lamps", "chairs", "toys", "books", "plants")
_MEMBERSHIPS = ("none", "silver", "gold")
_CHANNELS = ("email", "app", "web")
_ANSWERS = ("Viewed", "Taken", "Not Taken")

_USERS = 150
_ACTIONS = 5
_SHOWN_PRODUCTS = 6
_CHEAP = 50.0
_BUYING_SHARE = 0.2

Page = list[Event]
"""What the browser reports of one page."""


class Shop:
    """Products, users and actions, and what happens between them.

    Args:
        random: decides everything.
        now_s: when the shop opens, in seconds since the Unix epoch.
    """

    def __init__(self, random: Random, now_s: int) -> None:
        self._random = random
        self._now_s = now_s
        self._prices: dict[str, float] = {}
        self._categories: dict[str, list[str]] = {}

    def new_products(self, count: int) -> list[Item]:
        """Return products that the shop did not have before."""
        return [self._new_product() for _ in range(count)]

    def price_changes(self, count: int) -> list[Item]:
        """Return products that have another price now."""
        item_ids = self._random.sample([*self._prices], count)
        for item_id in item_ids:
            factor = self._random.uniform(0.7, 0.95)
            self._prices[item_id] = round(self._prices[item_id] * factor, 2)
        return [self._item(item_id) for item_id in item_ids]

    def users(self, count: int) -> list[User]:
        """Return users as the shop knows them now."""
        return [self._user(n) for n in self._random.sample(range(1, _USERS + 1), count)]

    def actions(self) -> list[Action]:
        """Return all actions that users may be offered."""
        return [self._action(number) for number in range(1, _ACTIONS + 1)]

    def visit(self, number: int) -> Iterator[Page]:
        """Yield the pages of a visit: it begins anonymous, and then the visitor logs in."""
        user_id = self._user_id()
        for page in range(self._random.randrange(2, 7)):
            events = self._page(f"session-{number}", self._now_s + number + 30 * page)
            if page > 0:
                for event in events:
                    event.user_id = user_id
            yield events

    def offer(self, number: int) -> ActionInteraction:
        """Return what a user did with an action that was offered to her."""
        user_id = self._user_id()
        return ActionInteraction(
            session_id=f"app-of-{user_id}",
            user_id=user_id,
            event_id=f"offer-{number}",
            event_type=self._random.choice(_ANSWERS),
            event_time=Timestamp(seconds=self._now_s + number),
            action_id=f"action-{self._random.randrange(1, _ACTIONS + 1)}",
        )

    def _user_id(self) -> str:
        return f"user-{self._random.randrange(1, _USERS + 1)}"

    def _new_product(self) -> Item:
        item_id = f"item-{len(self._prices) + 1}"
        self._prices[item_id] = round(self._random.uniform(5, 200), 2)
        self._categories[item_id] = self._random.sample(_CATEGORIES, self._random.randrange(1, 3))
        return self._item(item_id)

    def _item(self, item_id: str) -> Item:
        item, price = Item(item_id=item_id), self._prices[item_id]
        item.properties.update(
            {"price": price, "category": self._categories[item_id], "promoted": price < _CHEAP}
        )
        return item

    def _user(self, number: int) -> User:
        user = User(user_id=f"user-{number}")
        membership = self._random.choice(_MEMBERSHIPS)
        user.properties.update({"age": 18 + number % 60, "membership": membership})
        return user

    def _action(self, number: int) -> Action:
        action = Action(action_id=f"action-{number}")
        action.properties.update({"value": 10 * number, "channel": self._random.choice(_CHANNELS)})
        return action

    def _page(self, session_id: str, seconds: int) -> Page:
        """Return what was shown and looked at, and perhaps bought."""
        shown = self._random.sample([*self._prices], _SHOWN_PRODUCTS)
        view = Event(
            session_id=session_id,
            event_type="View",
            event_time=Timestamp(seconds=seconds),
            item_id=shown[0],
            recommendation_id=f"RID-{self._random.getrandbits(64):016x}",
            impression=shown,
        )
        if self._random.random() > _BUYING_SHARE:
            return [view]
        return [view, self._purchase(session_id, seconds + 10, shown[0])]

    def _purchase(self, session_id: str, seconds: int, item_id: str) -> Event:
        quantity = self._random.randrange(1, 4)
        purchase = Event(
            session_id=session_id,
            event_type="Purchase",
            event_time=Timestamp(seconds=seconds),
            item_id=item_id,
            event_value=round(self._prices[item_id] * quantity, 2),
        )
        purchase.properties.update({"quantity": quantity, "discount": "No"})
        return purchase
