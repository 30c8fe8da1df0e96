"""`make image-test`: starts an image as a container runtime does, sends it an event, stops it."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from tests.image.container import Container, RootFileSystem, buildah

PINNED = Path(__file__).parents[2] / "requirements" / "runtime.txt"
NEEDED = ("buildah", "chroot", "env", "ip", "mount", "nsenter", "setpriv", "unshare")
OWN = {"personalize-gateway", "personalize-gateway-client"}

CONFIG = "/etc/personalize-gateway"
VOLUME = "/var/lib/personalize-gateway"
OUTBOX = f"{VOLUME}/outbox"
EMULATOR = "127.0.0.1:50080"
START_EMULATOR = (
    *("personalize-gateway", "emulator", "--listen", EMULATOR),
    *("--seed", f"{CONFIG}/seed.yaml"),
)
SERVES_WITHIN_S = 60.0

CREDENTIALS = ("AWS_ACCESS_KEY_ID=emulator", "AWS_SECRET_ACCESS_KEY=emulator")
GROUP = {
    "arn": "arn:aws:personalize:us-east-1:000000000000:dataset-group/shop",
    "endpoint_url": f"http://{EMULATOR}",
}
ROUTE = {"name": "all", "callers": ["web"], "kinds": ["events"], "dataset_group": "shop"}
CONFIGURATION = {
    "outbox": {"path": OUTBOX},
    "dataset_groups": {"shop": GROUP},
    "routes": [ROUTE],
}
FIELDS = {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long", "EVENT_TYPE": "string"}
SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "fields": [{"name": name, "type": type_} for name, type_ in FIELDS.items()],
}
SEED = {"dataset_groups": [{"name": "shop", "schemas": {"interactions": SCHEMA}}]}
EVENT = {
    "sessionId": "s-1",
    "userId": "u-1",
    "eventType": "View",
    "itemId": "i-1",
    "eventTime": "2026-01-02T03:04:05Z",
}
REQUEST = {"events": [EVENT], "ackLevel": "ACK_LEVEL_DELIVERED"}
DELIVERED = [{"state": "OUTCOME_STATE_DELIVERED"}]

INSTALLED = """
from importlib.metadata import distributions
print(*(f"{one.name.lower().replace('_', '-')}=={one.version}" for one in distributions()))
"""
ADMIN_PAGES = """
from urllib.request import urlopen
for page in ("livez", "readyz", "metrics"):
    print(page, urlopen(f"http://127.0.0.1:9901/{page}").status)
"""


ADMIN_ANSWERS = ["livez", "200", "readyz", "200", "metrics", "200"]


class NotAsExpected(Exception):
    """Expected error: the image does not do what it is to do."""


@click.command()
@click.argument("image")
def main(image: str) -> None:
    """Start IMAGE from its root file system, and use it. Needs root, and nothing of a network."""
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        raise click.ClickException(f"not installed: {', '.join(missing)}")
    if os.geteuid() != 0:
        raise click.ClickException("only root may mount file systems and make namespaces")
    click.echo(f"{image}: {buildah('images', '--format', '{{.Size}}', image)}")
    with _root(image) as root, tempfile.TemporaryDirectory() as folder:
        try:
            _play(root, Path(folder))
        except NotAsExpected as error:
            for log in sorted(Path(folder).glob("*.log")):
                click.echo(f"-- {log.name}\n{log.read_text()}", err=True)
            raise click.ClickException(str(error)) from None


@contextmanager
def _root(image: str) -> Iterator[RootFileSystem]:
    description: Any = json.loads(buildah("inspect", "--type", "image", image))
    container = buildah("from", "--pull-never", image)
    try:
        path = Path(buildah("mount", container))
        (path / CONFIG.lstrip("/")).mkdir()  # runtimes make a place for what is mounted
        yield RootFileSystem(path, description["Docker"]["config"])
    finally:
        buildah("rm", container)


def _play(root: RootFileSystem, folder: Path) -> None:
    user = root.config["User"]
    at_place = (root.path / VOLUME.lstrip("/")).stat()
    _expect(f"owner of {VOLUME}", f"{at_place.st_uid}:{at_place.st_gid}", user)
    mounts = _mounts(folder, user)
    gateway = Container(root, mounts, CREDENTIALS)
    emulator = Container(root, mounts, beside=gateway)
    try:
        gateway.start(*root.config["Entrypoint"], *root.config["Cmd"], log=folder / "gateway.log")
        emulator.start(*START_EMULATOR, log=folder / "emulator.log")
        _await(gateway, root.config["Healthcheck"]["Test"][1:])
        _look_around(gateway)
        _put(gateway)
        _expect("exit status after SIGTERM", gateway.stop(), 0)
        verified = emulator.run("personalize-gateway", "outbox", "verify", OUTBOX)
        click.echo(verified.stdout, nl=False)
        _expect("exit status of outbox verify", verified.returncode, 0)
    finally:
        emulator.stop()
        gateway.stop()


def _mounts(folder: Path, user: str) -> dict[str, Path]:
    """Return a folder with the configuration, and one that is as Kubernetes gives out a volume."""
    config, volume = folder / "config", folder / "volume"
    folder.chmod(0o755)
    config.mkdir()
    (config / "config.yaml").write_text(json.dumps(CONFIGURATION))
    (config / "seed.yaml").write_text(json.dumps(SEED))
    (volume / "lost+found").mkdir(mode=0o700, parents=True)
    os.chown(volume, 0, int(user.partition(":")[2]))
    volume.chmod(0o2775)
    return {CONFIG: config, VOLUME: volume}


def _await(gateway: Container, health_check: list[str]) -> None:
    until = time.monotonic() + SERVES_WITHIN_S
    while gateway.runs and time.monotonic() < until:
        if gateway.run(*health_check).returncode == 0:
            click.echo("its health check says that it serves")
            return
        time.sleep(0.5)
    raise NotAsExpected("it does not serve")


def _look_around(gateway: Container) -> None:
    _expect("user", gateway.run("id", "--user").stdout.strip(), "10001")
    for place in ("/", "/tmp", "/etc", "/opt/personalize-gateway"):  # noqa: S108 - not written to
        tried = gateway.run("touch", f"{place}/new")
        _expect(f"{place} can be written to", tried.returncode == 0, expected=False)
    status = gateway.run("cat", "/proc/1/status").stdout
    found = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    _expect("capabilities of process 1", int(found["CapEff"], 16), 0)
    _expect("no_new_privs of process 1", found["NoNewPrivs"], "1")
    pinned = {line.split()[0] for line in PINNED.read_text().splitlines() if "==" in line}
    installed = gateway.run("python", "-c", INSTALLED).stdout.split()
    foreign = {one for one in installed if one.split("==")[0] not in OWN} - pinned
    _expect(f"of {len(installed)} packages, those not pinned", foreign, set())


def _put(gateway: Container) -> None:
    put = ("personalize-gateway", "put", "events", "--to", "127.0.0.1:50051", "--caller", "web")
    done = gateway.run(*put, "--json", "-", given=json.dumps(REQUEST))
    if done.returncode != 0:
        raise NotAsExpected(f"put: {done.stderr}")
    _expect("outcomes of a put", json.loads(done.stdout)["outcomes"], DELIVERED)
    lanes = gateway.run("personalize-gateway", "lanes", "list", "--outbox", OUTBOX, "--json")
    _expect("its lanes", [lane["lane"] for lane in json.loads(lanes.stdout)], ["shop/events"])
    pages = gateway.run("python", "-c", ADMIN_PAGES)
    _expect("its admin pages", pages.stdout.split(), ADMIN_ANSWERS)


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise NotAsExpected(f"{what}: {found!r}, not {expected!r}")
    click.echo(f"{what}: {found}")


if __name__ == "__main__":
    main()
