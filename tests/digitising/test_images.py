"""What becomes of the files of scanners and cameras: upright, alone, clean, and the same again."""

from hashlib import sha256

import msgspec
import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from digitising.sheets import (
    IDENTITY,
    LETTER,
    TABLOID,
    code,
    photographed,
    saved,
    sheet,
    shown,
)
from openprep.digitising.answers import looked_at
from openprep.digitising.child import done
from openprep.digitising.clean import picture_alone_in
from openprep.digitising.digitised import MOST_RENDITION_BYTES, Legibility, Reason, Upright, Verdict
from openprep.digitising.encoding import published, rendition
from openprep.digitising.frames import End, Ended, Made, Work
from openprep.election.image import MAX_IMAGE_BYTES, Picture, picture_in

LAID = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera lays the pixels down that it says this orientation of."""

QUARTERS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)

SECRET = "at home, 19.04361 N"


def quarters():
    """A picture whose quarters differ, as large as an acta is not: no code is on it."""
    picture = Image.new("RGB", (64, 96), "white")
    for at, colour in (((0, 0), "red"), ((32, 0), "green"), ((0, 48), "blue")):
        picture.paste(colour, (*at, at[0] + 32, at[1] + 48))
    return picture


def told(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET
    exif.get_ifd(0x8825)[2] = (19.0, 2.0, 37.0)
    return exif


def camera(orientation, kind):
    turn = LAID[orientation]
    picture = quarters() if turn is None else quarters().transpose(turn)
    return saved(picture, kind, exif=told(orientation))


def same(image, picture):
    """Whether a JPEG shows this picture, but for what JPEG loses."""
    found = np.asarray(shown(image).convert("RGB"), np.int16)
    wanted = np.asarray(picture.convert("RGB"), np.int16)
    return found.shape == wanted.shape and abs(found - wanted).mean() < 8


def made(data):
    """Of what the child makes, as the parent takes it."""
    found = done(Work.IMAGE, data)
    assert isinstance(found, Made), found
    return looked_at(Ended(End.ANSWERED, msgspec.msgpack.encode(found)), data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", LAID)
def test_every_orientation_is_laid_upright_and_says_nothing_more(orientation, kind):
    data = camera(orientation, kind)
    found = made(data)
    assert same(found.image, quarters())
    assert same(found.rendition, quarters())
    assert not shown(found.image).getexif()
    assert SECRET.encode() not in found.image
    assert found.upright == Upright(orientation, 0, straightened=False)


def test_every_kind_of_metadata_is_left_behind():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    told_in_png = PngImagePlugin.PngInfo()
    told_in_png.add_itxt("Comment", SECRET)
    told_in_png.add_text("Author", SECRET, zip=True)
    files = [
        saved(
            quarters(),
            "JPEG",
            exif=told(1),
            comment=SECRET,
            icc_profile=profile,
            xmp=SECRET.encode(),
        ),
        saved(quarters(), "PNG", pnginfo=told_in_png, exif=told(1), icc_profile=profile),
        saved(quarters(), "TIFF", exif=told(1), icc_profile=profile),
        saved(quarters(), "PDF", author=SECRET, title=SECRET),
    ]
    for data in files:
        found = made(data)
        for image in (found.image, found.rendition):
            picture_alone_in(image)
            assert set(shown(image).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_colours_of_another_space_are_made_those_of_screens():
    """The profile goes, so that the pixels must be what it said they are."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red = saved(Image.new("RGB", (64, 64), (255, 0, 0)), "PNG", icc_profile=swapped(srgb))
    assert same(made(red).image, Image.new("RGB", (64, 64), (0, 255, 0)))


def swapped(profile):
    """sRGB, but that what it calls red is green."""
    return (
        profile.replace(b"rXYZ", b"tmp_", 1)
        .replace(b"gXYZ", b"rXYZ", 1)
        .replace(b"tmp_", b"gXYZ", 1)
    )


def test_the_same_file_gives_the_same_bytes_and_another_does_not():
    page = sheet(dpi=80)
    first, second = saved(page, "PNG"), saved(page, "TIFF")
    assert made(first) == made(first)
    assert made(first).digest == made(second).digest
    assert made(first).original_digest != made(second).original_digest
    assert made(first).original_digest == sha256(first).hexdigest()
    assert made(saved(sheet(dpi=81), "PNG")).digest != made(first).digest
    assert sha256(made(first).image).hexdigest() == made(first).digest


# --- the sheet ------------------------------------------------------------------------------------


LYING = ((126, 90), (822, 132), (852, 1080), (72, 1020))
"""Corners of a sheet on a picture of 960 × 1200, as a hand holds a telephone."""


def close(found, wanted, by):
    return all(
        abs(a - b) <= by
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("turn", [None, *QUARTERS])
def test_a_photo_is_straightened_whichever_way_it_was_taken(turn):
    photo = photographed(sheet(dpi=200), (1200, 1500), times(LYING, 1.25), noise=5)
    data = saved(photo if turn is None else photo.transpose(turn), "JPEG", quality=88)
    assert_straight(made(data), sheet(dpi=200), LETTER)


def test_a_large_form_is_straightened_to_its_own_paper():
    corners = tuple((x, y * 1.15) for x, y in times(LYING, 1.8))
    page = sheet(dpi=150, paper=TABLOID)
    photo = photographed(page, (1728, 2500), corners, noise=5)
    assert_straight(made(saved(photo, "JPEG", quality=88)), page, TABLOID)


def times(corners, factor):
    return tuple((x * factor, y * factor) for x, y in corners)


def assert_straight(found, page, paper):
    assert found.upright.straightened
    assert found.legibility.verdict is Verdict.LEGIBLE
    assert abs(found.height / found.width - paper[1] / paper[0]) < 0.01
    by_text = {one.text: one for one in found.codes}
    dots = found.width / paper[0]
    edge = 9.0 * dots
    upper = by_text["OPREP1:TL"].corners[0], by_text[IDENTITY].corners[1]
    assert close(upper, [(edge, edge), (found.width - edge, edge)], 2 * dots)
    assert same_page(found, page)


def same_page(found, page):
    """Whether the writing stands where it stood on the paper."""
    small = (216, 279)
    image = shown(found.image).convert("L").resize(small)
    wanted = page.resize(small)
    ours, theirs = (np.asarray(one, np.float64).ravel() for one in (image, wanted))
    return np.corrcoef(ours, theirs)[0, 1] > 0.8


@pytest.mark.parametrize("lacking", ["TL", "BL", "BR"])
def test_where_a_corner_cannot_be_read_the_photo_is_turned_and_left_as_it_is(lacking):
    marks = tuple(one for one in ("TL", "BL", "BR") if one != lacking)
    upside_down = sheet(dpi=80, marks=marks).transpose(Image.Transpose.ROTATE_180)
    found = made(saved(upside_down, "JPEG"))
    assert found.upright == Upright(1, 180, straightened=False)
    assert same(found.image, sheet(dpi=80, marks=marks))
    corners = next(one.corners for one in found.codes if one.text == IDENTITY)
    dots = 80 / 25.4
    left, right, edge = (215.9 - 37) * dots, (215.9 - 9) * dots, 9 * dots
    assert close(corners[:2], [(left, edge), (right, edge)], 4)


@pytest.mark.parametrize(("turn", "degrees"), [*zip(QUARTERS, (90, 180, 270), strict=True)])
def test_a_photo_is_turned_by_its_identity(turn, degrees):
    page = sheet(dpi=80, marks=())
    found = made(saved(page.transpose(turn), "PNG"))
    assert found.upright == Upright(1, degrees, straightened=False)
    assert same(found.image, page)


def test_exif_and_the_identity_together_lay_it_upright_once():
    page = sheet(dpi=80, marks=())
    found = made(saved(page.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=told(6)))
    assert found.upright == Upright(6, 0, straightened=False)
    assert same(found.image, page)


@pytest.mark.parametrize(
    "page",
    [
        sheet(dpi=80).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        sheet(dpi=100, marks=("TL", "BL")),
        Image.new("L", (900, 1200), 200),
    ],
    ids=["mirrored", "a corner lacks", "no code"],
)
def test_what_does_not_lie_as_a_sheet_can_is_not_straightened(page):
    assert not made(saved(page, "PNG")).upright.straightened


def test_two_sheets_on_one_photo_are_left_as_they_lie():
    page = sheet(dpi=80)
    both = Image.new("L", (2 * page.width, page.height))
    both.paste(page, (0, 0))
    both.paste(sheet(dpi=80, identity=IDENTITY.replace("B01", "C01")), (page.width, 0))
    found = made(saved(both, "PNG"))
    assert found.upright == Upright(1, 0, straightened=False)
    assert Reason.NO_IDENTITY_CODE in found.legibility.reasons


def test_codes_that_lie_crosswise_pull_nothing_out_of_shape():
    """A stranger's sheet with the corners' codes in each other's places."""
    page = sheet(dpi=100, marks=()).copy()
    dots = 100 / 25.4
    places = {"TL": (195, 260), "BL": (9, 9), "BR": (9, 260)}
    for corner, (x, y) in places.items():
        page.paste(code(f"OPREP1:{corner}", 50), (round(x * dots), round(y * dots)))
    assert not made(saved(page, "PNG")).upright.straightened


def test_a_foreign_code_turns_nothing_and_is_told():
    page = Image.new("L", (1000, 1200), 250)
    page.paste(code("https://example.org/acta", 300), (100, 100))
    found = made(saved(page.transpose(Image.Transpose.ROTATE_180), "PNG"))
    assert found.upright == Upright(1, 0, straightened=False)
    assert [one.text for one in found.codes] == ["https://example.org/acta"]
    assert Reason.NO_IDENTITY_CODE in found.legibility.reasons


def test_what_is_printed_in_a_code_may_be_anything_and_is_told_only_if_a_person_can_see_it():
    page = Image.new("L", (1000, 1200), 250)
    page.paste(code("OPREP1:\x1b[2J\u202e", 300), (100, 100))
    assert made(saved(page, "PNG")).codes == ()


# --- legibility -----------------------------------------------------------------------------------


def taken(**how):
    photo = photographed(sheet(dpi=200), (1200, 1500), times(LYING, 1.25), **how)
    return saved(photo, "JPEG", quality=85)


@pytest.mark.parametrize(
    "data", [taken(noise=5), saved(sheet(dpi=110), "PNG")], ids=["photo", "scan"]
)
def test_what_can_be_read_is_legible(data):
    assert made(data).legibility == Legibility(Verdict.LEGIBLE)


@pytest.mark.parametrize(
    ("data", "verdict", "reason"),
    [
        (taken(blur=6, noise=9), Verdict.DOUBTFUL, Reason.BLURRED),
        (taken(light=0.15), Verdict.DOUBTFUL, Reason.DARK),
        (
            saved(Image.new("RGB", (850, 1100), (244, 241, 230)), "JPEG"),
            Verdict.BLANK,
            Reason.BLANK,
        ),
        (saved(Image.new("L", (850, 1100), 3), "JPEG"), Verdict.BLANK, Reason.DARK),
        (saved(sheet(dpi=60), "PNG"), Verdict.DOUBTFUL, Reason.SMALL),
        (saved(sheet(dpi=100, identity=None), "PNG"), Verdict.DOUBTFUL, Reason.NO_IDENTITY_CODE),
    ],
    ids=["blurred", "dark", "blank", "lens cap", "small", "no identity"],
)
def test_a_photo_that_may_have_to_be_taken_again_says_why(data, verdict, reason):
    found = made(data).legibility
    assert found.verdict is verdict
    assert reason in found.reasons


def test_an_empty_page_under_a_lamp_is_blank():
    """A shadow across it and the grain of a camera are no writing."""
    light = np.linspace(120, 245, 900)[None, :] + np.linspace(-30, 0, 1200)[:, None]
    grain = np.random.default_rng(1).normal(0, 9, (1200, 900))
    page = Image.fromarray((light + grain).clip(0, 255).astype(np.uint8))
    assert made(saved(page, "JPEG")).legibility.verdict is Verdict.BLANK


# --- sizes ----------------------------------------------------------------------------------------


def noise(side):
    """What no JPEG makes small."""
    values = np.random.default_rng(3).integers(0, 256, (side, side, 3), np.uint8)
    return Image.fromarray(values)


def test_an_image_that_is_too_large_loses_quality_before_it_loses_pixels():
    image = published(noise(2400))
    assert len(image) <= MAX_IMAGE_BYTES
    assert picture_alone_in(image) == Picture(2400, 2400)


def test_a_picture_that_no_quality_makes_small_enough_is_made_smaller():
    image = rendition(noise(1600))
    assert len(image) <= MOST_RENDITION_BYTES
    assert picture_alone_in(image).width < 1600


def test_a_rendition_is_for_a_screen_and_the_image_for_reading():
    found = made(saved(sheet(dpi=200, marks=(), identity=None), "PNG"))
    assert picture_in(found.image) == Picture(found.width, found.height) == Picture(1700, 2200)
    assert max(picture_in(found.rendition)) == 1600
    assert len(found.rendition) <= MOST_RENDITION_BYTES


def test_a_camera_of_more_pixels_than_a_page_needs_gives_a_quarter_of_them():
    found = made(saved(Image.new("L", (4_100, 4_000), 200), "JPEG"))
    assert (found.width, found.height) == (2_050, 2_000)


def test_a_page_of_sixteen_bits_keeps_its_greys():
    ramp = np.tile(np.arange(256, dtype=np.uint16) * 257, (256, 1))
    wanted = Image.fromarray((ramp >> 8).astype(np.uint8))
    for data in (saved(Image.fromarray(ramp), "PNG"), saved(Image.fromarray(ramp), "TIFF")):
        assert same(made(data).image, wanted)


def test_what_a_picture_lets_through_is_white_as_paper():
    glass = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert same(made(saved(glass, "PNG")).image, Image.new("RGB", (64, 64), "white"))
