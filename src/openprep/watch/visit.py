"""Asking any publisher's site for files: bounded in time and bytes, and with nothing believed.

Bytes are taken as they come: nothing is unpacked, no redirect is followed, no cookie kept. So a
site cannot make the watch ask another machine, nor send it more than was asked for.
"""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from cryptography import x509
from yarl import URL

from openprep.bounded import TooMany, first_of, whole_of
from openprep.clock import http_date
from openprep.coded import CodedError
from openprep.mirror.sources.session import Asking
from openprep.watch.codes import WatchCode

TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=5, sock_read=8)
CERTIFICATE_SECONDS = 8
AT_ONCE_AT_A_SITE = 6


class Trouble(CodedError[WatchCode]):
    """A file could not be had: UNREACHABLE, TLS, MISSING, or ALTERED where too much came.

    ``status`` is what the server answered over HTTP, if it did.
    """

    def __init__(
        self, code: WatchCode, template: str, /, status: int | None = None, **facts: object
    ) -> None:
        self.status = status
        super().__init__(code, template, **facts)


@dataclass(frozen=True)
class Answer:
    """A file, and the time on the clock of the server that sent it, if it said."""

    data: bytes
    dated: datetime | None


@dataclass(frozen=True)
class Span:
    """``size`` bytes of a file from ``offset`` on."""

    offset: int
    size: int


class Visitor(Asking):
    """Asks sites for files; used inside ``async with``.

    ``tls`` is what certificates are checked against, the machine's own authorities by default.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls or ssl.create_default_context()
        super().__init__()

    def _new_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, limit_per_host=AT_ONCE_AT_A_SITE, ssl=self._tls, ttl_dns_cache=60
            ),
            timeout=TIMEOUT,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity", "User-Agent": "openprep-watch"},
        )

    async def get(self, site: str, path: str, limit: int, span: Span | None = None) -> Answer:
        """The file at ``path`` below ``site``, at most ``limit`` bytes, or a ``span`` of it.

        From a server that does not serve spans, as much of the file as reaches its end is taken,
        if that is not more than ``limit``.

        Raises:
            Trouble: it was not to be had.
        """
        headers = {"Range": f"bytes={span.offset}-{span.offset + span.size - 1}"} if span else {}
        url = URL(f"{site}/{path}", encoded=True)
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                return await _answer(response, path, limit, span)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
            raise Trouble(WatchCode.TLS, "{error}", error=error) from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Trouble(
                WatchCode.UNREACHABLE,
                "{path}: {error}",
                path=path or "/",
                error=f"{type(error).__name__} {error}".rstrip(),
            ) from error

    async def certificate_ends(self, site: str) -> datetime | None:
        """When the certificate of an https site ends; ``None`` where there is none to ask.

        Raises:
            Trouble: TLS or UNREACHABLE.
        """
        url = URL(site)
        if url.scheme != "https" or url.host is None:
            return None
        try:
            async with asyncio.timeout(CERTIFICATE_SECONDS):
                connecting = asyncio.open_connection(url.host, url.port, ssl=self._tls)
                _, writer = await connecting
            shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
        except ssl.SSLError as error:
            raise Trouble(WatchCode.TLS, "{error}", error=error) from error
        except (OSError, TimeoutError) as error:
            raise Trouble(
                WatchCode.UNREACHABLE, "{name} {error}", name=type(error).__name__, error=error
            ) from error
        return x509.load_der_x509_certificate(shown).not_valid_after_utc


async def _answer(
    response: aiohttp.ClientResponse, path: str, limit: int, span: Span | None
) -> Answer:
    if response.status == 404:
        raise Trouble(WatchCode.MISSING, "{path}", path=path or "/")
    if response.status not in ((200, 206) if span else (200,)):
        raise Trouble(
            WatchCode.UNREACHABLE,
            "{path}: HTTP {said}",
            status=response.status,
            path=path or "/",
            said=response.status,
        )
    partly = response.status == 206
    whole = span is None or partly
    size = min(limit, span.size) if span is not None and partly else limit
    data = await _read(response, path, size, None if whole or not span else span)
    if span is not None and not partly:
        data = data[span.offset : span.offset + span.size]
    return Answer(data, http_date(response.headers.get("Date")))


async def _read(
    response: aiohttp.ClientResponse, path: str, limit: int, until: Span | None
) -> bytes:
    """The body, or no more of it than reaches the end of ``until``."""
    parts = response.content.iter_any()
    if until is not None and until.offset + until.size <= limit:
        return await first_of(parts, until.offset + until.size)
    try:
        return await whole_of(parts, limit)
    except TooMany as error:
        raise Trouble(
            WatchCode.ALTERED,
            "{path}: more than the {limit} bytes it must have",
            path=path,
            limit=limit,
        ) from error
