"""Files that a stranger may hand over in the place of an acta's picture."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

import numpy as np
from PIL import Image, ImageCms

from digitising.sheets import saved, sheet

SECRET: Final = b"Juan Perez took this at his home"
"""What nobody should read in a published image."""

Made = Callable[[], bytes]


@cache
def page() -> Image.Image:
    return sheet(dpi=40)


@cache
def plain_jpeg() -> bytes:
    return saved(page().convert("RGB"), "JPEG", quality=70)


@cache
def plain_png() -> bytes:
    return saved(page(), "PNG")


# --- JPEG -----------------------------------------------------------------------------------------


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def after_start(data: bytes, *segments: bytes) -> bytes:
    """A JPEG with more segments in it."""
    return data[:2] + b"".join(segments) + data[2:]


def jpeg_saying(width: int, height: int) -> bytes:
    """A JPEG whose frame is of another size than its picture."""
    data = plain_jpeg()
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def jpeg_of_scans(scans: int) -> bytes:
    """A progressive JPEG that goes over all its coefficients again and again."""
    data = saved(Image.new("L", (4096, 4096), 128), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    head, scan = data[:last], data[last:-2]
    length = int.from_bytes(scan[2:4], "big")
    again = bytes((0xFF, 0xDA)) + scan[2 : 2 + length - 3] + bytes((1, 63, 0x00))
    return head + scan + (again + b"\x00" * 8) * scans + b"\xff\xd9"


def jpeg_cut() -> bytes:
    return plain_jpeg()[: len(plain_jpeg()) // 2]


def jpeg_head_alone() -> bytes:
    return plain_jpeg()[: plain_jpeg().index(b"\xff\xda")]


def jpeg_of_many_segments() -> bytes:
    return after_start(plain_jpeg(), segment(0xFE, b"") * 100_000)


def jpeg_of_endless_segments() -> bytes:
    return after_start(plain_jpeg(), segment(0xEB, b"") * 9_000_000)


def jpeg_with_garbage_exif() -> bytes:
    return after_start(plain_jpeg(), segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08" + b"\xff" * 4000))


def jpeg_with_looping_exif() -> bytes:
    ifd = struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)
    return after_start(plain_jpeg(), segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + ifd))


def jpeg_with_garbage_profile() -> bytes:
    return after_start(plain_jpeg(), segment(0xE2, b"ICC_PROFILE\0\x01\x01" + b"\x99" * 9000))


def jpeg_with_a_profile_in_parts_that_lack() -> bytes:
    return after_start(plain_jpeg(), segment(0xE2, b"ICC_PROFILE\0\x07\xff" + b"acsp" * 99))


def jpeg_with_metadata() -> bytes:
    return after_start(
        plain_jpeg(),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + SECRET),
        segment(0xED, b"Photoshop 3.0\x008BIM" + SECRET),
        segment(0xEF, SECRET),
        segment(0xFE, SECRET),
    )


def jpeg_of_cmyk() -> bytes:
    return saved(page().convert("CMYK"), "JPEG")


def jpeg_of_two_pictures() -> bytes:
    """What phones make: a second picture behind the first, and where it is (MPF)."""
    first, second = page().convert("RGB"), Image.new("RGB", (640, 480), "red")
    return saved(first, "MPO", save_all=True, append_images=[second])


def jpeg_and_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.sh", SECRET)
    return plain_jpeg() + out.getvalue()


def jpeg_and_html() -> bytes:
    return plain_jpeg() + b"<html><script>alert('" + SECRET + b"')</script></html>"


def jpeg_of_one_pixel() -> bytes:
    return saved(Image.new("L", (1, 1)), "JPEG")


def jpeg_of_noise() -> bytes:
    values = np.random.default_rng(3).integers(0, 256, (700, 700, 3), np.uint8)
    return saved(Image.fromarray(values), "JPEG", quality=95)


# --- PNG ------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(head: bytes, *chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


def png_saying(width: int, height: int, body: bytes = b"") -> bytes:
    return png(struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0), chunk(b"IDAT", body))


def zeros(count: int) -> bytes:
    packer = zlib.compressobj(1)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(count >> 20)]
    return b"".join(parts) + packer.flush()


def png_that_unpacks() -> bytes:
    """As many pixels as may be, in 60 kB."""
    return png_saying(8000, 7999, zeros(65 << 20))


def png_that_unpacks_beyond_its_picture() -> bytes:
    return png_saying(900, 900, zeros(80 << 20))


def png_with_a_text_that_unpacks() -> bytes:
    text = chunk(b"zTXt", b"Comment\0\0" + zeros(80 << 20))
    return plain_png()[:33] + text + plain_png()[33:]


def png_with_a_profile_that_unpacks() -> bytes:
    profile = chunk(b"iCCP", b"x\0\0" + zeros(80 << 20))
    return plain_png()[:33] + profile + plain_png()[33:]


def png_with_a_wrong_sum() -> bytes:
    at = plain_png().index(b"IDAT") + 40
    return plain_png()[:at] + b"\0\0\0\0" + plain_png()[at + 4 :]


def png_of_a_thousand_frames() -> bytes:
    frames = [Image.new("L", (8, 8), number % 256) for number in range(1, 1000)]
    return saved(Image.new("L", (8, 8)), "PNG", save_all=True, append_images=frames)


def png_of_sixteen_bits() -> bytes:
    return saved(Image.fromarray(np.asarray(page()).astype(np.uint16) * 257), "PNG")


def png_of_a_palette_with_alpha() -> bytes:
    picture = page().convert("P")
    return saved(picture, "PNG", transparency=bytes(range(256)))


def png_without_a_palette() -> bytes:
    return png(
        struct.pack(">IIBBBBB", 8, 8, 8, 3, 0, 0, 0), chunk(b"IDAT", zlib.compress(b"\1" * 72))
    )


# --- TIFF -----------------------------------------------------------------------------------------


def tiff(entries: Iterable[tuple[int, int, int, int]], after: int = 0, body: bytes = b"") -> bytes:
    """A TIFF of one directory, at byte 8; ``after`` is where the next one is."""
    listed = list(entries)
    parts = [struct.pack("<HHII", *entry) for entry in listed]
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(listed))
    return head + b"".join(parts) + struct.pack("<I", after) + body


def tiff_entries(width: int, height: int, strip: int, size: int) -> list[tuple[int, int, int, int]]:
    tags = ((256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1))
    more = ((273, 4, strip), (277, 3, 1), (278, 4, height), (279, 4, size))
    return [(tag, kind, 1, value) for tag, kind, value in (*tags, *more)]


def tiff_that_loops() -> bytes:
    """Its next directory is itself, for ever."""
    return tiff(tiff_entries(8, 8, 122, 64), after=8, body=bytes(64))


def tiff_that_claims() -> bytes:
    return tiff(tiff_entries(1 << 31, 1 << 31, 122, 64), body=bytes(64))


def tiff_of_a_strip_elsewhere() -> bytes:
    return tiff(tiff_entries(1000, 1000, 0x7FFFFFFF, 0x7FFFFFFF), body=bytes(64))


def tiff_of_endless_entries() -> bytes:
    return tiff((0xC000 + number % 999, 7, 0xFFFFFFF0, 8) for number in range(65_000))


def tiff_of_a_thousand_frames() -> bytes:
    pixels = bytes(64)
    directories, each = [], 2 + 9 * 12 + 4
    for number in range(1, 1001):
        entries = tiff_entries(8, 8, 8 + 1000 * each, len(pixels))
        after = 0 if number == 1000 else 8 + number * each
        directories.append(tiff(entries, after)[8:])
    return b"II*\0\x08\0\0\0" + b"".join(directories) + pixels


def tiff_of_a_fax() -> bytes:
    """What a scanner writes: black and white, in the coding of faxes."""
    return saved(page().convert("1"), "TIFF", compression="group4")


def tiff_of_sixteen_bits() -> bytes:
    return saved(Image.fromarray(np.asarray(page()).astype(np.uint16) * 257), "TIFF")


def tiff_of_numbers_that_are_none() -> bytes:
    values = np.full((40, 40), np.nan, np.float32)
    values[0, 0], values[1, 1] = np.inf, -np.inf
    return saved(Image.fromarray(values), "TIFF")


def tiff_of_lab() -> bytes:
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.createProfile("sRGB")
    picture = ImageCms.profileToProfile(page().convert("RGB"), srgb, lab, outputMode="LAB")
    assert picture is not None
    return saved(picture, "TIFF")


def tiff_cut() -> bytes:
    data = saved(page(), "TIFF")
    return data[: len(data) // 3]


# --- PDF ------------------------------------------------------------------------------------------


def pdf(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A PDF whose objects stand where its table says; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"xref\n0 1\n0000000000 65535 f \n"
    for number, at in places.items():
        table += b"%d 1\n%010d 00000 n \n" % (number, at)
    end = b"trailer\n<</Size %d/Root 1 0 R%b>>\n" % (max(objects) + 1, trailer)
    return out + table + end + b"startxref\n%d\n%%%%EOF\n" % len(out)


def pdf_page(box: bytes, drawn: bytes, catalogue: bytes = b"", of_page: bytes = b"") -> bytes:
    stream = b"<</Length %d>>\nstream\n%b\nendstream" % (len(drawn), drawn)
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R%b>>" % catalogue,
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %b]/Contents 4 0 R%b>>" % (box, of_page),
            4: stream,
        }
    )


BARS: Final = b"0 0 0 rg " + b" ".join(b"40 %d 500 6 re f" % at for at in range(40, 760, 18))


def pdf_that_runs() -> bytes:
    action = b"<</S/JavaScript/JS(while\\(1\\){app.launchURL\\('http://127.0.0.1/'\\)})>>"
    opening = b"/OpenAction " + action
    return pdf_page(b"200 260", BARS, opening, of_page=b"/AA<</O " + action + b">>")


def pdf_that_fetches() -> bytes:
    link = (
        b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 600 700]/A<</S/URI/URI(http://127.0.0.1/)>>>>]"
        b"/Resources<</XObject<</X<</F(/etc/passwd)/Type/XObject/Subtype/Form/BBox[0 0 9 9]>>>>>>"
    )
    return pdf_page(b"200 260", BARS + b" /X Do", of_page=link)


def pdf_of_a_huge_page() -> bytes:
    return pdf_page(b"14400000 14400000", BARS)


def pdf_of_a_thread() -> bytes:
    return pdf_page(b"1 14400", BARS)


def pdf_of_no_size() -> bytes:
    return pdf_page(b"0 0", BARS)


def pdf_without_pages() -> bytes:
    return pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[]/Count 0>>"})


def pdf_whose_pages_are_their_own_parents() -> bytes:
    pages = b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2000000/Parent 2 0 R>>"
    return pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: pages})


def pdf_with_a_password() -> bytes:
    guard = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%b>/U<%b>>>/ID[<00><00>]" % (
        b"41" * 32,
        b"42" * 32,
    )
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>",
        },
        trailer=guard,
    )


def pdf_picture(width: int, height: int, packed: bytes) -> bytes:
    """A page with one picture all over it."""
    dictionary = b"<</Type/XObject/Subtype/Image/Width %d/Height %d" % (width, height)
    colours = b"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode/Length %d>>" % len(
        packed
    )
    drawn = b"612 0 0 792 0 0 cm /I Do"
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
            b"/Resources<</XObject<</I 5 0 R>>>>>>",
            4: b"<</Length %d>>\nstream\n%b\nendstream" % (len(drawn), drawn),
            5: dictionary + colours + b"\nstream\n" + packed + b"\nendstream",
        }
    )


def pdf_with_a_picture_that_unpacks() -> bytes:
    return pdf_picture(30_000, 30_000, zeros(200 << 20))


def pdf_that_draws_for_ever() -> bytes:
    return pdf_page(b"612 792", b"0 0 612 792 re f 0 0 m 600 700 l 600 1 l f* " * 250_000)


def pdf_from_a_scanner() -> bytes:
    return saved(page(), "PDF", resolution=60)


def pdf_of_garbage() -> bytes:
    return b"%PDF-1.7\n" + bytes(range(256)) * 50


def pdf_cut() -> bytes:
    return pdf_from_a_scanner()[:200]


# --- what no name makes a picture -----------------------------------------------------------------


FOREIGN: Final[dict[str, Made]] = {
    "empty": lambda: b"",
    "one byte": lambda: b"\xff",
    "gif": lambda: saved(page(), "GIF"),
    "webp": lambda: saved(page(), "WEBP"),
    "bmp": lambda: saved(page(), "BMP"),
    "avif": lambda: saved(Image.new("RGB", (64, 64)), "AVIF"),
    "jpeg 2000": lambda: saved(Image.new("L", (64, 64)), "JPEG2000"),
    "svg": lambda: (
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"
    ),
    "html": lambda: b"<!doctype html><script>alert(1)</script>",
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run",
    "zip": lambda: b"PK\x03\x04" + bytes(99),
    "big tiff": lambda: b"II+\0\x08\0\0\0" + bytes(99),
    "a pdf behind words": lambda: b"hello\n" + pdf_from_a_scanner(),
}

BOMBS: Final[dict[str, tuple[Made, str]]] = {
    "jpeg of 4 gigapixels": (lambda: jpeg_saying(65_000, 65_000), "K104"),
    "jpeg of 65 megapixels": (lambda: jpeg_saying(8_000, 8_200), "K104"),
    "jpeg that is a thread": (lambda: jpeg_saying(65_000, 8), "K104"),
    "jpeg of no height": (lambda: jpeg_saying(600, 0), "K103"),
    "jpeg of scans": (lambda: jpeg_of_scans(20_000), "K107"),
    "jpeg of endless segments": (jpeg_of_endless_segments, "K107"),
    "png of 4 gigapixels": (lambda: png_saying(65_000, 65_000, zeros(1 << 20)), "K104"),
    "png of more pixels than there are": (lambda: png_saying(2**31 - 1, 2**31 - 1), "K104"),
    "png that is a thread": (lambda: png_saying(1, 50_000_000, zeros(1 << 20)), "K104"),
    "png with a text that unpacks": (png_with_a_text_that_unpacks, "K103"),
    "png with a profile that unpacks": (png_with_a_profile_that_unpacks, "K103"),
    "tiff that claims": (tiff_that_claims, "K104"),
    "tiff of a strip elsewhere": (tiff_of_a_strip_elsewhere, "K103"),
    "tiff of endless entries": (tiff_of_endless_entries, "K103"),
    "pdf of a thread": (pdf_of_a_thread, "K103"),
    "pdf that draws for ever": (pdf_that_draws_for_ever, "K107"),
    "pdf with a picture that unpacks": (pdf_with_a_picture_that_unpacks, "K107"),
    "pdf without pages": (pdf_without_pages, "K106"),
    "pdf whose pages are their own parents": (pdf_whose_pages_are_their_own_parents, "K106"),
    "pdf with a password": (pdf_with_a_password, "K105"),
    "pdf of garbage": (pdf_of_garbage, "K103"),
    "pdf that is cut": (pdf_cut, "K103"),
    "jpeg that is cut": (jpeg_cut, "K103"),
    "jpeg of a head alone": (jpeg_head_alone, "K103"),
    "png that is cut": (lambda: plain_png()[:2000], "K103"),
    "png of no picture": (lambda: png_saying(100, 100), "K103"),
    "png with a wrong sum": (png_with_a_wrong_sum, "K103"),
    "png without a palette": (png_without_a_palette, "K103"),
    "tiff that is cut": (tiff_cut, "K103"),
    "a beginning alone": (lambda: b"\xff\xd8\xff", "K103"),
}
"""Each with the code under which it is refused."""

PICTURES: Final[dict[str, Made]] = {
    "jpeg of many segments": jpeg_of_many_segments,
    "jpeg with garbage for exif": jpeg_with_garbage_exif,
    "jpeg with exif that loops": jpeg_with_looping_exif,
    "jpeg with garbage for a profile": jpeg_with_garbage_profile,
    "jpeg with a profile whose parts lack": jpeg_with_a_profile_in_parts_that_lack,
    "jpeg with metadata": jpeg_with_metadata,
    "jpeg of cmyk": jpeg_of_cmyk,
    "jpeg of two pictures": jpeg_of_two_pictures,
    "jpeg and zip": jpeg_and_zip,
    "jpeg and html": jpeg_and_html,
    "jpeg of one pixel": jpeg_of_one_pixel,
    "jpeg of noise": jpeg_of_noise,
    "png that unpacks": png_that_unpacks,
    "png that unpacks beyond its picture": png_that_unpacks_beyond_its_picture,
    "png of a thousand frames": png_of_a_thousand_frames,
    "png of sixteen bits": png_of_sixteen_bits,
    "png of a palette with alpha": png_of_a_palette_with_alpha,
    "tiff that loops": tiff_that_loops,
    "tiff of a thousand frames": tiff_of_a_thousand_frames,
    "tiff of a fax": tiff_of_a_fax,
    "tiff of sixteen bits": tiff_of_sixteen_bits,
    "tiff of numbers that are none": tiff_of_numbers_that_are_none,
    "tiff of lab": tiff_of_lab,
    "pdf that runs": pdf_that_runs,
    "pdf that fetches": pdf_that_fetches,
    "pdf of a huge page": pdf_of_a_huge_page,
    "pdf of no size": pdf_of_no_size,
    "pdf from a scanner": pdf_from_a_scanner,
}
"""Those that are a picture all the same, of which nothing but its pixels is published."""
