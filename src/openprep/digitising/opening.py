"""The pixels of a stranger's file, upright by its own word, in grey or sRGB. In a child.

Of whatever can be wrong with a file the decoders raise almost anything, so that anything but the
lack of memory is taken as damage.
"""

import io
import warnings
from typing import Final, NamedTuple

import numpy as np
import pypdfium2
from PIL import Image, ImageCms

from openprep.digitising.frames import Unfit
from openprep.digitising.kinds import Kind, kind_of
from openprep.election.image import MOST_PIXELS

MOST_PUBLISHED: Final = MOST_PIXELS // 4
"""Pixels of what is published: a letter page at 400 dpi has fewer. What has more is halved."""

LONGEST_SIDE: Final = 30_000
"""Pixels: no page is a thread."""

LARGEST_PROFILE: Final = 2 * 1024 * 1024
"""Bytes of a colour profile that is looked at; a printer's has 1 MB."""

PDF_POINTS: Final = 72
PDF_DPI: Final = 300
"""Of a page of a PDF, where it has no more pixels then than may be published."""

ORIENTATION: Final = 0x0112
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What lays a picture upright, by its EXIF orientation."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class UnfitFile(Exception):
    """A file has no picture that could be shown; ``why`` is the reason."""

    def __init__(self, why: Unfit) -> None:
        super().__init__(why.value)
        self.why = why


class Opened(NamedTuple):
    """A picture in mode L or RGB, and the EXIF orientation that it was laid upright by."""

    picture: Image.Image
    orientation: int


def opened(data: bytes) -> Opened:
    """The picture of a file, or of the first page of a PDF.

    Raises:
        UnfitFile: it has none.
        MemoryError: there is not enough of it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            kind = kind_of(data)
            assert kind is not None
            return _page(data) if kind is Kind.PDF else _photo(data, kind)
    except (UnfitFile, MemoryError):
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UnfitFile(Unfit.TOO_MANY_PIXELS) from error
    except Exception as error:
        raise UnfitFile(Unfit.DAMAGED) from error


def _photo(data: bytes, kind: Kind) -> Opened:
    if kind is Kind.PNG:
        with Image.open(io.BytesIO(data), formats=(kind.name,)) as file:
            file.verify()  # its sums, which are not looked at when it is read
    with Image.open(io.BytesIO(data), formats=(kind.name,)) as file:
        factor = _factor(*file.size)
        file.draft(None, (file.width // factor, file.height // factor))
        orientation = _orientation(file)
        file.load()
        profile = file.info.get("icc_profile") or b""
        picture = _coloured(_shrunk(file, _factor(*file.size)), profile)
    turn = None if kind is Kind.TIFF else TURNS.get(orientation)  # Pillow turns a TIFF itself
    return Opened(picture if turn is None else picture.transpose(turn), orientation)


def _factor(width: int, height: int) -> int:
    """By how much a picture of this size is to be shrunk.

    Raises:
        UnfitFile: there are more pixels than any image has.
    """
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise UnfitFile(Unfit.TOO_MANY_PIXELS)
    return 1 if width * height <= MOST_PUBLISHED else 2


def _orientation(file: Image.Image) -> int:
    """What EXIF says."""
    try:
        found = file.getexif().get(ORIENTATION, 1)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - EXIF is garbage in more ways than can be named
        return 1
    return found if found in TURNS else 1


def _shrunk(picture: Image.Image, factor: int) -> Image.Image:
    """In a mode that can be shrunk, and shrunk: before it is made larger by its colours."""
    if picture.mode.startswith(("I", "F")):
        picture = _eight_bits(picture)
    elif picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return picture if factor == 1 else picture.reduce(factor)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits by its upper eight; of any other range, all of it from black to white."""
    values = np.asarray(picture)
    if picture.mode.startswith("I;16"):
        return Image.fromarray((values >> 8).astype(np.uint8))
    finite = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0)
    low, high = float(finite.min()), float(finite.max())
    spread = (finite - low) * (255 / (high - low) if high > low else 0)
    return Image.fromarray(spread.astype(np.uint8))


def _coloured(picture: Image.Image, profile: bytes) -> Image.Image:
    """On white paper, in grey or sRGB."""
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture).convert("RGB")
    if picture.mode in ("RGB", "CMYK") and 0 < len(profile) <= LARGEST_PROFILE:
        picture = _in_srgb(picture, profile)
    return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """By its profile; as it is where that is garbage, or another kind of picture's."""
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, given, srgb, outputMode="RGB") or picture
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture


def _page(data: bytes) -> Opened:
    document = _document(data)
    page = document[0]
    width, height = (side / PDF_POINTS for side in page.get_size())
    if not (width > 0 and height > 0) or max(width, height) / min(width, height) > 20:
        raise UnfitFile(Unfit.DAMAGED)
    scale = min(PDF_DPI, (MOST_PUBLISHED / (width * height)) ** 0.5)
    bitmap = page.render(scale=scale / PDF_POINTS, may_draw_forms=False)
    return Opened(bitmap.to_pil().convert("RGB"), 1)


def _document(data: bytes) -> pypdfium2.PdfDocument:
    """A PDF; no form of it is filled, and nothing in it is run."""
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = error.err_code
        if code in {pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY}:
            raise UnfitFile(Unfit.ENCRYPTED) from error
        if code == pypdfium2.raw.FPDF_ERR_SUCCESS:
            raise UnfitFile(Unfit.NO_PAGE) from error
        raise
