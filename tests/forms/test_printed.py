"""What is printed: the same bytes each time, tagged, in our fonts, and codes that can be read."""

import io
import re
import zlib
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs
from PIL import Image

from openprep.cli.main import main
from openprep.forms.blank import Blank, blank_for
from openprep.forms.codes import FormCode, FormTrouble
from openprep.forms.identity import sign_identity
from openprep.forms.keycard import BLANK_KEY, ILLEGIBLE_KEY, keycard_pdf
from openprep.forms.label import LabelSize, label_pdf, label_png
from openprep.forms.layout import form_of
from openprep.forms.lettering import in_our_letters
from openprep.forms.printed import printed_pdf, printed_png
from small.election import small_election

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ELECTION = small_election()
(CONTEST,) = ELECTION.contests
ACTA = ELECTION.catalogues[CONTEST][0]
BLANK = blank_for(ELECTION, CONTEST, ACTA.id)
TEXT = sign_identity(BLANK.identity, KEY)
DOTS = 150


def streams(pdf):
    """What is inside a PDF, whether compressed or not."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return b"\n".join(found)


PAGES = {
    "acta": lambda: printed_pdf(BLANK, TEXT),
    "label": lambda: label_pdf(BLANK, TEXT, LabelSize()),
    "keys": keycard_pdf,
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_tagged_and_has_our_fonts_and_the_same_bytes_each_time(page):
    made = PAGES[page]()
    assert made == PAGES[page]()
    inside = streams(made)
    assert b"/StructTreeRoot" in inside
    assert re.search(rb"/Marked true", inside)
    assert b"pdfuaid" in inside
    fonts = set(re.findall(rb"/(?:BaseFont|FontName) ?/([^\s/<>]+)", inside))
    assert fonts
    assert all(re.fullmatch(rb"[A-Z]{6}\+DejaVuSansCondensed(-Bold)?(-.*)?", one) for one in fonts)
    assert len(re.findall(rb"/FontFile[23]", inside)) >= len(fonts)
    assert b"CreationDate" not in inside


def seen(picture):
    """Texts of the codes on a picture, and the middle of each."""
    found = {}
    for code in zxingcpp.read_barcodes(picture):
        corners = code.position
        points = (corners.top_left, corners.bottom_right)
        found[code.text] = tuple(sum(getattr(p, axis) for p in points) / 2 for axis in "xy")
    return found


def pixels(picture, box):
    return picture.crop(box).get_flattened_data()


def test_the_codes_of_a_printed_acta_are_where_the_form_says():
    picture = Image.open(io.BytesIO(printed_png(BLANK, TEXT, DOTS))).convert("L")
    form = form_of(ELECTION, BLANK.contest)
    places = {mark.text: mark.place for mark in form.marks} | {TEXT: form.identity}
    found = seen(picture)
    assert set(found) == set(places)
    for text, place in places.items():
        x, y = (one / DOTS * 25.4 for one in found[text])
        assert abs(x - place.left - place.width / 2) < 0.5
        assert abs(y - place.top - place.height / 2) < 0.5


def test_the_boxes_of_a_printed_acta_are_where_the_form_says():
    """Its lines are dark along the edges of every place, and inside of it the paper is white."""
    picture = Image.open(io.BytesIO(printed_png(BLANK, TEXT, DOTS))).convert("L")
    dots = DOTS / 25.4
    for field in form_of(ELECTION, BLANK.contest).fields:
        for place in field.boxes:
            inner = place.grown(-0.5)
            corners = (inner.left, inner.top, inner.right, inner.bottom)
            edges = [round(one * dots) for one in corners]
            assert len(set(pixels(picture, edges))) == 1, field.name
            x, y = round(place.left * dots), round((place.top + place.height / 2) * dots)
            assert min(pixels(picture, (x - 2, y, x + 3, y + 1))) < 200, field.name


@pytest.mark.parametrize("dots", [203, 300, 600])
def test_a_label_s_code_is_drawn_in_whole_dots_and_read(dots):
    size = LabelSize(50, 30, dots)
    picture = Image.open(io.BytesIO(label_png(BLANK, TEXT, size))).convert("L")
    assert abs(picture.width - 50 / size.dot) <= 1
    (read,) = zxingcpp.read_barcodes(picture)
    assert read.text == TEXT
    code = picture.crop((0, 0, read.position.top_right.x + 3, picture.height))
    box = code.point(lambda value: 255 * (value < 128)).getbbox()
    found = code.crop(box)
    assert set(found.get_flattened_data()) <= {0, 255}, "no dot is grey"
    modules = next(n for n in range(21, 178, 4) if found.width % n == 0 and found.width // n >= 2)
    width = found.width // modules
    for x in range(0, found.width, width):
        for y in range(0, found.height, width):
            assert len(set(pixels(found, (x, y, x + width, y + width)))) == 1


NO_LABELS = [
    LabelSize(20, 10),
    LabelSize(8, 100),
    LabelSize(50, 30, 40),
    LabelSize(50, 30, 0),
    LabelSize(50, 30, -203),
    LabelSize(-50, 30),
    LabelSize(50, float("nan")),
    LabelSize(float("inf"), 30),
    LabelSize(1e300, 1e300),
]


@pytest.mark.parametrize("size", NO_LABELS)
def test_a_label_without_room_is_refused(size):
    with pytest.raises(FormTrouble) as caught:
        label_pdf(BLANK, TEXT, size)
    assert caught.value.code is FormCode.NO_ROOM


@pytest.mark.parametrize(("contest", "acta"), [("NONE", ACTA.id), (CONTEST, "none")])
def test_an_acta_that_nobody_expects_is_not_printed(contest, acta):
    with pytest.raises(FormTrouble) as caught:
        blank_for(ELECTION, contest, acta)
    assert caught.value.code is FormCode.NOT_EXPECTED


def test_a_name_that_reads_as_markup_or_has_foreign_letters_is_printed_as_it_is():
    name = '#panic("x") $ ` ` *_ < @ \\ "] 選挙 ʼn Ț \u0301 ' + "M" * 400
    strange = structs.replace(ELECTION, name=name, authority=name)
    contest = structs.replace(BLANK.contest, title=name)
    blank = Blank(strange, contest, structs.replace(ACTA, id='#"@000'))
    assert printed_pdf(blank, TEXT)
    assert label_pdf(blank, TEXT, LabelSize())


def test_letters_that_the_fonts_lack_lose_their_accent_or_are_asked_about():
    assert in_our_letters("Ñandú ↑↓ — Ő") == "Ñandú ↑↓ — Ő"
    assert in_our_letters("Țepeș 選") == "Tepes ?"


def test_the_card_has_one_key_for_each_of_the_two_ways_to_say_nothing():
    assert (ILLEGIBLE_KEY, BLANK_KEY) == ("*", "-")


def test_a_refusal_of_the_command_has_its_code(tmp_path):
    given = ["--election", "elections/puebla-2019", "--contest", "GUB", "--acta", "none"]
    key = tmp_path / "key"
    runner = CliRunner()
    repository = Path(__file__).parents[2]
    assert runner.invoke(main, ["forms", "key", "--to", str(key)]).exit_code == 0
    assert key.stat().st_mode & 0o77 == 0
    given[1] = str(repository / given[1])
    to = tmp_path / "acta.pdf"
    told = runner.invoke(main, ["forms", "print", *given, "--key", str(key), "--to", str(to)])
    assert told.exit_code == 2
    assert "K202" in told.output
    assert not to.exists()
