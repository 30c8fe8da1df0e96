"""Makes all that is generated from the protos, and checks them.

    generate.py            the messages and stubs of all languages, and the gateway's descriptor set
    generate.py check      buf lint, buf format, buf breaking against the last release
    generate.py baseline   takes the protos as they are for the last release

Runs in `.venv-generate` (see the Makefile). The protos of others come from pinned packages into the
ignored folder `.generate`, which is a buf workspace of ours and theirs.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROTOS = ROOT / "protos"
WORKSPACE = ROOT / ".generate"
DEPENDENCIES = WORKSPACE / "dependencies"
BASELINE = PROTOS / "baseline.binpb"
DESCRIPTORS = ROOT / "gateway" / "api" / "descriptors.binpb"
TRANSCODED = ROOT / "deploy" / "envoy" / "json_service.binpb"
CLIENTS = ROOT / "clients"
PYTHON_CLIENT = CLIENTS / "python" / "src"

# What the `generate` of each other language runs on. Where it is missing, its code stays as it is.
TOOLS = {"cpp": "bash", "go": "go", "java": "mvn", "rust": "cargo", "typescript": "npm"}

BUF_YAML = """\
version: v2
modules:
  - path: protos
  - path: dependencies
lint: {use: [STANDARD, COMMENTS], ignore: [dependencies]}
breaking: {use: [FILE], ignore: [dependencies]}
"""


def main(command: str = "generate") -> None:
    """Run one of the commands of the module's docstring."""
    prepare_workspace()
    {"generate": generate, "check": check, "baseline": baseline}[command]()


def prepare_workspace() -> None:
    """Lay out `.generate`: our protos, those of others, and a buf.yaml over both."""
    WORKSPACE.mkdir(exist_ok=True)
    (WORKSPACE / "buf.yaml").write_text(BUF_YAML)
    shutil.copy(PROTOS / "buf.gen.yaml", WORKSPACE)
    ours = WORKSPACE / "protos"
    shutil.rmtree(ours, ignore_errors=True)
    shutil.copytree(PROTOS / "personalize_gateway", ours / "personalize_gateway")
    if not DEPENDENCIES.exists():
        fetch_dependencies()


def fetch_dependencies() -> None:
    """Take `buf/validate` from protovalidate's sources and `google/{api,rpc}` from their wheel."""
    partial = WORKSPACE / "dependencies.partial"
    shutil.rmtree(partial, ignore_errors=True)
    site_packages = Path(sysconfig.get_path("purelib"))
    for package in ("api", "rpc"):
        (partial / "google" / package).mkdir(parents=True)
        for proto in (site_packages / "google" / package).glob("*.proto"):
            shutil.copy(proto, partial / "google" / package)
    (partial / "buf" / "validate").mkdir(parents=True)
    (partial / "buf" / "validate" / "validate.proto").write_bytes(protovalidate_proto())
    partial.rename(DEPENDENCIES)


def protovalidate_proto() -> bytes:
    """Download protovalidate's source distribution and return its `validate.proto`."""
    requirements = ROOT / "requirements" / "generate-source.txt"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-binary", ":all:", "--require-hashes"]
    run(*pip, *options, "--dest", ".", "--requirement", str(requirements))
    (archive,) = WORKSPACE.glob("protovalidate-*.tar.gz")
    with tarfile.open(archive) as sources:
        name = f"{archive.name.removesuffix('.tar.gz')}/upstream/proto/buf/validate/validate.proto"
        member = sources.extractfile(name)
        assert member is not None
        return member.read()


def generate() -> None:
    """Replace the generated code and the descriptor set."""
    build_image(DESCRIPTORS)
    # What Envoy has to know; the details of errors are in no message of the API.
    build_image(
        TRANSCODED,
        "protos/personalize_gateway/v1/json_service.proto",
        "dependencies/google/rpc/error_details.proto",
    )
    package = PYTHON_CLIENT / "personalize_gateway" / "v1"
    for stale in package.glob("*_pb2*"):
        stale.unlink()
    run("buf", "generate", "--output", str(WORKSPACE))
    shutil.copytree(WORKSPACE / "python", PYTHON_CLIENT, dirs_exist_ok=True)
    shutil.rmtree(WORKSPACE / "python")
    services = sorted(
        str(path.relative_to(WORKSPACE / "protos"))
        for path in (WORKSPACE / "protos").rglob("*_service.proto")
        if path.name != "json_service.proto"
    )
    protoc = [sys.executable, "-m", "grpc_tools.protoc", "-Iprotos", "-Idependencies"]
    out = [f"--grpc_python_out={PYTHON_CLIENT}", f"--mypy_grpc_out={PYTHON_CLIENT}"]
    run(*protoc, *out, *services)
    generate_other_languages()


def generate_other_languages() -> None:
    """Have each other language's client make its code from the workspace."""
    for language, tool in TOOLS.items():
        command = CLIENTS / language / "generate"
        if not command.exists():
            continue
        if shutil.which(tool) is None:
            print(f"not generated for {language}: there is no {tool} on this machine")  # noqa: T201
        elif subprocess.run([command], cwd=ROOT, check=False).returncode != 0:
            sys.exit(f"clients/{language}/generate failed")


def check() -> None:
    """Fail where the protos are not as they should be."""
    run("buf", "lint", "protos")
    run("buf", "format", "--diff", "--exit-code", "protos")
    if BASELINE.exists():
        now = WORKSPACE / "now.binpb"
        build_image(now)
        run("buf", "breaking", str(now), "--against", str(BASELINE), "--exclude-imports")


def baseline() -> None:
    """Take the protos as they are for those of the last release."""
    build_image(BASELINE)


def build_image(path: Path, *protos: str) -> None:
    """Build a descriptor set of our protos, or of these, and of all that they import."""
    path.parent.mkdir(parents=True, exist_ok=True)
    what = [".", *(f"--path={proto}" for proto in protos)] if protos else ["protos"]
    run("buf", "build", *what, "--exclude-source-info", "--output", str(path))


def run(*command: str) -> None:
    """Run a command in the workspace, with the tools of this Python's environment first."""
    tools = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    finished = subprocess.run(command, cwd=WORKSPACE, env=environment, check=False)
    if finished.returncode != 0:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])
