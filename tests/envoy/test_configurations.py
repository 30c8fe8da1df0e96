"""The files of `deploy/envoy`, and `deploy/compose.yaml`, as they are."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.rpc import error_details_pb2

from gateway.api import POOL
from gateway.config import parse
from gateway.personalize.emulator import Emulator, EmulatorConfig
from gateway.personalize.emulator.seeding import load_seed
from tests.envoy.sidecar import DEPLOY, ENVOY, NAMES, laid_out
from tests.support.certificates import LOOPBACK, Authority

COMPOSE = DEPLOY.parent / "compose.yaml"
PROTOS = Path(__file__).parents[2] / "protos"


@pytest.mark.parametrize("name", NAMES)
async def test_envoy_takes_it_without_a_warning(tmp_path: Path, name: str) -> None:
    """Nothing in it is unknown, or on its way out of Envoy."""
    folder = laid_out(tmp_path / "envoy")
    authority = Authority()
    authority.issue(LOOPBACK).write(folder / "certificates", "tls")
    (folder / "certificates" / "ca.crt").write_bytes(authority.pem)
    envoy = await asyncio.create_subprocess_exec(
        *(ENVOY, "--mode", "validate", "--config-path", folder / f"{name}.yaml"),
        *("--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await envoy.communicate()
    assert said.decode() == f"configuration '{folder / name}.yaml' OK\n"
    assert envoy.returncode == 0


def loaded(name: str) -> dict[str, Any]:
    """Return a configuration."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / f"{name}.yaml").read_text())
    return found


def shared(name: str) -> dict[str, Any]:
    """Return a configuration without what is its own: how callers connect, and JSON and CORS."""
    config = loaded(name)
    (listener,) = config["static_resources"]["listeners"]
    (chain,) = listener["filter_chains"]
    chain.pop("transport_socket", None)
    manager = chain["filters"][0]["typed_config"]
    for key in ("codec_type", "forward_client_cert_details", "set_current_client_cert_details"):
        manager.pop(key, None)
    own = {f"envoy.filters.http.{one}" for one in ("cors", "grpc_web", "grpc_json_transcoder")}
    manager["http_filters"] = [one for one in manager["http_filters"] if one["name"] not in own]
    (host,) = manager["route_config"]["virtual_hosts"]
    host.pop("typed_per_filter_config", None)
    host["routes"] = [one for one in host["routes"] if one["match"] != {"prefix": "/v1/records/"}]
    listener["address"] = None
    return config


@pytest.mark.parametrize("name", NAMES)
def test_all_treat_the_gateway_alike(name: str) -> None:
    """Retries, health checks, limits and traces are the same whoever calls."""
    assert shared(name) == shared("plain")


def routes(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield path or prefix of each route, and where it leads."""
    (listener,) = loaded(name)["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    for route in manager["route_config"]["virtual_hosts"][0]["routes"]:
        (path,) = route["match"].values()
        yield path, route["route"]


def streams() -> Iterator[str]:
    """Yield the path of each RPC of the API that streams."""
    for proto in PROTOS.rglob("*_service.proto"):
        file = POOL.FindFileByName(str(proto.relative_to(PROTOS)))
        for service in file.services_by_name.values():
            for method in service.methods:
                if method.client_streaming or method.server_streaming:
                    yield f"/{service.full_name}/{method.name}"


def test_no_stream_and_no_call_is_cut_off() -> None:
    """The caller's deadline decides; nobody needs to speak on a stream."""
    found = dict(routes("plain"))
    assert {route["timeout"] for route in found.values()} == {"0s"}
    unending = {path for path, route in found.items() if route.get("idle_timeout") == "0s"}
    assert unending == {*streams(), "/grpc.health.v1.Health/Watch"}


def test_the_transcoder_knows_the_api_and_the_details_of_errors() -> None:
    """As they are now: after a change of the protos, `make generate`."""
    made = FileDescriptorSet.FromString((DEPLOY / "json_service.binpb").read_bytes())
    files = {file.name: file for file in made.file}
    for name in ("json_service", "acknowledgement"):
        ours, path = FileDescriptorProto(), f"personalize_gateway/v1/{name}.proto"
        POOL.FindFileByName(path).CopyToProto(ours)
        # What made it puts a field of its own behind them.
        assert files[path].SerializeToString().startswith(ours.SerializeToString())
    known = {message.name for message in files["google/rpc/error_details.proto"].message_type}
    assert known >= set(error_details_pb2.DESCRIPTOR.message_types_by_name)


def test_compose_fits_together(tmp_path: Path) -> None:
    """The gateway's configuration and the emulator's seed are valid, and name what is there."""
    compose = yaml.safe_load(COMPOSE.read_text())
    contents = {name: one["content"] for name, one in compose["configs"].items()}
    config = parse(contents["gateway"], "compose.yaml", {})
    seed = tmp_path / "seed.yaml"
    seed.write_text(contents["seed"])
    arns = {outline.arn for outline in Emulator(EmulatorConfig()).seed(*load_seed(seed))}
    assert {group.arn for group in config.dataset_groups.values()} == arns
    web = yaml.safe_load((DEPLOY / "web.yaml").read_text())["static_resources"]
    (listener,), (gateway, _) = web["listeners"], web["clusters"]
    (endpoint,) = gateway["load_assignment"]["endpoints"][0]["lb_endpoints"]
    port = endpoint["endpoint"]["address"]["socket_address"]["port_value"]
    assert config.server.listen == f"127.0.0.1:{port}"
    port = listener["address"]["socket_address"]["port_value"]
    assert compose["services"]["gateway"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    (scraped,) = yaml.safe_load(contents["prometheus"])["scrape_configs"]
    _, _, admin_port = config.admin.listen.rpartition(":")
    assert scraped["static_configs"] == [{"targets": [f"gateway:{admin_port}"]}]
    for service in compose["services"].values():
        for mount in service.get("volumes", ()):
            source = mount.partition(":")[0]
            assert source in compose["volumes"] or (COMPOSE.parent / source).exists()
