"""What asks over HTTP: one session for as long as it is entered, closed whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import aiohttp

from openprep.bounded import TooMany
from openprep.mirror.codes import MirrorCode, Refused


class Asking:
    """Used inside ``async with``; :meth:`_new_session` says on which terms it asks."""

    def __init__(self) -> None:
        self.__session: aiohttp.ClientSession | None = None

    def _new_session(self) -> aiohttp.ClientSession:
        raise NotImplementedError

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self.__session is None:
            raise RuntimeError("it asks inside `async with` only")
        return self.__session

    async def __aenter__(self) -> Self:
        self.__session = self._new_session()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()


@contextmanager
def reaching(base: str, name: str) -> Iterator[None]:
    """What may go wrong while ``name`` is asked for at ``base`` and read, under its code.

    Raises:
        Refused: UNREACHABLE, or OVERSIZE where more comes than there may be.
    """
    try:
        yield
    except TooMany as error:
        raise Refused(MirrorCode.OVERSIZE, "{name}: {error}", name=name, error=error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Refused(
            MirrorCode.UNREACHABLE,
            "{base}: {kind} {error}",
            base=base,
            kind=type(error).__name__,
            error=error,
        ) from error
