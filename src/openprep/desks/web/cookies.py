"""The cookies of a browser: for scripts of nobody, and for no other site's requests."""

import hmac

from aiohttp import web

from openprep.desks.web.texts.said import Language

SESSION = "session"
MACHINE = "machine"
VISIT = "visit"
LANGUAGE = "language"
YEAR = 365 * 86_400


def bound_to(browser: str, token: str) -> str:
    """A session's token, for one browser only: what a browser keeps of its session."""
    said = b"openprep/session/v1\n" + token.encode(errors="replace")
    return f"{token}.{hmac.digest(browser.encode(), said, 'sha256').hex()}"


def is_bound_to(browser: str, kept: str) -> bool:
    """Whether this browser was given what it brings."""
    expected = bound_to(browser, token_of(kept))
    return hmac.compare_digest(kept.encode(errors="replace"), expected.encode(errors="replace"))


def token_of(kept: str) -> str:
    """The token in what a browser keeps."""
    return kept.rpartition(".")[0]


class Cookies:
    """Cookies of one house. ``secure`` is false at localhost only, which has no TLS.

    ``__Host-`` keeps a neighbouring host from writing them (RFC 6265bis, 4.1.3.2).
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    def read(self, request: web.Request, name: str) -> str:
        """What a browser brings under a name; ``""`` if nothing."""
        return request.cookies.get(self._name(name), "")

    def keep(self, response: web.Response, name: str, value: str, age: int | None = None) -> None:
        """Have the browser keep it: until it is closed, or ``age`` seconds."""
        response.set_cookie(
            self._name(name),
            value,
            max_age=age,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Strict",
        )

    def drop(self, response: web.Response, name: str) -> None:
        """Have the browser forget it."""
        self.keep(response, name, "", age=0)

    def language(self, request: web.Request) -> Language | None:
        """The language that was chosen; ``None`` if none was."""
        chosen = self.read(request, LANGUAGE)
        return next((one for one in Language if one.value == chosen), None)

    def _name(self, name: str) -> str:
        return f"__Host-openprep-{name}" if self._secure else f"openprep-{name}"
