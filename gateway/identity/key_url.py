"""A key set that is fetched from who issues the tokens, and fetched again."""

import asyncio
import contextlib
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import structlog

from gateway.clock import Clock, SystemClock
from gateway.identity.files import MAX_FILE_BYTES, FileUnusable
from gateway.identity.keys import KeySet

log = structlog.get_logger()

LEAST_INTERVAL_S: Final = 10.0
"""No two fetches are nearer than this, however many tokens name a key that is not there."""

TIMEOUT_S: Final = 5.0
"""How long a fetch may take in all: so long a call may wait for it."""

_OK: Final = 200


class KeyUrl:
    """Keeps the key set of a URL. Where it cannot be fetched, what was fetched before stays.

    Args:
        url: of the key set.
        refresh_s: it is fetched anew so often.
    """

    def __init__(self, url: str, *, refresh_s: float, clock: Clock | None = None) -> None:
        self._url = url
        self._refresh_s = refresh_s
        self._clock = clock or SystemClock()
        self._keys: KeySet | None = None
        self._fetched_at_s = float("-inf")
        self._is_failing = False
        self._fetching: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def __repr__(self) -> str:
        return f"<KeyUrl of {self._host}>"

    @property
    def _host(self) -> str | None:
        # The rest of a URL may hold secrets.
        return urlsplit(self._url).hostname

    def current(self) -> KeySet | None:
        """Return what was fetched last; None where nothing could be."""
        return self._keys

    async def renewed(self) -> KeySet | None:
        """Return what there is once it was fetched, unless that was done a moment ago."""
        if self._fetching is None:
            if self._closing.is_set() or self._clock.monotonic() < self._next_allowed_s:
                return self._keys
            self._fetching = asyncio.create_task(self._fetch(), name="key set")
        # Shared by all who wait; one that gives up ends it for nobody else.
        await asyncio.wait({self._fetching})
        return self._keys

    @property
    def _next_allowed_s(self) -> float:
        return self._fetched_at_s + LEAST_INTERVAL_S

    async def start(self) -> None:
        """Fetch the keys, and keep them fresh from now on."""
        await self.renewed()
        self._refreshing = asyncio.create_task(self._refresh(), name="key set refresh")

    async def close(self) -> None:
        """Fetch no more."""
        self._closing.set()
        for task in (self._refreshing, self._fetching):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _refresh(self) -> None:
        while not self._closing.is_set():
            wait_s = LEAST_INTERVAL_S if self._is_failing else self._refresh_s
            await self._clock.wait(self._closing, self._fetched_at_s + wait_s)
            await self.renewed()

    async def _fetch(self) -> None:
        self._fetched_at_s = self._clock.monotonic()
        try:
            self._keys = KeySet.parse(await self._download())
        except (aiohttp.ClientError, FileUnusable, TimeoutError, OSError, ValueError) as error:
            self._say(error)
            self._is_failing = True
        else:
            self._is_failing = False
        finally:
            self._fetching = None

    def _say(self, error: Exception) -> None:
        if self._is_failing:  # it was said
            return
        # No text of a library's: it quotes the URL.
        problem = str(error) if isinstance(error, FileUnusable) else type(error).__name__
        log.error(
            "the key set cannot be fetched; what was fetched before stays",
            host=self._host,
            problem=problem,
        )

    async def _download(self) -> bytes:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        # A fetch in ten minutes needs no connection in between.
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(self._url, allow_redirects=False) as response,
        ):
            if response.status != _OK:
                raise FileUnusable(f"the answer is {response.status}, not {_OK}")
            if (response.content_length or 0) > MAX_FILE_BYTES:
                raise FileUnusable(f"the key set has more than {MAX_FILE_BYTES} bytes")
            return await _read(response.content)


async def _read(content: aiohttp.StreamReader) -> bytes:
    data = bytearray()
    async for part in content.iter_any():
        data += part
        if len(data) > MAX_FILE_BYTES:
            raise FileUnusable(f"the key set has more than {MAX_FILE_BYTES} bytes")
    return bytes(data)
