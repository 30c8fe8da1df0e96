"""The example of the Python client, and the package that it is in."""

import asyncio
import sys
import zipfile
from pathlib import Path

import pytest

from gateway import embedded
from gateway.config import Config
from gateway.personalize.emulator import Emulator
from tests.support.received import received
from tests.support.running import Running, patient

_CLIENT = Path(__file__).parents[3] / "clients" / "python"


@pytest.fixture
def config(emulator: Emulator) -> Config:
    """Take what a gateway without a configuration does."""
    return patient(embedded.configuration(emulator, "127.0.0.1:0"))


async def _run(*arguments: object, directory: Path | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *map(str, arguments),
        cwd=directory,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def test_the_example_does_what_it_says(running: Running) -> None:
    """And all of it arrives."""
    output = await _run(_CLIENT / "example.py", running.address)
    assert output.splitlines() == [
        "items: 1 is durable",
        "events: 2 are durable",
        "events: refused: events[0].user_id breaks MIN_LENGTH",
        "publisher: 1000 are durable",
    ]
    await received(running.emulator, "events", 1002)
    await received(running.emulator, "items", 1)


async def test_the_wheel_has_the_package_and_its_types(tmp_path: Path) -> None:
    """Every module of the source, and no program beside them."""
    await _run("-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, directory=_CLIENT)
    names, files = _in_the_wheel(tmp_path), _in_the_source()
    assert "personalize_gateway/py.typed" in files
    assert names == files


def _in_the_wheel(directory: Path) -> set[str]:
    (wheel,) = directory.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def _in_the_source() -> set[str]:
    source = _CLIENT / "src"
    return {
        str(path.relative_to(source))
        for path in (source / "personalize_gateway").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
