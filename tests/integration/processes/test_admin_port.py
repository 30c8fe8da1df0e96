"""The admin port of a gateway of several processes, over its life."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from gateway.personalize.emulator import Answer, Emulator, Fault
from tests.support.served import Served, serving, until

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]

PROCESSES = ("supervisor", "ingest-0", "ingest-1", "delivery")


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    """A gateway whose admin port is free."""
    return {**settings, "admin": {"listen": "127.0.0.1:0"}}


def _write(config_file: Path, settings: dict[str, Any]) -> None:
    config_file.write_text(yaml.safe_dump(settings))


async def admin_url(served: Served) -> str:
    """Return where the admin port of a gateway is."""
    return f"http://{(await served.logged('the admin port is open'))['at']}"


async def readiness(url: str) -> tuple[int, dict[str, Any]]:
    """Return the readiness page, with its status."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
        return answer.status, await answer.json()


async def samples(url: str) -> Samples:
    """Return what Prometheus reads."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        text = await answer.text()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def whole_page(url: str) -> Samples:
    """Return what Prometheus reads once all processes are on the page: it waits for none long."""
    found: Samples = {}
    lag = "gateway_event_loop_lag_seconds_count"
    async with asyncio.timeout(60):
        while not all(of(found, lag, process=process) for process in PROCESSES):
            found = await samples(url)
    return found


def of(found: Samples, name: str, **labels: str) -> float | None:
    """Return the sum of a metric over all that has these labels; None where there is none."""
    values = [v for (n, had), v in found.items() if n == name and had >= labels.items()]
    return sum(values) if values else None


async def test_metrics_of_all_processes_are_on_one_page(
    config_file: Path, emulator: Emulator
) -> None:
    """What came in at one process and went out at another."""
    async with serving(config_file) as served:
        url = await admin_url(served)
        await served.put("e1", "e2", delivered=True)
        found = await whole_page(url)
        lane = {"dataset_group": "demo", "kind": "events"}
        starts = {
            name: of(found, "gateway_process_starts", process=name)
            for name in ("ingest-0", "ingest-1", "delivery")
        }
        assert starts == {"ingest-0": 1, "ingest-1": 1, "delivery": 1}
        assert of(found, "gateway_records_accepted_total", route="all", **lane) == 2
        settled = of(
            found, "gateway_records_settled_total", process="delivery", outcome="delivered", **lane
        )
        assert settled == 2
        assert of(found, "gateway_lane_state", state="flowing", reason="", **lane) == 1
        assert of(found, "gateway_outbox_writable") == 2
        assert of(found, "gateway_outbox_budget_bytes", process="supervisor") == 1024**3
        status, page = await readiness(url)
        assert (status, page["stopping"], page["degraded_lanes"]) == (200, False, [])
        assert [one["name"] for one in page["processes"]] == ["ingest-0", "ingest-1", "delivery"]
    assert emulator.stats()["operations"]["PutEvents"]


async def test_what_waits_and_what_was_refused_is_on_the_page(
    config_file: Path, emulator: Emulator
) -> None:
    """Each metric of the way out moves as its documentation says."""
    lane = {"dataset_group": "demo", "kind": "events"}
    emulator.faults.add(Fault(operation="PutEvents", answer=Answer.REFUSE, next=1))
    async with serving(config_file) as served:
        url = await admin_url(served)
        await served.put("dead", delivered=True)
        emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
        await served.put("e1", "e2")
        found: Samples = {}
        async with asyncio.timeout(60):
            while not (
                of(found, "gateway_records_retried_total", **lane)
                and of(found, "gateway_discovery_age_seconds", process="delivery")
            ):
                found = await whole_page(url)
    assert of(found, "gateway_records_settled_total", outcome="dead_lettered", **lane) == 1
    assert of(found, "gateway_dead_letters", dataset_group="demo") == 1
    assert of(found, "gateway_lane_records_waiting", **lane) == 2
    assert of(found, "gateway_lane_state", state="backing_off", **lane) == 1
    refused = of(
        found,
        "gateway_personalize_call_duration_seconds_count",
        outcome="InvalidInputException",
        **lane,
    )
    assert refused == 1
    # Calls go by session: both events of it were in each.
    records = "gateway_personalize_call_records"
    calls = of(found, f"{records}_count", **lane)
    assert calls is not None
    assert of(found, f"{records}_sum", **lane) == 1 + 2 * (calls - 1)
    assert of(found, "gateway_lane_quota", **lane) == of(found, "gateway_lane_rate", **lane)
    above_zero = {
        name: (of(found, name, process=process) or 0) > 0
        for name, process in (
            ("gateway_lane_oldest_record_age_seconds", "delivery"),
            ("gateway_discovery_age_seconds", "delivery"),
            ("gateway_outbox_size_bytes", "supervisor"),
            ("gateway_event_loop_lag_seconds_count", "supervisor"),
        )
    }
    assert set(above_zero.values()) == {True}, above_zero


async def test_a_lane_that_backs_off_is_named_and_takes_nobody_out(
    config_file: Path, emulator: Emulator
) -> None:
    """Also a delivery process that dies takes nothing from readiness."""
    emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        url = await admin_url(served)
        await served.put("e1")
        await until(lambda: "PutEvents" in emulator.stats()["operations"])
        status, page = await readiness(url)
        async with asyncio.timeout(60):
            while not page["degraded_lanes"]:
                status, page = await readiness(url)
        (degraded,) = page["degraded_lanes"]
        assert (status, degraded["lane"], degraded["state"]) == (200, "demo/events", "backing_off")
        os.kill(served.child("delivery"), signal.SIGKILL)
        async with asyncio.timeout(60):
            while of(await samples(url), "gateway_process_starts", process="delivery") != 2:
                assert (await readiness(url))[0] == 200


async def test_a_gateway_that_stops_is_not_ready_and_is_alive(
    config_file: Path, settings: dict[str, Any], emulator: Emulator
) -> None:
    """From the signal on, while it still delivers."""
    settings["delivery"]["drain"] = "60s"
    _write(config_file, settings)
    emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        url = await admin_url(served)
        await served.put("e1")
        served.process.terminate()
        async with asyncio.timeout(60):
            while (await readiness(url))[0] == 200:
                pass
        assert (await readiness(url))[1]["stopping"]
        async with aiohttp.ClientSession() as session, session.get(f"{url}/livez") as answer:
            assert answer.status == 200
        emulator.faults.clear()
        assert await served.process.wait() == 0


async def test_a_port_that_is_taken_stops_nobody(
    config_file: Path, settings: dict[str, Any]
) -> None:
    """The log says so; records are taken all the same."""
    other = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with other:
        taken = f"127.0.0.1:{other.sockets[0].getsockname()[1]}"
        _write(config_file, {**settings, "admin": {"listen": taken}})
        async with serving(config_file) as served:
            await served.logged("the admin port cannot be opened yet", at=taken)
            await served.put("e1", delivered=True)
