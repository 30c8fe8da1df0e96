from pathlib import Path

import pytest
from botocore.httpsession import get_cert_path

from gateway.personalize.transfer import ConnectionSettings, ca_bundle_path


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """AWS's configuration file, which is not there yet; no variable is set."""
    for name in ("AWS_CA_BUNDLE", "AWS_PROFILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return path


def test_the_bundle_is_botocores_if_nothing_is_said(config: Path) -> None:
    """An image without a system's certificates still trusts the public authorities."""
    assert not config.exists()
    bundle = ca_bundle_path(ConnectionSettings())

    assert bundle == get_cert_path(verify=True)
    assert "BEGIN CERTIFICATE" in Path(bundle).read_text()


def test_the_profile_goes_before_botocores(config: Path) -> None:
    """The profile's ca_bundle is heeded."""
    config.write_text("[default]\nca_bundle = /of/the/profile.pem\n")

    assert ca_bundle_path(ConnectionSettings()) == "/of/the/profile.pem"


def test_the_variable_goes_before_the_profile(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_CA_BUNDLE is heeded."""
    config.write_text("[default]\nca_bundle = /of/the/profile.pem\n")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/of/the/variable.pem")

    assert ca_bundle_path(ConnectionSettings()) == "/of/the/variable.pem"


def test_the_settings_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What our own configuration says, counts."""
    monkeypatch.setenv("AWS_CA_BUNDLE", "/of/the/variable.pem")

    assert ca_bundle_path(ConnectionSettings(ca_bundle="/stated.pem")) == "/stated.pem"
