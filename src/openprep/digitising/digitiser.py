"""The digitiser: files of scanners, uploads and cameras in, images that are published out.

Nothing here decodes a picture: this is the side that bounds who does.
"""

import asyncio
import logging
import os
import platform
import signal
import sys
from collections.abc import AsyncIterable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

import msgspec

from openprep.bounded import TooMany, whole_of
from openprep.decoding import decoding
from openprep.digitising.answers import codes_looked_at, looked_at
from openprep.digitising.codes import DecoderCode, DigitisingCode, NotDigitised
from openprep.digitising.digitised import MOST_BYTES, Code, Digitised
from openprep.digitising.frames import (
    LENGTH,
    MOST_ENDED,
    Bounds,
    End,
    Ended,
    Work,
)
from openprep.digitising.kinds import kind_of

PIPEFUL: Final = 256 * 1024
"""Bytes of a file that are handed on at once, so that no second copy of it is held."""

GRACE: Final = 60.0
"""Seconds beyond a child's own that its nursery may take: it may have to start first."""

ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""All that a decoder knows of this machine; a nursery with threads could not fork."""


NURSERY: Final = "openprep.digitising.nursery"

LOG = logging.getLogger("openprep.digitising")


async def received(parts: AsyncIterable[bytes], announced: int | None) -> bytes:
    """A file as it comes over the network; one that announces too much is not read at all.

    Raises:
        NotDigitised: TOO_LARGE.
    """
    if announced is not None and announced > MOST_BYTES:
        raise _too_large()
    try:
        return await whole_of(parts, MOST_BYTES)
    except TooMany as error:
        raise _too_large() from error


class _Decoders:
    """Has files decoded, ``running`` at once; ``waiting`` more may wait. One for a process.

    It is an async context manager, and leaves no process behind.
    """

    work: Work

    def __init__(self, bounds: Bounds | None = None, running: int = 2, waiting: int = 16) -> None:
        self._bounds = bounds or Bounds()
        self._running = running
        self._free = asyncio.Semaphore(running)
        self._most = running + waiting
        self._asked = 0
        self._idle: list[_Nursery] = []
        self._told = False

    async def __aenter__(self) -> Self:
        """Start what decodes, so that the first file need not wait for it."""
        for _ in range(self._running):
            self._idle.append(await _Nursery.started(self._bounds, self.work))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        while self._idle:
            await self._idle.pop().end()

    async def _ended(self, data: bytes) -> Ended:
        """How the child ended that looked at a file.

        Raises:
            NotDigitised: no child was shown it.
        """
        if len(data) > MOST_BYTES:
            raise _too_large()
        if kind_of(data) is None:
            raise NotDigitised(
                DigitisingCode.NOT_A_PICTURE,
                "it begins with {beginning}",
                beginning=repr(data[:8]),
            )
        if self._asked >= self._most:
            raise NotDigitised(DigitisingCode.BUSY, "{count} before it", count=self._asked)
        self._asked += 1
        try:
            async with self._free:
                return await self._decoded(data)
        finally:
            self._asked -= 1

    async def _decoded(self, data: bytes) -> Ended:
        """How it ended; a file is tried again where it was not the child that died of it."""
        for _ in range(2):
            nursery = await self._nursery()
            try:
                async with asyncio.timeout(self._bounds.wall + GRACE):
                    ended = await nursery.decode(data)
            except TimeoutError:
                await nursery.end()
                return Ended(End.TOO_LONG)
            except (OSError, EOFError, msgspec.DecodeError):
                await nursery.end()
            except BaseException:
                await nursery.end()
                raise
            else:
                self._idle.append(nursery)
                self._tell(ended)
                return ended
        return Ended(End.DIED)

    def _tell(self, ended: Ended) -> None:
        """Say once where the kernel shuts nobody in."""
        if not ended.shut_in and not self._told:
            LOG.warning("%s", DecoderCode.NOT_SHUT_IN.of("{system}", system=platform.platform()))
            self._told = True

    async def _nursery(self) -> "_Nursery":
        """One that waits for work, or else a new one."""
        while self._idle:
            nursery = self._idle.pop()
            if nursery.lives:
                return nursery
            await nursery.end()
        return await _Nursery.started(self._bounds, self.work)


class Digitiser(_Decoders):
    """Makes images of files."""

    work = Work.IMAGE

    async def digitise(self, data: bytes) -> Digitised:
        """The image of a file, or of the first page of a PDF: the same for the same file.

        Whoever is cancelled while it is made leaves no process at work. The rules are those of
        ``docs/decisions/0030-images-are-decoded-in-a-child.md``.

        Raises:
            NotDigitised: under one of its codes. Nothing is kept, and the next file is taken.
        """
        return await asyncio.to_thread(looked_at, await self._ended(data), data)


class CodeReader(_Decoders):
    """Reads the codes on images, and makes nothing of them."""

    work = Work.CODES

    async def codes_on(self, data: bytes) -> tuple[Code, ...]:
        """The QR and DataMatrix codes on a picture as it lies, by the rules of the digitiser.

        Raises:
            NotDigitised: there is no picture in it, or it takes more than one may.
        """
        return await asyncio.to_thread(codes_looked_at, await self._ended(data), data)


class _Nursery:
    """A process with the decoders loaded, and the children that it has."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def started(cls, bounds: Bounds, work: Work) -> Self:
        """One that is starting.

        Raises:
            NotDigitised: NO_DECODER.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                NURSERY,
                msgspec.json.encode(bounds).decode(),
                work.value,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise NotDigitised(DigitisingCode.NO_DECODER, "{error}", error=error) from error
        return cls(process)

    @property
    def lives(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self._process.returncode is None

    async def decode(self, data: bytes) -> Ended:
        """How a child ended that was handed ``data``, and what it answered.

        Raises:
            OSError: the nursery died.
            EOFError: it died, or says more than it may.
            msgspec.DecodeError: it says something else.
        """
        to, of = self._process.stdin, self._process.stdout
        assert to is not None
        assert of is not None
        to.write(LENGTH.pack(len(data)))
        for at in range(0, len(data), PIPEFUL):
            to.write(data[at : at + PIPEFUL])
            await to.drain()
        (length,) = LENGTH.unpack(await of.readexactly(LENGTH.size))
        if length > MOST_ENDED:
            raise EOFError
        with decoding():
            return msgspec.msgpack.decode(await of.readexactly(length), type=Ended)

    async def end(self) -> None:
        """Kill it with its child, whatever they are at."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


def _too_large() -> NotDigitised:
    return NotDigitised(DigitisingCode.TOO_LARGE, "more than {most} bytes", most=MOST_BYTES)
