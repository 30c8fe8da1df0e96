"""One HTTP POST by libcurl: how it is set up, and what its end means.

The options are set once for each easy handle, which then serves one call after another. The
connections are not the handle's: they live in the multi handle of `curl_loop`.
"""

import io
from dataclasses import dataclass
from importlib.metadata import version

import botocore.session
import pycurl
from botocore.exceptions import BotoCoreError
from botocore.httpsession import get_cert_path

from gateway.errors import CallFailed
from gateway.personalize.answers import Answer
from gateway.personalize.idle_sockets import IdleSockets

USER_AGENT = f"personalize-gateway/{version('personalize-gateway')}"

# libcurl's codes as names that may label a metric. What is not here is `Curl<number>`.
_NAMES = {
    pycurl.E_COULDNT_RESOLVE_HOST: "HostNotResolved",
    pycurl.E_COULDNT_RESOLVE_PROXY: "ProxyNotResolved",
    pycurl.E_COULDNT_CONNECT: "ConnectionFailed",
    pycurl.E_SSL_CONNECT_ERROR: "TlsFailed",
    pycurl.E_PEER_FAILED_VERIFICATION: "TlsNotTrusted",
    pycurl.E_SSL_CACERT_BADFILE: "CaBundleUnreadable",
    pycurl.E_OPERATION_TIMEDOUT: "Timeout",
    pycurl.E_SEND_ERROR: "ConnectionReset",
    pycurl.E_RECV_ERROR: "ConnectionReset",
    pycurl.E_GOT_NOTHING: "ConnectionReset",
    pycurl.E_PARTIAL_FILE: "ConnectionReset",
    pycurl.E_SEND_FAIL_REWIND: "ConnectionReset",
    pycurl.E_UNSUPPORTED_PROTOCOL: "NotHttp",
    pycurl.E_FTP_WEIRD_SERVER_REPLY: "NotHttp",
    pycurl.E_HTTP2: "NotHttp",
}


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """How connections to Personalize are made and kept.

    Attributes:
        connect_timeout_s: for name, TCP, proxy and TLS together.
        total_timeout_s: for the whole call, once it has a connection's place.
        max_connections: open at once, busy and idle; a call waits for its place.
        max_idle_s: a connection unused for longer is not used again. Less than the minute after
            which load balancers commonly close one.
        max_age_s: a connection older than this is not used again, so that a change in DNS is seen.
        max_answer_bytes: what is read of an answer's body; the rest is cut off.
        ca_bundle: path of a PEM file. None for AWS_CA_BUNDLE, then the profile's `ca_bundle`, then
            the bundle that botocore uses (certifi's, or its own).
    """

    connect_timeout_s: float = 3.0
    total_timeout_s: float = 10.0
    max_connections: int = 64
    max_idle_s: int = 50
    max_age_s: int = 600
    max_answer_bytes: int = 65_536
    ca_bundle: str | None = None


def ca_bundle_path(settings: ConnectionSettings) -> str:
    """Return the path of the certificates to trust. May read AWS's configuration files."""
    if settings.ca_bundle is not None:
        return settings.ca_bundle
    try:
        configured = botocore.session.Session().get_config_variable("ca_bundle")
    except BotoCoreError:
        # An unknown profile is for the credentials to report; static ones do without it.
        configured = None
    return str(configured or get_cert_path(verify=True))


class Transfer:
    """An easy handle and what it reads from and into: one POST at a time."""

    def __init__(
        self, settings: ConnectionSettings, ca_bundle: str, idle_sockets: IdleSockets
    ) -> None:
        """Set what all POSTs have in common."""
        self.curl = pycurl.Curl()
        self._idle_sockets = idle_sockets
        self._head: list[bytes] = []
        self._body = bytearray()
        self._source = io.BytesIO()
        self._max_answer_bytes = settings.max_answer_bytes
        self._spoilt = False
        for option, value in _options(settings, ca_bundle):
            self.curl.setopt(option, value)
        self.curl.setopt(pycurl.HEADERFUNCTION, self._head.append)
        self.curl.setopt(pycurl.WRITEFUNCTION, self._write)
        self.curl.setopt(pycurl.PREREQFUNCTION, self._before_sending)

    def prepare(self, url: str, headers: list[str], body: bytes) -> None:
        """Make the handle ready to POST `body`, which is not empty, to `url`."""
        self._head.clear()
        self._body.clear()
        self._spoilt = False
        # The body is read from a stream that cannot be rewound because libcurl, by itself, sends
        # again what it had sent on a kept connection that then closed: whether to try again is
        # delivery's decision, and it has to know that Personalize may have the records.
        self._source = io.BytesIO(body)
        self.curl.setopt(pycurl.URL, url)
        # "Expect" and "Accept" without a value leave those of libcurl out.
        self.curl.setopt(pycurl.HTTPHEADER, [*headers, "Expect:", "Accept:"])
        self.curl.setopt(pycurl.READFUNCTION, self._source.read)
        self.curl.setopt(pycurl.POSTFIELDSIZE_LARGE, len(body))

    @property
    def sent(self) -> bool:
        """Whether libcurl has begun to send the body: only then may Personalize have taken it."""
        return self._source.tell() > 0

    def answer(self, idle_socket: int) -> Answer:
        """Return what was read; `idle_socket` is that of the connection left idle, or -1."""
        if idle_socket >= 0:
            self._idle_sockets.add(self.curl.getinfo(pycurl.LOCAL_PORT), idle_socket)
        return Answer(
            status=self.curl.getinfo(pycurl.RESPONSE_CODE),
            head=tuple(self._head),
            body=bytes(self._body[: self._max_answer_bytes]),
        )

    def answer_despite(self, error: pycurl.error) -> Answer | None:
        """Return the answer whose reading ended in `error` at our own limit.

        None, if nothing was sent because the kept connection had been closed: try again.

        Raises:
            CallFailed: it ended in any other error; says whether the records may have arrived.
        """
        code = int(error.args[0])
        if code == pycurl.E_ABORTED_BY_CALLBACK and self._spoilt:
            return None
        if code == pycurl.E_WRITE_ERROR and len(self._body) > self._max_answer_bytes:
            return self.answer(idle_socket=-1)
        raise CallFailed(self._name(code), self.curl.errstr(), outcome_unknown=self.sent) from error

    def _name(self, code: int) -> str:
        if code == pycurl.E_OPERATION_TIMEDOUT and not self.sent:
            return "ConnectTimeout"
        if not self.sent and self.curl.getinfo(pycurl.HTTP_CONNECTCODE) not in (0, 200):
            return "ProxyFailed"
        return _NAMES.get(code, f"Curl{code}")

    # Callbacks of libcurl. What they raised would end up in the loop, and not with the caller.

    def _before_sending(
        self, _remote_ip: str, _local_ip: str, _remote_port: int, local_port: int
    ) -> int:
        self._spoilt = self._idle_sockets.is_spoilt(local_port)
        return pycurl.PREREQFUNC_ABORT if self._spoilt else pycurl.PREREQFUNC_OK

    def _write(self, chunk: bytes) -> int:
        self._body += chunk
        # Any other number than the chunk's length ends the transfer.
        return len(chunk) if len(self._body) <= self._max_answer_bytes else 0


def _options(settings: ConnectionSettings, ca_bundle: str) -> list[tuple[int, object]]:
    """Return the options of every POST. libcurl's defaults: verify TLS, follow no redirect."""
    return [
        (pycurl.POST, True),
        (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
        (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
        (pycurl.USERAGENT, USER_AGENT),
        (pycurl.CAINFO, ca_bundle),
        # libcurl would use SIGALRM for time-outs, and Python's handler is not its to replace.
        (pycurl.NOSIGNAL, True),
        (pycurl.CONNECTTIMEOUT_MS, round(settings.connect_timeout_s * 1000)),
        (pycurl.TIMEOUT_MS, round(settings.total_timeout_s * 1000)),
        (pycurl.MAXAGE_CONN, settings.max_idle_s),
        (pycurl.MAXLIFETIME_CONN, settings.max_age_s),
        (pycurl.TCP_NODELAY, True),
        (pycurl.TCP_KEEPALIVE, True),
        (pycurl.TCP_KEEPIDLE, 30),
        (pycurl.TCP_KEEPINTVL, 10),
    ]
