"""What becomes of a file: the image, what was read on it, and whether a person can read it."""

from enum import Enum
from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta, Struct

from openprep.election.image import MAX_IMAGE_BYTES

MOST_BYTES: Final = 40 * 1024 * 1024
"""Of a file that is taken: a letter page in colour at 300 dpi has 25 MB without any compression."""

MOST_RENDITION_BYTES: Final = 200_000
"""Of the smaller picture for a screen: decision 0030."""

MOST_CODES: Final = 16
"""Codes that are read on one image; a form has four."""

LONGEST_CODE: Final = 2_500
"""Characters of a code that is read: as many as the text of an identity may have."""


class Verdict(Enum):
    """Whether a person can read the image. It refuses nothing: a person decides."""

    LEGIBLE = "legible"
    DOUBTFUL = "doubtful"
    BLANK = "blank"


class Reason(Enum):
    """Why an image may have to be taken again."""

    BLURRED = "blurred"
    DARK = "dark"
    BLANK = "blank"
    SMALL = "small"
    NO_IDENTITY_CODE = "no_identity_code"


class Legibility(Struct, frozen=True):
    """A verdict with its reasons; it is LEGIBLE where there are none."""

    verdict: Verdict
    reasons: Annotated[tuple[Reason, ...], Meta(max_length=len(Reason))] = ()


Pixel: TypeAlias = Annotated[int, Meta(ge=-100, le=100_000)]
"""A code that is cut off by the edge may begin beyond it."""

Point: TypeAlias = tuple[Pixel, Pixel]
"""Pixels from the left and from the top."""


Turn: TypeAlias = Literal[0, 90, 180, 270]
"""Degrees clockwise."""


class Code(Struct, frozen=True):
    """A QR or DataMatrix that was read, and its corners on the image.

    The corners begin at the one that is top left when the code is upright, and go clockwise.
    """

    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_CODE)]
    corners: tuple[Point, Point, Point, Point]


class Upright(Struct, frozen=True):
    """How the picture was laid upright.

    ``orientation`` is what its EXIF said, 1 to 8; ``turned`` are degrees clockwise by which it was
    turned after that, by its codes; ``straightened`` is whether the sheet was cut out of it.
    """

    orientation: Annotated[int, Meta(ge=1, le=8)]
    turned: Turn
    straightened: bool


class Digitised(Struct, frozen=True):
    """An image of an acta as it is published, and what is known of it.

    ``image`` is a baseline JPEG of pixels alone, ``digest`` its SHA-256, which the acta names; two
    files are the same image where these are equal. ``original_digest`` is that of the file that
    came. ``rendition`` is a smaller JPEG of the same, for a screen.
    """

    image: Annotated[bytes, Meta(max_length=MAX_IMAGE_BYTES)]
    digest: str
    original_digest: str
    width: int
    height: int
    rendition: Annotated[bytes, Meta(max_length=MOST_RENDITION_BYTES)]
    codes: tuple[Code, ...]
    upright: Upright
    legibility: Legibility
