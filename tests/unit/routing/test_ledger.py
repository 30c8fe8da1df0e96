"""Accounts of limits, in memory and shared."""

from pathlib import Path

import pytest

from gateway.routing import shared_ledger
from gateway.routing.ledger import Account, AccountKey, Ledger, MemoryLedger
from gateway.routing.shared_ledger import LedgerUnusable, SharedLedger


def key(caller: str, rate: float = 1.0) -> AccountKey:
    """Return the key of a caller on a route."""
    return AccountKey("web", caller, rate, 10.0)


def on(account: Account) -> tuple[float, float, float]:
    """Return what is on an account."""
    return account.used, account.spilled, account.in_flight_bytes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger for two processes."""
    SharedLedger.create(tmp_path / "ledger", slots=2)
    return tmp_path / "ledger"


def test_processes_add_up_what_each_has_written(path: Path) -> None:
    """Whoever looks first puts a key into the table."""
    one, other = SharedLedger.open(path, 0), SharedLedger.open(path, 1)
    one.account(key("a")).use(5, 100)
    other.account(key("b")).use(7, 1)
    other.account(key("a")).use(3, 90)
    other.account(key("a")).hold(200)
    one.account(key("a")).hold(50)
    for ledger in (one, other):
        assert on(ledger.account(key("a"))) == (8, 100, 250)
        assert on(ledger.account(key("b"))) == (7, 1, 0)
        assert on(ledger.account(key("a", 2.0))) == (0, 0, 0)
    one.close()
    other.close()


def test_a_successor_goes_on_but_for_what_was_in_flight(path: Path) -> None:
    """What a process that was killed had not answered, it never will."""
    died, lives = SharedLedger.open(path, 0), SharedLedger.open(path, 1)
    for ledger, records in ((died, 5), (lives, 3)):
        ledger.account(key("a")).use(records, records)
        ledger.account(key("a")).hold(records)
    successor = SharedLedger.open(path, 0)
    assert on(successor.account(key("a"))) == on(lives.account(key("a"))) == (8, 5, 3)
    for ledger in (died, lives, successor):
        ledger.close()


def test_made_anew_it_is_empty_and_those_of_before_have_their_own(path: Path) -> None:
    """A process of an earlier boot that has not ended yet disturbs nobody."""
    before = SharedLedger.open(path, 0)
    SharedLedger.create(path, slots=1)
    now = SharedLedger.open(path, 0)
    before.account(key("a")).use(5, 5)
    assert on(now.account(key("a"))) == (0, 0, 0)
    assert path.stat().st_mode & 0o777 == 0o600
    before.close()
    now.close()


@pytest.mark.parametrize("slot", [-1, 2])
def test_there_is_no_room_for_more_processes_than_said(path: Path, slot: int) -> None:
    """The message says how many there are."""
    with pytest.raises(LedgerUnusable, match=rf"no slot {slot} among 2"):
        SharedLedger.open(path, slot)


@pytest.mark.parametrize("content", [None, b"", bytes(4096)])
def test_what_is_no_ledger_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """So is one that is not there."""
    path = tmp_path / "none"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LedgerUnusable, match=str(path)):
        SharedLedger.open(path, 0)


def test_past_its_room_accounts_are_those_of_the_process(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are counted all the same; those that had room are shared still."""
    monkeypatch.setattr(shared_ledger, "MAX_ACCOUNTS", 2)
    one, other = SharedLedger.open(path, 0), SharedLedger.open(path, 1)
    for caller in ("a", "b", "c"):
        one.account(key(caller)).use(1, 0)
    found = [[on(ledger.account(key(c)))[0] for c in "abc"] for ledger in (one, other)]
    assert found == [[1, 1, 1], [1, 1, 0]]
    one.close()
    other.close()


def test_in_memory_the_account_used_longest_ago_is_forgotten() -> None:
    """Names are made up faster than memory is."""
    ledger: Ledger = MemoryLedger(most=2)
    for caller in ("a", "b", "a", "c"):
        ledger.account(key(caller)).use(1, 0)
    found = {caller: on(ledger.account(key(caller)))[0] for caller in "acb"}
    assert found == {"a": 2, "c": 1, "b": 0}
