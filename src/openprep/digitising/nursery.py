"""A process that has the decoders loaded, and has a child of its own decode each file.

It is started by the digitiser, reads one file after the other, looks into none of them, and says
how the child ended and what it answered. A child begins as a copy of it, gives up what it may, and
only then looks at the file; nothing that a file does to it reaches the next one.
"""

import gc
import io
import os
import select
import signal
import sys
import time
from typing import Final, NoReturn

import msgspec
from PIL import Image, ImageCms

from openprep.digitising.child import done
from openprep.digitising.confined import confine
from openprep.digitising.frames import (
    MOST_ANSWER,
    Bounds,
    End,
    Ended,
    Work,
    frame_in,
    framed,
)

PIPEFUL: Final = 1024 * 1024
"""Bytes of an answer that are read at once."""


def main() -> None:
    """Decode what comes on the standard input, until it ends."""
    bounds = msgspec.json.decode(sys.argv[1], type=Bounds)
    work = Work(sys.argv[2])
    load(work)
    gc.freeze()
    shut_in = is_shut_in(bounds)
    while (data := frame_in(sys.stdin.buffer)) is not None:
        ended = msgspec.structs.replace(decoded(work, data, bounds), shut_in=shut_in)
        sys.stdout.buffer.write(framed(msgspec.msgpack.encode(ended)))
        sys.stdout.buffer.flush()


def load(work: Work) -> None:
    """Have everything loaded that a child may need: it can open nothing.

    A phone's JPEG with a second picture in it is an MPO to Pillow.
    """
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.new("RGB", (16, 16), "white")
    for kind in ("JPEG", "MPO", "PNG", "TIFF", "PDF"):
        out = io.BytesIO()
        several = {"save_all": True, "append_images": [picture]} if kind == "MPO" else {}
        picture.save(out, kind, icc_profile=profile, **several)
        done(work, out.getvalue())


def is_shut_in(bounds: Bounds) -> bool:
    """Whether the kernel shuts children in, as a first one finds that is shown no file."""
    child = os.fork()
    if child == 0:
        os._exit(0 if confine(bounds) else 1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def decoded(work: Work, data: bytes, bounds: Bounds) -> Ended:
    """What a child makes of a file, and how it ended; there is no child afterwards."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_a_child(work, data, bounds, writing)
    os.close(writing)
    try:
        answer = _answer_from(reading, time.monotonic() + bounds.wall)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)  # it is not reaped yet, so that it can be nobody else
        _, status = os.waitpid(child, 0)
    if answer is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        return Ended(End.TOO_LONG)
    return Ended(End.ANSWERED, answer) if answer else Ended(End.DIED)


def _be_a_child(work: Work, data: bytes, bounds: Bounds, writing: int) -> NoReturn:
    """Answer and end, whatever happens; who cannot answer says nothing."""
    try:
        os.close(sys.stdin.fileno())
        os.close(sys.stdout.fileno())
        confine(bounds)
        answer = memoryview(msgspec.msgpack.encode(done(work, data)))
        while answer:
            answer = answer[os.write(writing, answer) :]
    finally:
        os._exit(0)


def _answer_from(reading: int, until: float) -> bytes | None:
    """All that a child says, no more than an answer may have; None where it takes too long."""
    found = bytearray()
    while len(found) <= MOST_ANSWER:
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return None
        part = os.read(reading, PIPEFUL)
        if not part:
            break
        found += part
    return bytes(found[: MOST_ANSWER + 1])


if __name__ == "__main__":
    main()
