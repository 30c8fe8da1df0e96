"""The rules that concern several keys at once."""

from collections.abc import Callable

import pytest

Problems = Callable[..., list[str]]

ARN = "arn:aws:personalize:eu-west-1:123456789012:"


def groups(**bodies: str) -> str:
    """Return dataset groups, one a line, of which only what counts here is stated."""
    lines = (f"  {name}: {{{body}}}" for name, body in bodies.items())
    return "\n".join(("dataset_groups:", *lines, "routes:", ""))


SHOP = f"arn: '{ARN}dataset-group/shop', tracking_id: shop"
ROUTE = "  - {name: web, callers: [web], kinds: [events], dataset_group: shop}\n"
USABLE = groups(shop=SHOP) + ROUTE


@pytest.mark.parametrize(
    ("ports", "problem"),
    [
        ("listen: 127.0.0.1:50051, workers: 4, worker_port: 50052", None),
        ("listen: 127.0.0.1:50051, workers: 4, worker_port: 50047", None),
        (
            "listen: 127.0.0.1:50051, workers: 4, worker_port: 50048",
            "takes the ports 50048 to 50051, and with them that of server.listen",
        ),
        ("workers: 4, worker_port: 65533", "leaves no port for the last of 4 workers"),
    ],
)
def test_each_worker_has_a_port(problems: Problems, ports: str, problem: str | None) -> None:
    """Which is not the one that all share."""
    expected = [f"F:1: server.worker_port: {problem}"] if problem else []
    assert problems(f"server: {{{ports}}}\n" + USABLE) == expected


def test_times_of_delivery_fit_each_other(problems: Problems) -> None:
    """A bound is not below what it bounds."""
    text = "delivery:\n  retry: {base: 2s, max: 1s}\n  connect_timeout: 5s\n  call_timeout: 4s\n"
    assert problems(text + USABLE) == [
        "F:2: delivery.retry.max: must not be below delivery.retry.base",
        "F:4: delivery.call_timeout: must not be below delivery.connect_timeout",
    ]


def test_datasets_are_of_their_dataset_group_and_their_kind(problems: Problems) -> None:
    """A dataset's ARN ends with its type."""
    datasets = (
        f"users: '{ARN}dataset/shop/ITEMS', items: '{ARN}dataset/shop/INTERACTIONS',"
        f" actions: '{ARN.replace('west', 'north')}dataset/shop/ACTIONS'"
    )
    here = "F:2: dataset_groups.shop.datasets"
    assert problems(groups(shop=f"{SHOP}, datasets: {{{datasets}}}") + ROUTE) == [
        f"{here}.items: is the ARN of a dataset of type INTERACTIONS",
        f"{here}.users: is the ARN of a dataset of type ITEMS",
        f"{here}.actions: is of another region or account than its dataset group",
    ]


def test_a_dataset_group_that_is_not_discovered_takes_what_is_stated(problems: Problems) -> None:
    """Which must be something. One that is discovered need not state anything."""
    arn = f"arn: '{ARN}dataset-group/"
    bodies = {"next": f"{arn}next'", "bare": f"{arn}bare', discover: false"}
    assert problems(groups(shop=f"{SHOP}, discover: false", **bodies) + ROUTE) == [
        (
            "F:4: dataset_groups.bare.discover: is false, though no tracking ID or dataset is"
            " stated: the group takes nothing"
        )
    ]


def test_dataset_groups_share_no_target(problems: Problems) -> None:
    """Each would spend the whole quota, and a mirror would count every event twice."""
    datasets = f"action_interactions_tracking_id: x, datasets: {{items: '{ARN}dataset/shop/ITEMS'}}"
    assert problems(groups(shop=f"{SHOP}, {datasets}", next=f"{SHOP}, {datasets}") + ROUTE) == [
        f"F:3: dataset_groups.next.{key}: is the same as dataset_groups.shop.{key} (line 2)"
        for key in ("arn", "tracking_id", "action_interactions_tracking_id", "datasets.items")
    ]


def test_another_endpoint_is_another_target(problems: Problems) -> None:
    """An emulator may have the dataset groups of AWS."""
    text = groups(shop=SHOP, copy=f"{SHOP}, endpoint_url: 'http://127.0.0.1:1'")
    assert problems(text + ROUTE) == []


def test_route_names_are_unique(problems: Problems) -> None:
    """Logs and metrics tell routes apart by them."""
    assert problems(USABLE + ROUTE.replace("callers: [web]", "callers: [app]")) == [
        "F:5: routes[1].name: is the same as routes[0].name (line 4)"
    ]


@pytest.mark.parametrize(
    ("name", "hint"), [("shpo", "did you mean 'shop'?"), ("other", "there are 'shop'")]
)
def test_routes_name_dataset_groups_that_there_are(
    problems: Problems, name: str, hint: str
) -> None:
    """Both as their own and as mirrors."""
    route = f"  - name: r\n    callers: [a]\n    dataset_group: {name}\n    mirror_to: [{name}x]\n"
    text = groups(shop=SHOP) + route.replace("callers", "kinds: [events]\n    callers")
    assert problems(text) == [
        f"F:7: routes[0].dataset_group: is no dataset group; {hint}",
        f"F:8: routes[0].mirror_to[0]: is no dataset group; {hint}",
    ]


def test_a_long_list_of_dataset_groups_is_cut(problems: Problems) -> None:
    """A message has a length that can be read."""
    bodies = {f"g{n:02}": f"arn: '{ARN}dataset-group/g{n}', tracking_id: t{n}" for n in range(12)}
    assert problems(groups(**bodies) + ROUTE) == [
        (
            "F:15: routes[0].dataset_group: is no dataset group; there are 'g00', 'g01', 'g02',"
            " 'g03', 'g04', 'g05', 'g06', 'g07', 'g08', 'g09', …"
        )
    ]


def test_a_route_does_not_mirror_to_its_own_dataset_group(problems: Problems) -> None:
    """Every record would count twice."""
    assert problems(
        USABLE.replace("dataset_group: shop", "dataset_group: shop, mirror_to: [shop]")
    ) == ["F:4: routes[0].mirror_to[0]: is the route's own dataset group"]


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("events", "tracking_id"),
        ("action_interactions", "action_interactions_tracking_id"),
        ("items", "datasets.items"),
        ("users", "datasets.users"),
        ("actions", "datasets.actions"),
    ],
)
def test_kinds_are_taken_by_all_dataset_groups_of_the_route(
    problems: Problems, kind: str, needed: str
) -> None:
    """The message names the key that is missing."""
    stated = {"events": "action_interactions_tracking_id"}.get(kind, "tracking_id")
    more = f"discover: false, {stated}"
    text = groups(
        shop=f"arn: '{ARN}dataset-group/shop', {more}: s",
        next=f"arn: '{ARN}dataset-group/next', {more}: n",
    )
    route = "  - name: r\n    callers: [a]\n    kinds:\n      - {}\n    dataset_group: shop\n"
    text += route.format(kind) + "    mirror_to: [next]\n"
    assert problems(text) == [
        (
            f"F:8: routes[0].kinds[0]: dataset group 'shop' takes no {kind} without"
            f" dataset_groups.shop.{needed} (line 2)"
        ),
        (
            f"F:10: routes[0].mirror_to[0]: dataset group 'next' takes no {kind} without"
            f" dataset_groups.next.{needed} (line 3)"
        ),
    ]


def test_a_route_without_kinds_is_for_all_of_them(problems: Problems) -> None:
    """What its dataset group does not take is said with the reason why it is asked for."""
    datasets = ", ".join(
        f"{kind}: '{ARN}dataset/shop/{kind.upper()}'" for kind in ("items", "users", "actions")
    )
    text = groups(shop=f"{SHOP}, discover: false, datasets: {{{datasets}}}")
    assert problems(text + ROUTE.replace("kinds: [events], ", "")) == [
        (
            "F:4: routes[0].kinds: dataset group 'shop' takes no action_interactions without"
            " dataset_groups.shop.action_interactions_tracking_id (line 2); the route lists no"
            " kinds and so means all of them"
        )
    ]


def test_two_routes_for_the_same_are_refused(problems: Problems) -> None:
    """Which of them decides would hang on their order; both lines are named."""
    text = groups(shop=f"{SHOP}, datasets: {{items: '{ARN}dataset/shop/ITEMS'}}")
    text += "  - {name: a, callers: [x, web, '*'], kinds: [events, items], dataset_group: shop}\n"
    text += "  - {name: b, callers: [web, y], kinds: [items, events], dataset_group: shop}\n"
    text += "  - name: c\n    callers:\n      - '*'\n    kinds: [items]\n    dataset_group: shop\n"
    assert problems(text) == [
        (
            "F:5: routes[1].callers[0]: routes[0] (line 4) lets this caller send items, events to"
            " the same dataset group already"
        ),
        (
            "F:8: routes[2].callers[0]: routes[0] (line 4) lets this caller send items to the same"
            " dataset group already"
        ),
    ]


def test_a_route_by_name_beside_one_for_everybody_is_fine(problems: Problems) -> None:
    """The one by name decides."""
    route = ROUTE.replace("name: web, callers: [web]", "name: any, callers: ['*']")
    assert problems(USABLE + route) == []


def test_a_fault_in_one_place_does_not_hide_another_elsewhere(problems: Problems) -> None:
    """What is malformed is left out, and nothing follows from that; the rest is judged."""
    text = "server: {listen: '0.0.0.0:1', x: 1}\nidentity: {from: [x]}\ndelivery: {linger: 1}\n"
    other = f"arn: '{ARN}dataset-group/other', discover: false"
    text += groups(shop=f"{SHOP}, budget: 1", other=other)
    text += "  - {name: r, callers: [web], dataset_group: shop, mirror_to: [nowhere]}\n"
    text += "  - {name: r, callers: [], dataset_group: shop}\n"
    text += "  - {name: r, callers: [a], kinds: [events], dataset_group: other}\n"
    assert [problem.split(": ")[:2] for problem in problems(text)] == [
        ["F:1", "server.x"],
        ["F:2", "identity.from[0]"],
        ["F:3", "delivery.linger"],
        ["F:5", "dataset_groups.shop.budget"],
        ["F:6", "dataset_groups.other.discover"],
        ["F:8", "routes[0].mirror_to[0]"],
        ["F:9", "routes[1].callers"],
        ["F:10", "routes[2].name"],
        ["F:10", "routes[2].kinds[0]"],
    ]


@pytest.mark.parametrize("section", ["", "dataset_groups:\n", "dataset_groups: [a]\n"])
def test_without_dataset_groups_routes_are_not_blamed(problems: Problems, section: str) -> None:
    """There is one thing to mend."""
    found = problems(f"{section}routes:\n{ROUTE}")
    assert [problem.split(": ")[1] for problem in found] == ["dataset_groups"]
