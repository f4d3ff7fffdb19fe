"""Compressed copies beside the cuts: all of them, whatever becomes of some."""

import asyncio
import errno
import threading

from openprep.center.beside import CopiesBeside


async def test_what_is_added_while_others_are_compressed_waits_for_nobody_else():
    compressed, may = [], threading.Event()

    def compress(names):
        may.wait(10)
        compressed.extend(names)

    copies = CopiesBeside(compress)
    copies.add(["a"])
    await asyncio.sleep(0.01)
    copies.add(["b"])
    copies.add(["c"])
    may.set()
    async with asyncio.timeout(10):
        while len(compressed) < 3:
            await asyncio.sleep(0.001)
    await copies.finish()
    assert compressed == ["a", "b", "c"]


async def test_what_cannot_be_compressed_is_said_and_the_rest_goes_on(caplog):
    compressed = []

    def compress(names):
        if "a" in names:
            raise OSError(errno.ENOSPC, "No space left on device")
        compressed.extend(names)

    copies = CopiesBeside(compress)
    copies.add(["a"])
    await asyncio.sleep(0.05)
    copies.add(["b"])
    await copies.finish()
    assert compressed == ["b"]
    assert "P065" in caplog.text
    assert "R004" in caplog.text
