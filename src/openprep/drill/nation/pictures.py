"""The sample of a drill's actas that has an image: drawn, and named by the digest of its file."""

from pathlib import Path

from msgspec import structs

from openprep.drill.nation.drawing import draw
from openprep.drill.nation.sheet import sheet_of
from openprep.election import Acta, Election, ExpectedActa
from openprep.record.images import ImageFolder

MILLION = 1_000_000


class Pictures:
    """Draws the images of a ``part`` of the actas into ``folder``, the same part for a seed."""

    def __init__(self, folder: Path, election: Election, seed: int, part: float) -> None:
        self._images = ImageFolder(folder)
        self._election = election
        self._seed = seed
        self._below = round(part * MILLION) * 2**64 // MILLION

    def has(self, drawn: int) -> bool:
        """Whether the acta with this 64-bit word of chance is of the part."""
        return drawn < self._below

    def of(self, paper: Acta, expected: ExpectedActa, *, differ: bool) -> str:
        """Draw what stands on paper; the digest of its file."""
        sheet = sheet_of(self._election, self._seed, paper, expected, differ=differ)
        return self._images.keep(draw(sheet))


def named(acta: Acta, digest: str) -> Acta:
    """``acta`` as captured from the image with this digest."""
    return structs.replace(acta, image_sha256=digest)
