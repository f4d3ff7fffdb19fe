"""Filled forms as a camera sees them: codes are read, and ink is where the truth says it is."""

import io

import numpy as np
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image, ImageDraw

from openprep.capture.reading import Reading
from openprep.digitising.digitised import Verdict
from openprep.digitising.digitiser import Digitiser
from openprep.digitising.marks import identity_among
from openprep.election import FieldState
from openprep.forms.blank import blank_for
from openprep.forms.camera import Camera, photograph
from openprep.forms.codes import FormCode, FormTrouble
from openprep.forms.filled import figures_of, filled
from openprep.forms.identity import read_identity, sign_identity
from openprep.forms.layout import form_of
from small.election import acta, small_election

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ELECTION = small_election()
(CONTEST,) = ELECTION.contests
BLANK = blank_for(ELECTION, CONTEST, ELECTION.catalogues[CONTEST][0].id)
TEXT = sign_identity(BLANK.identity, KEY)
FORM = form_of(ELECTION, BLANK.contest)
MARKS = {mark.text for mark in FORM.marks}
AMOUNTS = (0, 7, FieldState.ILEGIBLE, 41, FieldState.SIN_DATO, 358, 1204, 100)
NUMBERS = {field.name: AMOUNTS[index % len(AMOUNTS)] for index, field in enumerate(FORM.fields)}
ONLY_LETTERS, ONLY_NUMBERS = FORM.fields[0].name, FORM.fields[1].name
LETTERS = {ONLY_NUMBERS: FieldState.SIN_DATO, FORM.fields[3].name: 14}
NUMBERS_WRITTEN = NUMBERS | {ONLY_LETTERS: FieldState.SIN_DATO}
LETTERS_WRITTEN = NUMBERS | LETTERS
WRITTEN = filled(BLANK, TEXT, NUMBERS_WRITTEN, letters=LETTERS_WRITTEN, seed=3)

SEEN = {
    "scan": Camera(),
    "upside down": Camera(seed=1, rotation=180, border=0.02, noise=3),
    "on its side": Camera(seed=2, rotation=91.5, skew=0.02, border=0.05, blur=0.6),
    **{f"telephone {seed}": Camera.somebodys(seed) for seed in (1, 4, 9)},
}


@pytest.fixture(params=SEEN, ids=lambda name: name.replace(" ", "-"), scope="module")
def photo(request):
    return photograph(WRITTEN, SEEN[request.param])


@pytest.fixture
def picture(photo):
    found = Image.open(io.BytesIO(photo.jpeg))
    assert found.size == (photo.truth.width, photo.truth.height)
    return found


def test_identity_and_corners_are_read_where_the_truth_has_them(photo, picture):
    codes = {one.text: one.position for one in zxingcpp.read_barcodes(picture)}
    assert set(codes) == MARKS | {TEXT}
    assert read_identity(TEXT, ELECTION.id, KEY.public_key()) == BLANK.identity
    for text, quad in {**photo.truth.marks, TEXT: photo.truth.identity}.items():
        read = codes[text]
        corners = (read.top_left, read.top_right, read.bottom_right, read.bottom_left)
        for corner, (x, y) in zip(corners, quad, strict=True):
            assert abs(corner.x - x) < 9
            assert abs(corner.y - y) < 9


def ink_in(picture, quad):
    """How many pixels within a place are bluer than paper, print and shadow are."""
    mask = Image.new("L", picture.size)
    middle = np.mean(quad, axis=0)
    inner = [tuple(middle + 0.9 * (np.array(corner) - middle)) for corner in quad]
    ImageDraw.Draw(mask).polygon(inner, fill=255)
    box = mask.getbbox()
    pixels = np.asarray(picture.crop(box), dtype=int)[np.asarray(mask.crop(box)) > 0]
    return int(((pixels[:, 2] - pixels[:, 0]) > 25).sum())


def test_ink_is_where_something_was_written_and_nowhere_else(photo, picture):
    for field in photo.truth.fields:
        number, words = NUMBERS_WRITTEN[field.name], LETTERS_WRITTEN[field.name]
        assert (ink_in(picture, field.letters) > 30) is (words is not FieldState.SIN_DATO)
        inked = [ink_in(picture, box) > 8 for box in field.boxes]
        assert any(inked) is (number is not FieldState.SIN_DATO), field.name
        if number is FieldState.SIN_DATO:
            assert sum(ink_in(picture, box) for box in field.boxes) == 0
        elif isinstance(number, int):
            assert inked[-len(str(number)) :][: len(inked)].count(True) >= min(2, len(str(number)))


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    camera = Camera.somebodys(5)
    first = photograph(filled(BLANK, TEXT, NUMBERS, seed=1, dots_per_inch=90), camera)
    again = photograph(filled(BLANK, TEXT, NUMBERS, seed=1, dots_per_inch=90), camera)
    other = photograph(filled(BLANK, TEXT, NUMBERS, seed=2, dots_per_inch=90), camera)
    assert first == again
    assert first.jpeg != other.jpeg
    assert first.truth == other.truth


def test_a_place_that_is_not_a_number_is_not_written_on():
    nothing = dict.fromkeys(NUMBERS, FieldState.NOT_ON_BALLOT)
    blank = filled(BLANK, TEXT, nothing, dots_per_inch=90)
    assert (
        blank.picture.tobytes()
        == filled(
            BLANK, TEXT, dict.fromkeys(NUMBERS, FieldState.SIN_DATO), dots_per_inch=90
        ).picture.tobytes()
    )


def test_the_figures_of_an_acta_and_of_its_reading_are_the_same():
    own = acta(0)
    amounts = (own.surplus_ballots, own.people_voted, own.representatives_voted)
    reading = Reading(own.votes, *amounts, own.ballots_taken, own.total_written)
    assert figures_of(own) == figures_of(reading) == dict(reading.fields())
    assert list(figures_of(own)) == [field.name for field in FORM.fields]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        NUMBERS | {"votes.99": 1},
        {name: value for name, value in NUMBERS.items() if name != "total_written"},
        NUMBERS | {"total_written": 1_000_000},
    ],
)
def test_figures_of_another_form_are_refused(wrong):
    with pytest.raises(FormTrouble) as caught:
        filled(BLANK, TEXT, wrong)
    assert caught.value.code is FormCode.WRONG_FIGURES


async def test_a_telephone_s_photo_of_a_form_is_laid_upright_and_known_by_its_code():
    """Forms and the digitiser have the place of the corner codes each for itself."""
    photo = photograph(filled(BLANK, TEXT, NUMBERS, seed=3), Camera.somebodys(3))
    async with Digitiser(running=1) as digitiser:
        made = await digitiser.digitise(photo.jpeg)
    assert made.upright.straightened
    identity = identity_among(made.codes)
    assert identity is not None
    assert identity.text == TEXT
    assert made.legibility.verdict is Verdict.LEGIBLE
