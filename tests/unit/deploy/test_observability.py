"""Alerts and dashboard ask for metrics and labels that there are."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.telemetry import metrics
from gateway.telemetry.instruments import Counter, Histogram
from gateway.telemetry.prometheus import PROCESS, prometheus_name

FOLDER = Path(__file__).parents[3] / "deploy" / "observability"

OF_THE_SCRAPE = {"job", "instance"}
SELECTED = re.compile(r"\b((?:gateway|rpc)_[a-z_]+)(\{[^}]*\})?")
LABEL = re.compile(r'([a-z_]+)(?:=~|!=|=)"')
GROUPED = re.compile(r"\b(?:by|on) \(([^)]*)\)")


def exposed() -> dict[str, set[str]]:
    """Return the labels of each name that Prometheus sees."""
    names: dict[str, set[str]] = {}
    for one in metrics.declared():
        labels = {PROCESS, *(label.replace(".", "_") for label in one.labels)} | OF_THE_SCRAPE
        name = prometheus_name(one)
        if isinstance(one, Histogram):
            names |= {f"{name}_bucket": labels | {"le"}}
            names |= {f"{name}{suffix}": labels for suffix in ("_sum", "_count")}
        else:
            names[f"{name}_total" if isinstance(one, Counter) else name] = labels
    return names


EXPOSED = exposed()


def expressions() -> Iterator[str]:
    """Yield every query of alerts and dashboard."""
    alerts: Any = yaml.safe_load((FOLDER / "alerts.yaml").read_text())
    yield from (rule["expr"] for group in alerts["groups"] for rule in group["rules"])
    dashboard: Any = json.loads((FOLDER / "dashboard.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]["query"]


@pytest.mark.parametrize("expression", list(expressions()))
def test_what_is_asked_for_is_there(expression: str) -> None:
    """By name, by selected label, and by the labels that are grouped by."""
    known: set[str] = set(OF_THE_SCRAPE)
    for name, selector in SELECTED.findall(GROUPED.sub("", expression)):
        assert name in EXPOSED
        assert set(LABEL.findall(selector)) <= EXPOSED[name]
        known |= EXPOSED[name]
    for group in GROUPED.findall(expression):
        assert {label.strip() for label in group.split(",")} <= known


def test_every_metric_is_shown_or_alerted_on() -> None:
    """What nobody looks at is not worth its cost; the few exceptions are named."""
    asked = {
        name
        for expression in expressions()
        for name, _ in SELECTED.findall(GROUPED.sub("", expression))
    }
    families = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in asked}
    shown = {re.sub(r"_total$", "", prometheus_name(one)) for one in metrics.declared()}
    assert shown - families == {"gateway_control_plane_calls"}


def test_alerts_fire_as_they_should() -> None:
    """`promtool` plays the series of alerts_test.yaml."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run(  # noqa: S603 - of our own files
        [promtool, "test", "rules", "alerts_test.yaml"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
