"""Certificates for a server and its clients."""

from pathlib import Path

import pytest

from gateway.telemetry.metrics import IDENTITIES_REFUSED
from tests.support.certificates import Authority
from tests.support.identity import Pki


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Count from nought."""
    IDENTITIES_REFUSED.values.clear()


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine fetch keys as slowly as it must."""
    monkeypatch.setattr("gateway.identity.key_url.TIMEOUT_S", 60.0)


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """Two authorities, and the files."""
    made = Pki(tmp_path, Authority("servers"), Authority("clients"))
    made.renew()
    (tmp_path / "ca.crt").write_bytes(made.clients.pem)
    return made
