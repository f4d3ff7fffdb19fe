"""Whatever a stranger hands over is refused under its code, or nothing but pixels comes of it."""

from pathlib import Path

import pytest
import pytest_asyncio

from digitising.hostile_files import BOMBS, FOREIGN, PICTURES, SECRET
from openprep.digitising.clean import picture_alone_in
from openprep.digitising.codes import NotDigitised
from openprep.digitising.digitised import MOST_RENDITION_BYTES
from openprep.digitising.digitiser import Digitiser
from openprep.digitising.frames import Bounds
from openprep.election.image import MAX_IMAGE_BYTES, Picture

pytestmark = pytest.mark.asyncio(loop_scope="module")

FLAT = 96 * 1024
"""KiB that this process may grow by: a file, what is in a pipe, an answer. A picture has more."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def digitiser():
    async with Digitiser(running=1) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def impatient():
    async with Digitiser(Bounds(processor=1), running=1) as one:
        yield one


def memory(field):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise AssertionError(field)


@pytest.fixture
def flat():
    """Nothing of what the test did weighed on this process."""
    grown = []

    def begin():
        Path("/proc/self/clear_refs").write_text("5")
        grown.append(memory("VmRSS"))

    yield begin
    assert memory("VmHWM") - grown[0] < FLAT


@pytest.mark.parametrize("name", FOREIGN)
async def test_what_is_no_picture_is_refused_by_its_first_bytes(name, digitiser):
    with pytest.raises(NotDigitised, match="K102"):
        await digitiser.digitise(FOREIGN[name]())


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused_and_its_weight_is_met_nowhere(name, digitiser, impatient, flat):
    make, code = BOMBS[name]
    data = make()
    flat()
    with pytest.raises(NotDigitised) as refused:
        await (impatient if code == "K107" else digitiser).digitise(data)
    assert refused.value.code.code == code


@pytest.mark.parametrize("name", PICTURES)
async def test_of_an_odd_picture_nothing_but_pixels_is_published(name, digitiser, flat):
    data = PICTURES[name]()
    flat()
    made = await digitiser.digitise(data)
    assert picture_alone_in(made.image) == Picture(made.width, made.height)
    picture_alone_in(made.rendition)
    assert len(made.image) <= MAX_IMAGE_BYTES
    assert len(made.rendition) <= MOST_RENDITION_BYTES
    for published in (made.image, made.rendition):
        assert SECRET not in published
        assert b"PK\x03\x04" not in published
        assert b"<script" not in published


async def test_after_them_all_the_next_picture_is_made_as_ever(digitiser, impatient):
    data = PICTURES["jpeg with metadata"]()
    first, second = await digitiser.digitise(data), await impatient.digitise(data)
    assert first == second
