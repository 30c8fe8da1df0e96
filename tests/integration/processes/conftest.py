"""The configuration of a gateway of several processes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway import embedded
from gateway.personalize.emulator import Emulator

_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator"}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def settings(tmp_path: Path, emulator: Emulator) -> dict[str, Any]:
    """What stands in the configuration of a gateway of three processes."""
    group = embedded.configuration(emulator).dataset_groups["demo"]
    return {
        "server": {"listen": "127.0.0.1:0", "workers": 2},
        "admin": {"listen": "127.0.0.1:0"},
        "outbox": {"path": str(tmp_path / "outbox")},
        "delivery": {"drain": "0s", "retry": {"base": "1ms", "max": "50ms"}},
        "dataset_groups": {
            "demo": {
                "arn": group.arn,
                "tracking_id": group.tracking_id,
                "endpoint_url": group.endpoint_url,
            }
        },
        "routes": [{"name": "all", "callers": ["*"], "kinds": ["events"], "dataset_group": "demo"}],
    }


@pytest.fixture
def config_file(tmp_path: Path, settings: dict[str, Any]) -> Path:
    """The configuration of a gateway of three processes that delivers to the emulator."""
    path = tmp_path / "gateway.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path
