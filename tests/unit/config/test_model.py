"""What a file becomes."""

import pickle
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from gateway.config import Config, Server, parse
from gateway.records import Kind
from gateway.rules import Action

MINIMAL = """\
dataset_groups:
  shop:
    arn: arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop
    tracking_id: tracking-shop
routes:
  - {name: web, callers: [web], kinds: [events], dataset_group: shop}
"""


def test_all_that_a_file_states_is_there(valid: str) -> None:
    """Durations are seconds and sizes are bytes."""
    assert parse(valid, "F", {}).model_dump() == {
        "server": {
            "listen": "127.0.0.1:50051",
            "workers": 2,
            "worker_port": 50061,
            "reflection": True,
            "max_message_bytes": 4 * 2**20,
            "max_concurrent_rpcs": 500,
            "max_connection_age_s": 600.0,
            "shutdown_notice_s": 2.0,
            "tls": {
                "cert": "/etc/gateway/tls.crt",
                "key": "/etc/gateway/tls.key",
                "client_ca": "/etc/gateway/ca.crt",
            },
        },
        "admin": {"listen": "[::1]:9902"},
        "identity": {
            "sources": ("mtls", "xfcc", "jwt", "token", "header"),
            "xfcc": {
                "trusted_proxies": ("10.0.0.0/8", "spiffe://example.org/proxy"),
                "hops": 2,
            },
            "jwt": {
                "issuer": "https://issuer.example.org",
                "audience": "personalize-gateway",
                "jwks_file": None,
                "jwks_url": "https://issuer.example.org/keys",
                "algorithms": ("ES256",),
                "caller_claim": "azp",
                "leeway_s": 5.0,
                "refresh_s": 300.0,
            },
            "tokens": {"file": "/etc/gateway/tokens"},
        },
        "outbox": {
            "path": "/srv/outbox",
            "linger_s": 0.005,
            "dead_letters": {"budget_bytes": 256 * 1024 * 1024, "retention_s": 30 * 86400.0},
        },
        "delivery": {
            "linger_s": 0.02,
            "max_in_flight": 8,
            "max_age_s": 3 * 86_400.0,
            "max_dead_letter_share": 0.25,
            "look_ahead_records": 100_000,
            "look_ahead_bytes": 64 * 2**20,
            "retry": {"base_s": 0.1, "max_s": 30.0, "probe_s": 60.0},
            "connect_timeout_s": 3.0,
            "call_timeout_s": 10.0,
            "drain_s": 10.0,
            "quotas": {
                "events": 1000.0,
                "action_interactions": 500.5,
                "items": 10.0,
                "users": 10.0,
                "actions": 10.0,
            },
        },
        "dataset_groups": {
            "shop": {
                "arn": "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop",
                "tracking_id": "tracking-shop",
                "action_interactions_tracking_id": "actions-shop",
                "datasets": {
                    "items": "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/ITEMS",
                    "users": "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/USERS",
                    "actions": "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/ACTIONS",
                },
                "role_arn": "arn:aws:iam::123456789012:role/personalize",
                "endpoint_url": "http://127.0.0.1:8080",
                "control_endpoint_url": "http://127.0.0.1:8081",
                "discover": True,
                "quota_share": 0.5,
                "budget_bytes": 4 * 2**30,
            },
            "shop_next": {
                "arn": "arn:aws:personalize:eu-west-1:123456789012:dataset-group/next",
                "tracking_id": "tracking-next",
                "action_interactions_tracking_id": None,
                "datasets": {"items": None, "users": None, "actions": None},
                "role_arn": None,
                "endpoint_url": None,
                "control_endpoint_url": None,
                "discover": True,
                "quota_share": 1.0,
                "budget_bytes": 2**30,
            },
        },
        "routes": (
            {
                "name": "storefront",
                "callers": ("web", "spiffe://example.org/ns/shop/sa/web"),
                "kinds": (Kind.EVENTS,),
                "dataset_group": "shop",
                "mirror_to": ({"dataset_group": "shop_next", "when_full": "shed"},),
                "rules": {},
                "limit": {"records_per_s": None, "burst": None, "in_flight_bytes": None},
            },
            {
                "name": "everything",
                "callers": ("*",),
                "kinds": tuple(Kind),
                "dataset_group": "shop",
                "mirror_to": ({"dataset_group": "shop_next", "when_full": "refuse"},),
                "rules": {
                    "UNKNOWN_PROPERTY": Action.COUNT,
                    "IGNORED_IMPRESSION": Action.REFUSE,
                },
                "limit": {
                    "records_per_s": 2000.0,
                    "burst": 5000,
                    "in_flight_bytes": 16 * 2**20,
                },
            },
        ),
        "admins": ("ops", "spiffe://example.org/ns/ops/**"),
        "discovery": {"refresh_s": 60.0},
    }


def test_what_a_file_does_not_state_has_a_default() -> None:
    """The quotas are those that AWS documents."""
    found = parse(MINIMAL, "F", {}).model_dump()
    assert {key: found[key] for key in ("server", "admin", "identity", "outbox", "delivery")} == {
        "admin": {"listen": "127.0.0.1:9901"},
        "server": {
            "listen": "127.0.0.1:50051",
            "workers": 1,
            "worker_port": None,
            "reflection": True,
            "max_message_bytes": 4 * 2**20,
            "max_concurrent_rpcs": 5000,
            "max_connection_age_s": 1800.0,
            "shutdown_notice_s": 0.5,
            "tls": {"cert": None, "key": None, "client_ca": None},
        },
        "identity": {
            "sources": ("header",),
            "xfcc": {"trusted_proxies": (), "hops": 1},
            "jwt": {
                "issuer": None,
                "audience": None,
                "jwks_file": None,
                "jwks_url": None,
                "algorithms": ("RS256", "ES256", "EdDSA"),
                "caller_claim": "sub",
                "leeway_s": 10.0,
                "refresh_s": 600.0,
            },
            "tokens": {"file": None},
        },
        "outbox": {
            "path": "/var/lib/personalize-gateway",
            "linger_s": 0.01,
            "dead_letters": {"budget_bytes": 256 * 1024 * 1024, "retention_s": 30 * 86400.0},
        },
        "delivery": {
            "linger_s": 0.02,
            "max_in_flight": 64,
            "max_age_s": 7 * 86_400.0,
            "max_dead_letter_share": 0.5,
            "look_ahead_records": 100_000,
            "look_ahead_bytes": 64 * 2**20,
            "retry": {"base_s": 0.1, "max_s": 30.0, "probe_s": 30.0},
            "connect_timeout_s": 3.0,
            "call_timeout_s": 10.0,
            "drain_s": 10.0,
            "quotas": {
                "events": 1000.0,
                "action_interactions": 1000.0,
                "items": 10.0,
                "users": 10.0,
                "actions": 10.0,
            },
        },
    }


def test_a_dataset_group_says_where_it_is_and_what_it_takes(valid: str) -> None:
    """Without discovery, a kind is taken where the file says where it goes."""
    groups = parse(valid, "F", {}).dataset_groups
    assert {group.kinds for group in groups.values()} == {frozenset(Kind)}
    groups = {name: group.model_copy(update={"discover": False}) for name, group in groups.items()}
    assert [(group.region, group.kinds, group.dataset_arns) for group in groups.values()] == [
        (
            "eu-west-1",
            frozenset(Kind),
            {
                Kind.ITEMS: "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/ITEMS",
                Kind.USERS: "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/USERS",
                Kind.ACTIONS: "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/ACTIONS",
            },
        ),
        ("eu-west-1", {Kind.EVENTS}, {}),
    ]


def test_quotas_are_told_by_kind(valid: str) -> None:
    """Every kind has one."""
    assert parse(valid, "F", {}).delivery.quotas.calls_per_s() == {
        Kind.EVENTS: 1000.0,
        Kind.ACTION_INTERACTIONS: 500.5,
        Kind.ITEMS: 10.0,
        Kind.USERS: 10.0,
        Kind.ACTIONS: 10.0,
    }


@pytest.mark.parametrize(
    ("listen", "on_loopback"),
    [
        ("127.0.0.1:50051", True),
        ("127.8.9.10:0", True),
        ("localhost:1", True),
        ("[::1]:65535", True),
        ("0.0.0.0:50051", False),
        ("[::]:50051", False),
        ("10.0.0.1:50051", False),
        ("gateway.example.org:50051", False),
        ("localhost.example.org:50051", False),
    ],
)
def test_only_loopback_addresses_are_on_loopback(listen: str, *, on_loopback: bool) -> None:
    """A name that would have to be looked up is not."""
    assert Server(listen=listen).on_loopback is on_loopback


def test_a_configuration_is_immutable(valid: str) -> None:
    """Nothing changes while the gateway runs."""
    with pytest.raises(ValidationError):
        parse(valid, "F", {}).server.listen = "0.0.0.0:1"


def test_a_configuration_can_go_to_another_process(valid: str) -> None:
    """What arrives is the same."""
    config = parse(valid, "F", {})
    found: Config = pickle.loads(pickle.dumps(config))  # noqa: S301  # made a moment ago
    assert found == config


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("listen: 127.0.0.1:50051", "listen: ':50051'", "server.listen"),
        ("listen: 127.0.0.1:50051", "listen: 127.0.0.1:65536", "server.listen"),
        ("listen: 127.0.0.1:50051", "listen: 127.0.0.1", "server.listen"),
        ("reflection: true", "reflection: maybe", "server.reflection"),
        ("max_message_bytes: 4MiB", "max_message_bytes: 1B", "server.max_message_bytes"),
        ("from: [mtls,", "from: [basic,", "identity.from[0]"),
        ("[10.0.0.0/8,", "[10.0.0.1/8,", "identity.xfcc.trusted_proxies[0]"),
        ("[10.0.0.0/8,", "[0.0.0.0/0,", "identity.xfcc.trusted_proxies[0]"),
        ("[10.0.0.0/8,", "[10.0.0.256,", "identity.xfcc.trusted_proxies[0]"),
        ("[10.0.0.0/8,", "['2001:db8::1/32',", "identity.xfcc.trusted_proxies[0]"),
        ("[10.0.0.0/8,", "['*',", "identity.xfcc.trusted_proxies[0]"),
        ("hops: 2", "hops: 0", "identity.xfcc.hops"),
        ("algorithms: [ES256]", "algorithms: [HS256]", "identity.jwt.algorithms[0]"),
        ("algorithms: [ES256]", "algorithms: [none]", "identity.jwt.algorithms[0]"),
        ("jwks_url: https", "jwks_url: http", "identity.jwt.jwks_url"),
        ("issuer: https:", "issuer: https :", "identity.jwt.issuer"),
        ("leeway: 5s", "leeway: 1h", "identity.jwt.leeway"),
        ("refresh: 5m", "refresh: 1s", "identity.jwt.refresh"),
        ("file: /etc", "file: etc", "identity.tokens.file"),
        ("cert: /etc", "cert: etc", "server.tls.cert"),
        ("from: [mtls, xfcc, jwt, token, header]", "from: []", "identity.from"),
        ("from: [mtls,", "from: [mtls, mtls,", "identity.from"),
        ("from: [mtls, xfcc, jwt, token, header]", "from: header", "identity.from"),
        ("max_in_flight: 8", "max_in_flight: 0", "delivery.max_in_flight"),
        ("max_in_flight: 8", "max_in_flight: 1.5", "delivery.max_in_flight"),
        ("max_in_flight: 8", f"max_in_flight: {'9' * 5000}", "delivery.max_in_flight"),
        ("events: 1000", "events: 0", "delivery.quotas.events"),
        ("events: 1000", "events: .inf", "delivery.quotas.events"),
        ("events: 1000", "events: inf", "delivery.quotas.events"),
        ("quota_share: 0.5", "quota_share: 0", "dataset_groups.shop.quota_share"),
        ("quota_share: 0.5", "quota_share: 1.01", "dataset_groups.shop.quota_share"),
        ("quota_share: 0.5", "quota_share: nan", "dataset_groups.shop.quota_share"),
        ("quota_share: 0.5", "quota_share: 50%", "dataset_groups.shop.quota_share"),
        ("tracking_id: tracking-shop", "tracking_id: ''", "dataset_groups.shop.tracking_id"),
        ("tracking_id: tracking-shop", "tracking_id: a b", "dataset_groups.shop.tracking_id"),
        (
            "tracking_id: tracking-shop",
            f"tracking_id: {'x' * 257}",
            "dataset_groups.shop.tracking_id",
        ),
        (
            "role_arn: arn:aws:iam::123456789012:role/personalize",
            "role_arn: personalize",
            "dataset_groups.shop.role_arn",
        ),
        (
            "endpoint_url: http://127.0.0.1:8080",
            "endpoint_url: http://user:pass@127.0.0.1/x",
            "dataset_groups.shop.endpoint_url",
        ),
        (
            "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop",
            "arn:aws:personalize:::dataset-group/shop",
            "dataset_groups.shop.arn",
        ),
        ("name: storefront", "name: store front", "routes[0].name"),
        ("name: storefront", "name: -a", "routes[0].name"),
        ("name: storefront", f"name: {'a' * 64}", "routes[0].name"),
        ("name: storefront", "name:", "routes[0].name"),
        ("callers: [web,", "callers: [we*b,", "routes[0].callers[0]"),
        ("callers: [web,", "callers: ['a b',", "routes[0].callers[0]"),
        ("callers: [web,", "callers: [[web],", "routes[0].callers[0]"),
        ('callers: ["*"]', "callers: []", "routes[1].callers"),
        ('callers: ["*"]', "callers: [a, a]", "routes[1].callers"),
        ("kinds: [events]", "kinds: [event]", "routes[0].kinds[0]"),
        ("kinds: [events]", "kinds: [events, events]", "routes[0].kinds"),
        ("mirror_to: [shop_next]", "mirror_to: [shop_next, shop_next]", "routes[0].mirror_to"),
        ("mirror_to: [shop_next]", "mirror_to: [a b]", "routes[0].mirror_to[0].dataset_group"),
        ("when_full: refuse", "when_full: wait", "routes[1].mirror_to[0].when_full"),
        ("when_full: refuse", "full: refuse", "routes[1].mirror_to[0].full"),
        (
            "IGNORED_IMPRESSION: refuse",
            "IGNORED_IMPRESSION: drop",
            "routes[1].rules.IGNORED_IMPRESSION",
        ),
        ("UNKNOWN_PROPERTY: count", "REQUIRED: count", "routes[1].rules.REQUIRED"),
        ("records_per_s: 2000", "records_per_s: 0", "routes[1].limit.records_per_s"),
        ("records_per_s: 2000", "records_per_s: .inf", "routes[1].limit.records_per_s"),
        ("burst: 5000", "burst: 0", "routes[1].limit.burst"),
        ("in_flight_bytes: 16MiB", "in_flight_bytes: 16", "routes[1].limit.in_flight_bytes"),
        ("admins: [ops,", "admins: [ops, ops,", "admins"),
        ("admins: [ops,", "admins: [o*s,", "admins[0]"),
        ("  shop_next:\n", "  shop next:\n", 'dataset_groups["shop next"]'),
    ],
)
def test_a_value_of_another_type_or_out_of_bounds_is_refused(
    valid: str, problems: Callable[..., list[str]], old: str, new: str, said: str
) -> None:
    """With its own line and key."""
    text = valid.replace(old, new, 1)
    line = text[: text.index(new)].count("\n") + 1
    found = [problem.split(": ")[:2] for problem in problems(text)]
    assert found[0] == [f"F:{line}", said]
