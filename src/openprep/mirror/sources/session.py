"""What asks over HTTP: one session for as long as it is entered, closed whatever happens."""

from types import TracebackType
from typing import Self

import aiohttp


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
