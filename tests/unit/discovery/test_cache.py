"""What AWS told, on disk."""

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.discovery.cache import Entry, FactsCache
from gateway.discovery.source import Source
from gateway.personalize.call import Endpoint
from tests.support.discovery import ARN, ENDPOINT, SHOP, SOURCE


def _file(path: Path) -> Path:
    return path / "discovered" / "shop.json"


def test_what_was_saved_is_there_at_the_next_start(tmp_path: Path) -> None:
    """But then AWS was not yet asked."""
    FactsCache(tmp_path, 1).save(SOURCE, SHOP)
    entries = [FactsCache(tmp_path, boot).load(SOURCE) for boot in (1, 2)]
    assert entries == [Entry(SHOP, asked=True), Entry(SHOP, asked=False)]


def test_that_nothing_was_told_is_kept_for_this_start(tmp_path: Path) -> None:
    """Whoever waits for an answer need not wait longer."""
    FactsCache(tmp_path, 1).save(SOURCE, None)
    entries = [FactsCache(tmp_path, boot).load(SOURCE) for boot in (1, 2)]
    assert entries == [Entry(None, asked=True), Entry(None, asked=False)]


def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    """Tracking IDs are in them."""
    FactsCache(tmp_path, 1).save(SOURCE, SHOP)
    file = _file(tmp_path)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file)]
    assert (modes, list(file.parent.iterdir())) == ([0o700, 0o600], [file])


@pytest.mark.parametrize(
    "other",
    [
        replace(SOURCE, configured=replace(SOURCE.configured, arn=f"{ARN}dataset-group/other")),
        replace(SOURCE, endpoint=replace(ENDPOINT, url="http://127.0.0.1:1")),
        replace(SOURCE, endpoint=Endpoint("eu-west-1")),
    ],
)
def test_what_another_was_told_is_not_used(tmp_path: Path, other: Source) -> None:
    """A name may be given to another dataset group."""
    cache = FactsCache(tmp_path, 1)
    cache.save(other, SHOP)
    assert (cache.load(SOURCE), cache.load(other).facts) == (Entry(), SHOP)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        {"version": 2},
        {"version": None},
        {"facts": {}},
        {"facts": []},
        {"source": None},
    ],
)
def test_what_cannot_be_read_counts_as_nothing(
    tmp_path: Path, damage: bytes | dict[str, Any]
) -> None:
    """It is said, and the next answer replaces it."""
    cache, file = FactsCache(tmp_path, 1), _file(tmp_path)
    cache.save(SOURCE, SHOP)
    if isinstance(damage, dict):
        damage = json.dumps(json.loads(file.read_text()) | damage).encode()
    file.write_bytes(damage)
    with structlog.testing.capture_logs() as said:
        entry = cache.load(SOURCE)
    expected = [] if b'"source": null' in damage else ["warning"]
    assert (entry, [line["log_level"] for line in said]) == (Entry(), expected)
    cache.save(SOURCE, SHOP)
    assert cache.load(SOURCE).facts == SHOP


def test_a_missing_file_is_nothing_to_talk_about(tmp_path: Path) -> None:
    """It is so at the first start."""
    cache = FactsCache(tmp_path, 1)
    with structlog.testing.capture_logs() as said:
        assert (cache.load(SOURCE), cache.signature("shop")) == (Entry(), None)
    assert said == []


def test_every_write_changes_the_signature(tmp_path: Path) -> None:
    """Also one of the same length, within the resolution of the file's time."""
    cache = FactsCache(tmp_path, 1)
    cache.save(SOURCE, SHOP)
    first = cache.signature("shop")
    cache.save(SOURCE, SHOP)
    assert None is not first != cache.signature("shop")
