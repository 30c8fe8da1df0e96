"""What stands for Personalize: nginx with TLS, which takes every call and keeps nothing.

It answers as Personalize does where all is well: 200, no body, a request ID. Connections are kept.
A delay is a timer of nginx's echo module; without one the module is not in the way.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import trustme

from bench.ports import free_ports
from bench.processes import LOAD_CORE, children, cpu_us, started

ECHO_MODULE = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")
_WAIT_S = 10.0
_PAUSE_S = 0.02

_CONFIG = """
{modules}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    default_type application/json;
    client_body_temp_path {folder}/body;
    client_body_buffer_size 256k;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    keepalive_requests 100000000;
    keepalive_timeout 600s;
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096;
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        location ~ ^/(events|items|users|actions|action-interactions)$ {{
            add_header x-amzn-RequestId $request_id;
            {answer}
        }}
    }}
    server {{
        listen 127.0.0.1:{status_port};
        location = / {{ stub_status; }}
    }}
}}
"""


@dataclass
class Upstream:
    """A running nginx.

    Attributes:
        url: its base.
        ca_bundle: the certificate that it is to be trusted by, as a PEM file.
        pid: of the process that answers.
    """

    url: str
    ca_bundle: Path
    pid: int
    _status_url: str
    _own_requests: int = 0

    async def calls(self) -> int:
        """Return how many calls it has answered since its start."""
        self._own_requests += 1
        async with aiohttp.ClientSession() as session, session.get(self._status_url) as answer:
            requests = int((await answer.text()).splitlines()[2].split()[2])
        return requests - self._own_requests

    def cpu_us(self) -> float:
        """Return the CPU time that it has used since its start, in microseconds."""
        return cpu_us(self.pid)


@asynccontextmanager
async def upstream(delay_ms: int = 0, core: int = LOAD_CORE) -> AsyncIterator[Upstream]:
    """Run an nginx until the block ends.

    Args:
        delay_ms: how long it waits with each answer.
        core: where it runs.
    """
    port, status_port = free_ports(2)
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        ca = trustme.CA()
        ca_bundle = folder / "ca.pem"
        ca.cert_pem.write_to_path(str(ca_bundle))
        certificate = ca.issue_cert("127.0.0.1")
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        for one in certificate.cert_chain_pems:
            one.write_to_path(str(folder / "certificate.pem"), append=True)
        config = folder / "nginx.conf"
        config.write_text(
            _CONFIG.format(
                modules=f"load_module {ECHO_MODULE};" if delay_ms else "",
                folder=folder,
                port=port,
                status_port=status_port,
                answer=_answer(delay_ms),
            )
        )
        command = ("nginx", "-p", directory, "-c", str(config), "-e", "stderr")
        async with started(*command, core=core) as process:
            worker = await _worker(process)
            url, status_url = f"https://127.0.0.1:{port}", f"http://127.0.0.1:{status_port}/"
            yield Upstream(url, ca_bundle, worker, status_url)


def _answer(delay_ms: int) -> str:
    if not delay_ms:
        return "return 200;"
    return f"echo_read_request_body; echo_sleep {delay_ms / 1000}; echo -n '';"


async def _worker(nginx: asyncio.subprocess.Process) -> int:
    """Wait until nginx answers calls; return the process that does.

    Raises:
        TimeoutError: it did not start; its log says why.
    """
    async with asyncio.timeout(_WAIT_S):
        while not (workers := children(nginx.pid)):  # noqa: ASYNC110 - nginx tells nobody
            await asyncio.sleep(_PAUSE_S)
    return workers[0]
