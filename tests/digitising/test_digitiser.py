"""Those who decode are bounded, die, are cancelled and replaced, and lie in vain."""

import asyncio
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from digitising.hostile_files import jpeg_of_scans, plain_jpeg
from digitising.sheets import saved, sheet
from openprep.digitising import digitiser as decoding_process
from openprep.digitising.answers import looked_at
from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.digitising.confined import ARCHITECTURES
from openprep.digitising.digitised import (
    MOST_BYTES,
    Code,
    Legibility,
    Upright,
    Verdict,
)
from openprep.digitising.digitiser import Digitiser, received
from openprep.digitising.frames import Bounds, End, Ended, Made, NoPicture, Unfit

LONG = Bounds(processor=600, wall=600)
"""For a picture that is decoded until somebody ends it."""


def nurseries():
    return psutil.Process().children()


async def at_work():
    """The child that decodes: of those that an earlier test leaves dying, none."""
    while True:
        found = [one for nursery in nurseries() for one in nursery.children()]
        living = [one for one in found if one.status() != psutil.STATUS_ZOMBIE]
        if living:
            return max(living, key=psutil.Process.create_time)
        await asyncio.sleep(0.02)


async def gone(process):
    """It does nothing any more."""
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def endless():
    return jpeg_of_scans(60_000)


async def test_a_child_killed_at_work_is_an_error_and_the_next_picture_is_made(endless):
    async with Digitiser(LONG, running=1) as digitiser:
        work = asyncio.create_task(digitiser.digitise(endless))
        (await at_work()).kill()
        with pytest.raises(NotDigitised, match="K109"):
            await work
        assert (await digitiser.digitise(plain_jpeg())).image


async def test_a_nursery_killed_at_work_takes_its_child_along_and_is_replaced_once(endless):
    async with Digitiser(LONG, running=1) as digitiser:
        work = asyncio.create_task(digitiser.digitise(endless))
        first = await at_work()
        first.parent().send_signal(signal.SIGKILL)
        await gone(first)
        second = await at_work()
        second.parent().send_signal(signal.SIGKILL)
        with pytest.raises(NotDigitised, match="K109"):
            await work
        await gone(second)
        assert (await digitiser.digitise(plain_jpeg())).image


async def test_a_nursery_that_died_while_it_waited_is_no_pictures_fault():
    async with Digitiser(running=1) as digitiser:
        (nursery,) = nurseries()
        nursery.send_signal(signal.SIGKILL)
        assert (await digitiser.digitise(plain_jpeg())).image


async def test_a_caller_who_is_cancelled_leaves_no_process_at_work(endless):
    async with Digitiser(LONG, running=1) as digitiser:
        work = asyncio.create_task(digitiser.digitise(endless))
        child = await at_work()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await gone(child)
        assert (await digitiser.digitise(plain_jpeg())).image
    assert not nurseries()


async def test_what_takes_too_long_by_the_clock_is_ended(endless):
    async with Digitiser(Bounds(processor=600, wall=1.0), running=1) as digitiser:
        with pytest.raises(NotDigitised, match="K107"):
            await digitiser.digitise(endless)
        assert not nurseries()[0].children()


async def test_what_takes_too_much_memory_is_ended():
    wide = saved(sheet(dpi=300), "PNG")
    async with Digitiser(Bounds(memory=160 * 1024 * 1024), running=1) as digitiser:
        with pytest.raises(NotDigitised, match=r"K10[89]"):
            await digitiser.digitise(wide)
        assert (await digitiser.digitise(plain_jpeg())).image


async def test_who_comes_when_too_many_wait_is_told_so(endless):
    async with Digitiser(LONG, running=1, waiting=1) as digitiser:
        work = asyncio.create_task(digitiser.digitise(endless))
        child = await at_work()
        waiting = asyncio.create_task(digitiser.digitise(plain_jpeg()))
        await asyncio.sleep(0)
        with pytest.raises(NotDigitised, match="K111"):
            await digitiser.digitise(plain_jpeg())
        child.kill()
        with pytest.raises(NotDigitised, match="K109"):
            await work
        assert (await waiting).image


async def test_where_no_process_can_be_started_that_is_said(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(NotDigitised, match="K112"):
        await Digitiser().digitise(plain_jpeg())


async def test_too_many_bytes_are_refused_before_anything_is_started():
    with pytest.raises(NotDigitised, match="K101"):
        await Digitiser().digitise(bytes(MOST_BYTES + 1))
    assert not nurseries()


async def test_an_upload_of_200_mb_is_refused_by_its_size_and_not_read():
    async def never():
        raise AssertionError
        yield b""

    with pytest.raises(NotDigitised, match="K101"):
        await received(never(), 200_000_000)


async def test_an_upload_that_hides_its_size_is_cut_off():
    read = []

    async def parts():
        while True:
            read.append(1 << 20)
            yield bytes(1 << 20)

    with pytest.raises(NotDigitised, match="K101"):
        await received(parts(), None)
    assert sum(read) <= MOST_BYTES + (1 << 20)


async def test_an_upload_comes_whole():
    async def parts():
        yield b"a"
        yield b"b"

    assert await received(parts(), 2) == b"ab"


# --- a decoder that was taken over ----------------------------------------------------------------


def clean():
    """A picture as a child makes it: without anything but pixels."""
    return saved(sheet(dpi=30), "JPEG")


MADE = Made(clean(), clean(), (), Upright(1, 0, straightened=False), Legibility(Verdict.BLANK))


def answered(**changes):
    return Ended(End.ANSWERED, msgspec.msgpack.encode(msgspec.structs.replace(MADE, **changes)))


def test_an_answer_that_is_as_it_may_be_is_taken():
    assert looked_at(answered(), b"file").image == clean()


SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))


@pytest.mark.parametrize(
    "lie",
    [
        {"image": clean() + b"<script>"},
        {"image": clean()[:2] + b"\xff\xfe\x00\x06GPS!" + clean()[2:]},
        {"image": clean()[:20] + b"\xff\xe1\x00\x06GPS!" + clean()[20:]},
        {"image": clean()[:-2]},
        {"image": clean() + clean()},
        {"image": saved(sheet(dpi=30), "JPEG", progressive=True)},
        {"image": saved(sheet(dpi=30), "PNG")},
        {"image": b""},
        {"image": bytes(9 << 20)},
        {"rendition": b"<html>"},
        {"rendition": saved(sheet(dpi=30), "JPEG", comment=b"here")},
        {"rendition": bytes(300_000)},
        {"codes": (Code("OPREP1:\x1b[2J", SQUARE),)},
        {"codes": (Code("", SQUARE),)},
        {"codes": (Code("x" * 3_000, SQUARE),)},
        {"codes": (Code("x", SQUARE),) * 17},
        {"codes": (Code("x", ((0, 0), (1, 0), (1, 1), (1 << 62, 1))),)},
        {"upright": Upright(9, 0, straightened=False)},
        {"upright": Upright(1, 45, straightened=False)},
        {"legibility": "legible"},
    ],
    ids=lambda lie: f"{next(iter(lie))} {str(next(iter(lie.values())))[:24]!a}",
)
def test_a_decoder_that_was_taken_over_answers_in_vain(lie):
    with pytest.raises(NotDigitised, match="K110"):
        looked_at(answered(**lie), b"file")


@pytest.mark.parametrize("answer", [b"\xc1", b"\x93" * 5_000, b"\x81\xa4type\xa4made", b"\xa1\xff"])
def test_what_is_no_answer_is_taken_for_none(answer):
    with pytest.raises(NotDigitised, match="K110"):
        looked_at(Ended(End.ANSWERED, answer), b"file")


@pytest.mark.parametrize("why", Unfit)
def test_every_reason_of_a_child_has_a_code(why):
    ended = Ended(End.ANSWERED, msgspec.msgpack.encode(NoPicture(why)))
    with pytest.raises(NotDigitised) as refused:
        looked_at(ended, b"file")
    assert refused.value.code is DigitisingCode[why.name]


TRIED = """
import os, socket, subprocess, sys
from openprep.digitising.confined import confine
from openprep.digitising.frames import Bounds

def memory(): bytes(400_000_000)
def reading(): open("/etc/passwd")
def writing(): os.write(1, b"w"); os.write(9, b"x" * 10)
def network(): socket.socket()
def pipe(): os.pipe()
def signalling(): os.kill(os.getppid(), 0)
def beginning(): os.fork() or os._exit(0)
def running(): os.execv("/bin/true", ["true"])
def removing(): os.unlink(sys.argv[2])
def renaming(): os.rename(sys.argv[2], sys.argv[2] + "2")
def looking(): os.listdir("/"), os.stat("/etc/passwd")
def more(): import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))

file = os.open(sys.argv[2], os.O_WRONLY)
os.dup2(file, 9)
confine(Bounds(memory=300_000_000))
try:
    globals()[sys.argv[1]]()
except (OSError, MemoryError, ValueError):
    os._exit(7)
os._exit(0)
"""


SHUT_IN = ("signalling", "beginning", "running", "removing", "renaming", "looking")
"""What only the kernel keeps a child from, where it shuts it in."""


@pytest.mark.parametrize("wish", ["memory", "reading", "writing", "network", "pipe", *SHUT_IN])
def test_a_child_can_open_nothing_and_take_no_more(wish, tmp_path):
    if wish in SHUT_IN and platform.machine() not in ARCHITECTURES:
        pytest.skip("nobody is shut in on this processor")
    file = tmp_path / "file"
    file.touch()
    done = subprocess.run([sys.executable, "-c", TRIED, wish, file], check=False, timeout=120)
    assert done.returncode in (7, -signal.SIGXFSZ)
    assert not file.read_bytes()


@pytest.mark.skipif(platform.machine() not in ARCHITECTURES, reason="no list of calls for it")
async def test_a_decoder_is_shut_in_by_the_kernel_of_this_machine(caplog):
    async with Digitiser(running=1) as digitiser:
        await digitiser.digitise(plain_jpeg())
    assert "K113" not in caplog.text


async def test_where_the_kernel_shuts_nobody_in_it_is_told_once_and_pictures_are_made(
    caplog, monkeypatch
):
    monkeypatch.setattr(decoding_process, "NURSERY", "digitising.not_shut_in")
    monkeypatch.setitem(
        decoding_process.ENVIRONMENT, "PYTHONPATH", str(Path(__file__).parent.parent)
    )
    async with Digitiser(running=1) as decoders:
        for _ in range(2):
            assert (await decoders.digitise(plain_jpeg())).image
    assert caplog.text.count("K113") == 1


def test_a_nursery_knows_nothing_of_the_environment(monkeypatch):
    """Where somebody keeps a password in it, no decoder can tell it."""
    monkeypatch.setenv("OPENPREP_SECRET", "not for decoders")

    async def environment():
        async with Digitiser(running=1) as digitiser:
            await digitiser.digitise(plain_jpeg())
            return nurseries()[0].environ()

    assert "OPENPREP_SECRET" not in asyncio.run(environment())


def test_who_loses_the_digitiser_ends_by_itself():
    """A centre that is killed leaves no nursery behind."""
    reading, writing = os.pipe()
    nursery = subprocess.Popen(
        [sys.executable, "-m", "openprep.digitising.nursery", "{}", "image"],
        stdin=reading,
        stdout=subprocess.DEVNULL,
    )
    os.close(reading)
    os.close(writing)
    assert nursery.wait(120) == 0
