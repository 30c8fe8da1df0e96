"""What tells two configurations apart."""

import copy
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Config, parse
from gateway.config.changes import Change, changes
from gateway.config.reading import read
from tests.support.configurations import VALID

TREE = yaml.load(VALID, Loader=yaml.BaseLoader)  # noqa: S506  # it makes only text
GROUP = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/"


def _told(old: str, new: str, **environ: str) -> list[str]:
    before, after = read(old, "F", environ), read(new, "F", environ)
    found = changes(before.config, after.config, before.from_environment, after.from_environment)
    return [str(change) for change in found]


def _changed(*replacements: tuple[str, str]) -> str:
    text = VALID
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("workers: 2", "workers: 3", "server.workers: 2 → 3"),
        ("linger: 20ms", "linger: 1.5s", "delivery.linger: 20ms → 1500ms"),
        ("reflection: true", "reflection: false", "server.reflection: true → false"),
        ("drain: 10s", "drain: 90s", "delivery.drain: 10s → 90s"),
        ("max_age: 3d", "max_age: 36h", "delivery.max_age: 3d → 36h"),
        ("drain: 10s", "drain: 0s", "delivery.drain: 10s → 0s"),
        ("budget: 4GiB", "budget: 2MB", "dataset_groups.shop.budget: 4GiB → 2MB"),
        ('["*"]', "[app, cms]", "routes.everything.callers: [*] → [app, cms]"),
        ("quota_share: 0.5", "quota_share: 1", "dataset_groups.shop.quota_share: 0.5 → 1"),
        (
            "    role_arn: arn:aws:iam::123456789012:role/personalize\n",
            "",
            "dataset_groups.shop.role_arn: arn:aws:iam::123456789012:role/personalize → (none)",
        ),
    ],
)
def test_a_change_is_told_as_the_file_may_state_it(old: str, new: str, told: str) -> None:
    """With the unit of its value."""
    assert _told(VALID, _changed((old, new))) == [told]


def test_another_order_is_no_change() -> None:
    """Routes go by name, and dataset groups too."""
    tree = copy.deepcopy(TREE)
    tree["routes"].reverse()
    tree["dataset_groups"] = dict(reversed(tree["dataset_groups"].items()))
    assert _told(VALID, yaml.safe_dump(tree, sort_keys=False)) == []


def test_another_way_to_write_a_value_is_no_change() -> None:
    """Nor is a default that is stated."""
    assert _told(VALID, _changed(("linger: 20ms", "linger: 0.02s"))) == []
    assert _told(VALID, _changed(("  reflection: true\n", ""))) == []


@pytest.mark.parametrize("old_is_secret", [False, True])
def test_what_came_from_the_environment_is_named_alone(old_is_secret: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """On either side, also where it is one entry of a list or the name of a route."""
    secret = _changed(
        ("tracking-shop", "id-${SECRET}"), ("[web,", '["${SECRET}",'), ("everything", "${SECRET}")
    )
    old, new = (secret, VALID) if old_is_secret else (VALID, secret)
    told = _told(old, new, SECRET="hunter2")
    assert "hunter2" not in repr(told)
    assert {"dataset_groups.shop.tracking_id", "routes.storefront.callers"} <= set(told)


def test_what_identity_holds_is_named_alone() -> None:
    """But for where callers' names come from."""
    old, new = parse(VALID, "F", {}), parse(VALID, "F", {})
    fields = type(new.identity).model_fields
    for name, info in fields.items():
        key = f"identity.{info.alias or name}"
        identity = new.identity.model_copy(update={name: ("other",)})
        found = changes(old, new.model_copy(update={"identity": identity}))
        # Sections are told by their keys, one that is another thing than before by its own.
        assert {change.key == key or change.key.startswith(f"{key}.") for change in found} == {True}
        assert all(change.secret for change in found) == (key != "identity.from")


def test_a_key_that_is_not_known_to_be_taken_up_needs_a_restart() -> None:
    """So none is taken for changed that is not."""
    tree = copy.deepcopy(TREE)
    tree["server"] |= {"listen": "127.0.0.1:1", "workers": "9", "reflection": "false"}
    tree["server"] |= {"max_message_bytes": "1MiB", "shutdown_notice": "9s"}
    tree["outbox"] = {"path": "/other", "linger": "9ms"}
    tree["delivery"] |= {"call_timeout": "9s", "connect_timeout": "2s", "linger": "9ms"}
    found = changes(parse(VALID, "F", {}), parse(yaml.safe_dump(tree), "F", {}))
    assert {change.key for change in found if change.needs_restart} == {
        "server.listen",
        "server.workers",
        "server.reflection",
        "server.max_message_bytes",
        "outbox.path",
        "outbox.linger",
        "delivery.call_timeout",
        "delivery.connect_timeout",
    }
    assert {change.key for change in found if not change.needs_restart} == {
        "server.shutdown_notice",
        "delivery.linger",
    }


names = st.sampled_from(["a", "b", "c"])
groups = st.dictionaries(
    names,
    st.fixed_dictionaries(
        {"tracking_id": st.sampled_from(["t1", "t2"])},
        optional={"quota_share": st.sampled_from(["0.5", "1"]), "budget": st.just("2MiB")},
    ),
    min_size=1,
)


@st.composite
def configurations(draw: st.DrawFn) -> Config:
    """Return a configuration of a few dataset groups and routes."""
    tree: dict[str, Any] = {"dataset_groups": {}, "routes": []}
    for name, group in sorted(draw(groups).items()):  # another order is no change
        own = {"arn": GROUP + name, "tracking_id": f"{name}-{group['tracking_id']}"}
        tree["dataset_groups"][name] = {**group, **own}
        route = {"name": f"r-{name}", "callers": [name], "kinds": ["events"]}
        tree["routes"].append({**route, "dataset_group": name})
    if draw(st.booleans()):
        tree["delivery"] = {"linger": draw(st.sampled_from(["1ms", "20ms", "1s"]))}
    return parse(yaml.safe_dump(tree), "F", {})


def _turned(change: Change) -> Change:
    return Change(change.key, change.new, change.old, change.secret, change.needs_restart)


@given(configurations(), configurations())
def test_changes_lead_from_one_to_the_other_and_back(old: Config, new: Config) -> None:
    """There are none exactly where nothing is different."""
    there, back = changes(old, new), changes(new, old)
    assert {_turned(change) for change in there} == set(back)
    assert (there == []) == (old.model_dump() == new.model_dump())
    assert all(change.old != change.new for change in there)


@given(configurations(), configurations())
def test_secrets_are_never_told(old: Config, new: Config) -> None:
    """Whatever is a secret: here all tracking IDs."""
    secrets = {
        ("dataset_groups", name, "tracking_id")
        for name in {*old.dataset_groups, *new.dataset_groups}
    }
    found = changes(old, new, secrets, secrets)
    assert not re.search(r"-t[12]", repr(found))
    assert [change.key for change in found] == [change.key for change in changes(old, new)]
