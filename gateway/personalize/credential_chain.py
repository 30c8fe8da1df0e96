"""Credentials from botocore's chain: environment, profile, SSO, container, instance, and roles.

What botocore does here may block (files, processes, HTTP), so all of it happens in threads. Its
objects say when credentials end; this module decides who waits for new ones: nobody, as long as
the old ones are good.
"""

import asyncio
from collections.abc import Callable
from functools import partial

import botocore.session
import structlog
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    DeferredRefreshableCredentials,
    RefreshableCredentials,
)
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    MetadataRetrievalError,
)
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from gateway.errors import CallError, CallFailed, LaneBlocked
from gateway.personalize.answers import THROTTLING_CODES
from gateway.personalize.call import Endpoint
from gateway.personalize.credentials import Credentials

log = structlog.get_logger()

# How often the end of credentials is looked at, and a refresh that failed is tried again.
_CHECK_EVERY_S = 10
# Credentials that end within this are waited for.
_ENDED_S = 60
_SESSION_NAME = "personalize-gateway"
_STS_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard"})

Loader = Callable[[Endpoint], BotocoreCredentials | None]


def load_credentials(endpoint: Endpoint) -> BotocoreCredentials | None:
    """Return the credentials of botocore's chain or, from them, of the endpoint's role. Blocks.

    The session is a new one each time, so that changed files and variables are seen.
    """
    session = botocore.session.Session()
    credentials = session.get_credentials()
    if credentials is None or endpoint.role_arn is None:
        return credentials
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(
            session.create_client, region_name=endpoint.region, config=_STS_CONFIG
        ),
        source_credentials=credentials,
        role_arn=endpoint.role_arn,
        extra_args={"RoleSessionName": _SESSION_NAME},
    )
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")


class CredentialChain:
    """Implements `CredentialSource` by botocore's chain, once for each role and region."""

    def __init__(self, load: Loader = load_credentials) -> None:
        """Make a chain that has not loaded anything yet; `load` runs in threads."""
        self._load = load
        self._identities: dict[tuple[str, str] | None, _Identity] = {}

    async def current(self, endpoint: Endpoint) -> Credentials:
        """Return credentials that have not expired, as the interface says."""
        return await self._identity(endpoint).current()

    async def renewed(self, endpoint: Endpoint, refused: Credentials) -> Credentials:
        """Return credentials loaded anew, as the interface says."""
        return await self._identity(endpoint).renewed(refused)

    def _identity(self, endpoint: Endpoint) -> "_Identity":
        # The process's own credentials are the same for all; a role's come from its region's STS.
        key = (endpoint.role_arn, endpoint.region) if endpoint.role_arn else None
        if key not in self._identities:
            self._identities[key] = _Identity(partial(self._load, endpoint))
        return self._identities[key]


class _Identity:
    """The credentials of the process or of one role. Fetched once for all who wait for them."""

    def __init__(self, load: Callable[[], BotocoreCredentials | None]) -> None:
        self._load = load
        self._source: BotocoreCredentials | None = None
        self._credentials: Credentials | None = None
        self._check_at_s = 0.0
        self._fetch: asyncio.Task[Credentials] | None = None

    async def current(self) -> Credentials:
        now_s = asyncio.get_running_loop().time()
        if self._credentials is not None and now_s < self._check_at_s:
            return self._credentials
        if self._credentials is None or self._end_within(_ENDED_S):
            return await self._fetched(self._source)
        self._check_at_s = now_s + _CHECK_EVERY_S
        if self._end_within(None):
            self._fetch = self._begin_fetch(self._source)
        return self._credentials

    async def renewed(self, refused: Credentials) -> Credentials:
        if self._credentials is not None and self._credentials != refused:
            return self._credentials
        return await self._fetched(None)

    def _end_within(self, seconds: int | None) -> bool:
        """Return whether they end within `seconds`; None for when botocore wants a refresh."""
        source = self._source
        return isinstance(source, RefreshableCredentials) and source.refresh_needed(seconds)

    async def _fetched(self, source: BotocoreCredentials | None) -> Credentials:
        self._fetch = self._begin_fetch(source)
        # One who stops waiting must not end the fetch for the others.
        return await asyncio.shield(self._fetch)

    def _begin_fetch(self, source: BotocoreCredentials | None) -> asyncio.Task[Credentials]:
        """Fetch from `source`, or for None from a new one; or join the fetch under way."""
        if self._fetch is not None and not self._fetch.done():
            return self._fetch
        fetch = asyncio.create_task(self._fetch_and_keep(source))
        fetch.add_done_callback(_log_failure)
        return fetch

    async def _fetch_and_keep(self, source: BotocoreCredentials | None) -> Credentials:
        self._source, credentials = await asyncio.to_thread(_read, self._load, source)
        self._credentials = credentials
        self._check_at_s = asyncio.get_running_loop().time() + _CHECK_EVERY_S
        return credentials


def _read(
    load: Callable[[], BotocoreCredentials | None], source: BotocoreCredentials | None
) -> tuple[BotocoreCredentials, Credentials]:
    """Return the source and what it gives now. Blocks; raises our errors only."""
    try:
        source = source or load()
        if source is None:
            raise LaneBlocked("NoCredentials", "botocore's chain found none")
        frozen = source.get_frozen_credentials()
        return source, Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)
    except (BotocoreConnectionError, HTTPClientError, MetadataRetrievalError) as error:
        raise CallFailed("CredentialsUnavailable", str(error)) from error
    except ClientError as error:
        raise _error_of_service(error) from error
    except (BotoCoreError, RuntimeError, OSError, EOFError, ValueError) as error:
        # RuntimeError is botocore's for credentials that came expired, EOFError getpass's where
        # a profile wants a code typed in, OSError a credential process's.
        raise LaneBlocked("NoCredentials", str(error)) from error


def _error_of_service(error: ClientError) -> CallError:
    """Return what an error of the service that gives out credentials (STS, SSO) means."""
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= 500 or code in THROTTLING_CODES:  # noqa: PLR2004 - HTTP's class of faults
        return CallFailed("CredentialsUnavailable", str(error))
    return LaneBlocked("CredentialsDenied", str(error))


def _log_failure(task: asyncio.Task[Credentials]) -> None:
    # In the background nobody else would tell.
    if task.cancelled() or (error := task.exception()) is None:
        return
    cause = type(error.__cause__ or error).__name__
    log.warning("AWS credentials could not be fetched", code=str(error), cause=cause)
