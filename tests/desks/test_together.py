"""What many ask for at the same time is written with one flush, in their order."""

import asyncio
import threading

import pytest

from openprep.desks.together import MOST, Together


class Disk:
    """A disk whose first write takes until it is let go."""

    def __init__(self):
        self.flushed = []
        self.go_on = threading.Event()

    def write(self, asked):
        self.go_on.wait(timeout=60)
        if "bad" in asked:
            raise OSError("no")
        self.flushed.append(list(asked))


async def asking(together, *texts):
    """Tasks that ask in this order, while the first is under way."""
    tasks = []
    for text in texts:
        tasks.append(asyncio.create_task(together.write(text)))
        await asyncio.sleep(0)
    return tasks


async def test_whoever_asks_meanwhile_goes_together_and_in_order():
    disk = Disk()
    tasks = await asking(Together(disk.write), *"abcdef")
    disk.go_on.set()
    await asyncio.gather(*tasks)
    assert disk.flushed == [["a"], [*"bcdef"]]


async def test_nobody_is_answered_before_it_is_written():
    disk = Disk()
    tasks = await asking(Together(disk.write), *"ab")
    done, _ = await asyncio.wait(tasks, timeout=0.05)
    assert not done
    disk.go_on.set()
    await asyncio.gather(*tasks)


async def test_what_cannot_be_written_is_refused_alone():
    disk = Disk()
    tasks = await asking(Together(disk.write), "a", "b", "bad", "c")
    disk.go_on.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), type(None), OSError, type(None)]
    assert disk.flushed == [["a"], ["b"], ["c"]]


async def test_whoever_goes_away_keeps_nobody_waiting():
    disk = Disk()
    tasks = await asking(Together(disk.write), *"abc")
    tasks[1].cancel()
    await asyncio.sleep(0)
    disk.go_on.set()
    await asyncio.gather(tasks[0], tasks[2])
    assert disk.flushed == [["a"], [*"bc"]], "what was begun is written whole"


async def test_a_flush_is_bounded():
    disk = Disk()
    texts = [str(number) for number in range(2 * MOST + 1)]
    tasks = await asking(Together(disk.write), *texts)
    disk.go_on.set()
    await asyncio.gather(*tasks)
    assert [len(one) for one in disk.flushed] == [1, MOST, MOST]
    assert [text for one in disk.flushed for text in one] == texts


async def test_it_goes_on_after_a_failure():
    disk = Disk()
    disk.go_on.set()
    together = Together(disk.write)
    with pytest.raises(OSError, match="no"):
        await together.write("bad")
    await together.write("a")
    assert disk.flushed == [["a"]]
