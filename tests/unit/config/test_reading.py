"""From a file to a configuration or to every problem that it has."""

import copy
import random
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import (
    Config,
    ConfigError,
    ConfigProblem,
    DatasetGroup,
    embedded,
    load,
    parse,
)
from gateway.records import Kind

Problems = Callable[..., list[str]]

VALID = (Path(__file__).parent / "valid.yaml").read_text()
TREE = yaml.load(VALID, Loader=yaml.BaseLoader)  # noqa: S506  # it makes only text
GROUP = DatasetGroup(
    arn="arn:aws:personalize:us-east-1:000000000000:dataset-group/demo",
    discover=False,
    tracking_id="t",
)


def test_all_problems_are_said_at_once_in_the_order_of_their_lines(problems: Problems) -> None:
    """Those of YAML, of single values and of several keys alike."""
    text = """\
dataset_groups:
  shop:
    arn: arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop
    tracking_id: t
    budjet: 1GiB
routes:
  - name: web
    name: app
    kinds: [events, itms]
    dataset_group: ${NONE}
  - name: any
    callers: ["*"]
    kinds: [events]
    dataset_group: shpo
delivery:
  - linger
"""
    assert problems(text) == [
        "F:5: dataset_groups.shop.budjet: is an unknown key; did you mean 'budget'?",
        "F:7: routes[0].name: stands twice in the same mapping, again in line 8",
        "F:7: routes[0].callers: is required",
        (
            "F:9: routes[0].kinds[1]: expected one of 'events', 'action_interactions', 'items',"
            " 'users' or 'actions'"
        ),
        "F:10: routes[0].dataset_group: the environment variable NONE is not set",
        "F:14: routes[1].dataset_group: is no dataset group; did you mean 'shop'?",
        "F:15: delivery: expected a mapping (key: value)",
    ]


def test_an_unknown_key_with_nothing_like_it_is_answered_with_the_known_ones(
    problems: Problems,
) -> None:
    """At every level."""
    text = "tls: {}\n" + VALID.replace("connect_timeout", "proxy")
    line = text.splitlines().index("  proxy: 3s") + 1
    assert problems(text) == [
        (
            "F:1: tls: is an unknown key; expected one of server, admin, identity, outbox,"
            " delivery, discovery, dataset_groups, routes, admins"
        ),
        (
            f"F:{line}: delivery.proxy: is an unknown key; expected one of linger, max_in_flight,"
            " max_age, max_dead_letter_share, look_ahead_records, look_ahead_bytes, retry,"
            " connect_timeout, call_timeout, drain, quotas"
        ),
    ]


def test_attributes_are_no_keys(problems: Problems) -> None:
    """What code calls `linger_s` is `linger` in the file, and only that."""
    assert problems(VALID.replace("linger: 20ms", "linger_s: 20ms")) == [
        "F:28: delivery.linger_s: is an unknown key; did you mean 'linger'?"
    ]


def test_keys_cannot_garble_a_terminal(problems: Problems) -> None:
    """They are escaped in paths and in messages."""
    (said,) = problems('"\\e[31m\\n": 1\n' + VALID)
    assert said.startswith('F:1: ["\\u001b[31m\\n"]: is an unknown key; ')


def test_values_of_every_type_may_come_from_the_environment() -> None:
    """Text in the environment is text in the file."""
    text = VALID.replace("listen: 127.0.0.1:50051", "listen: 127.0.0.1:${PORT}")
    text = text.replace("20ms", "${LINGER}").replace(": 0.5", ": ${SHARE}").replace("true", "${ON}")
    text = text.replace("[events]", '["${KIND}"]')
    environ = {"PORT": "50051", "LINGER": "20ms", "SHARE": "0.5", "ON": "true", "KIND": "events"}
    assert parse(text, "F", environ) == parse(VALID, "F", {})


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in entries:
        if isinstance(child, str):
            yield (*path, key)
        else:
            yield from _leaves(child, (*path, key))


def _replaced(path: tuple[str | int, ...], value: object) -> str:
    tree = copy.deepcopy(TREE)
    node = tree
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return yaml.safe_dump(tree, sort_keys=False)


@pytest.mark.parametrize(
    "secret",
    ["hunter2", "hunter2 hunter2", "hunter2\n", "\udcffhunter2", "hunter2" * 1000, "*hunter2"],
)
@pytest.mark.parametrize("path", list(_leaves(TREE)), ids=str)
def test_what_comes_from_the_environment_is_never_told(
    path: tuple[str | int, ...], secret: str
) -> None:
    """Neither by the message nor by the traceback, wherever it stands in the file."""
    try:
        parse(_replaced(path, "${SECRET}"), "F", {"SECRET": secret})
    except ConfigError as error:
        told = "".join(traceback.format_exception(error)) + repr(error.problems)
        assert "hunter2" not in told


def test_a_file_is_read(tmp_path: Path) -> None:
    """A byte order mark is no part of it."""
    path = tmp_path / "gateway.yaml"
    path.write_text("\ufeff" + VALID.replace("tracking-shop", "${ID}é"), "utf-8")
    with pytest.raises(ConfigError, match=r"gateway\.yaml:42: .*: expected a tracking ID"):
        load(path, {"ID": "x"})
    path.write_text(VALID, "utf-8-sig")
    assert load(path, {}) == parse(VALID, "F", {})


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"a: 1\nb: \xff", 2, "byte 0xff is no UTF-8"),
        ("a: 1".encode("utf-16"), 1, "byte 0xff is no UTF-8"),
        (b"#" * (1024 * 1024 + 1), None, "is larger than 1048576 bytes"),
        (b"", 1, "is empty"),
        (b"just text", 1, "expected a mapping (key: value)"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(
    tmp_path: Path, content: bytes, line: int | None, said: str
) -> None:
    """With the line, where there is one."""
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert (caught.value.source, caught.value.problems) == (
        str(path),
        (ConfigProblem(line, "", said),),
    )


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """With what the system says."""
    for path, said in [(tmp_path, "Is a directory"), (tmp_path / "x", "No such file or directory")]:
        with pytest.raises(ConfigError) as caught:
            load(path, {})
        assert str(caught.value) == f"{path}: cannot be read: {said}"


def test_without_a_file_any_caller_may_send_what_the_dataset_group_takes() -> None:
    """On loopback, by one route."""
    config = embedded("demo", GROUP)
    assert (config.server.listen, config.dataset_groups, config.routes[0].model_dump()) == (
        "127.0.0.1:50051",
        {"demo": GROUP},
        {
            "name": "anyone",
            "callers": ("*",),
            "kinds": (Kind.EVENTS,),
            "dataset_group": "demo",
            "mirror_to": (),
            "rules": {},
            "limit": {"records_per_s": None, "burst": None, "in_flight_bytes": None},
        },
    )


def test_without_a_file_the_address_may_be_chosen() -> None:
    """On loopback."""
    assert embedded("demo", GROUP, "[::1]:0").server.listen == "[::1]:0"


@pytest.mark.parametrize(
    ("listen", "group", "said"),
    [
        ("0.0.0.0:1", GROUP, "server.listen: is not a loopback address"),
        ("nonsense", GROUP, "server.listen: expected HOST:PORT"),
        (
            None,
            DatasetGroup(arn=GROUP.arn, discover=False),
            r"routes\[0\].kinds: needs at least one entry",
        ),
    ],
)
def test_without_a_file_the_rules_are_the_same(
    listen: str | None, group: DatasetGroup, said: str
) -> None:
    """There is no line to name."""
    with pytest.raises(ConfigError, match=f"^no configuration file: {said}"):
        embedded("demo", group, listen)


scalars = st.one_of(
    st.text(max_size=20),
    st.none(),
    st.integers(),
    st.sampled_from(["*", "shop", "events", "${X}", "${A}", "$", "${", "5s", "1GiB", "0.0.0.0:1"]),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from(["name", "arn", "shop"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def _mutated(tree: Any, chance: random.Random, value: object) -> Any:
    """Return the tree with one thing replaced, removed, renamed, repeated or added."""
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    key = chance.choice(keys) if keys else None
    if key is not None and isinstance(tree[key], dict | list) and chance.random() < 0.8:
        tree[key] = _mutated(tree[key], chance, value)
        return tree
    match chance.randrange(4):
        case 0 if key is not None:
            tree[key] = value
        case 1 if key is not None:
            del tree[key]
        case 2 if isinstance(tree, dict):
            tree[chance.choice(["x", "name", "shop", "arn", "items"])] = value
        case _ if isinstance(tree, list):
            tree.insert(0, copy.deepcopy(tree[key]) if key is not None else value)
    return tree


def _outcome(text: str) -> Config | ConfigError:
    try:
        return parse(text, "F", {"A": "a", "hunter2": "x"})
    except ConfigError as error:
        return error


def _is_an_answer(outcome: Config | ConfigError, text: str) -> bool:
    if isinstance(outcome, Config):
        return True
    lines = [problem.line for problem in outcome.problems]
    # YAML counts a few rare characters as ends of lines too.
    most = len(text.splitlines()) + 1
    return lines == sorted(lines, key=int) and all(1 <= line <= most for line in lines if line)  # type: ignore[arg-type]


@given(st.randoms(use_true_random=False), st.lists(values, min_size=1, max_size=4))
def test_any_document_is_accepted_or_refused_with_lines(
    chance: random.Random, changes: list[object]
) -> None:
    """Whatever stands where something else should, nothing but ConfigError is raised."""
    tree = copy.deepcopy(TREE)
    for value in changes:
        tree = _mutated(tree, chance, value)
    text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
    assert _is_an_answer(_outcome(text), text)


@given(
    st.integers(0, len(VALID)),
    st.integers(0, 40),
    st.text(max_size=10) | st.text(alphabet="{}[]:,-#&*!|>'\"%@` \n\t$?ab1", max_size=10),
)
def test_any_text_is_accepted_or_refused_with_lines(start: int, removed: int, added: str) -> None:
    """Whatever an editor leaves behind, nothing but ConfigError is raised."""
    text = VALID[:start] + added + VALID[start + removed :]
    assert _is_an_answer(_outcome(text), text)
