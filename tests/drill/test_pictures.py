"""Images of a drill's actas: what stands on the paper, the same from a seed, and their way."""

import io
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestServer
from msgspec import structs
from PIL import Image

from drill.small_drill import arrivals_of, small_folder
from openprep.drill.nation.codes import GenerationRefused, NationCode
from openprep.drill.nation.drawing import HEIGHT, WIDTH, draw
from openprep.drill.nation.generate import Order, generate
from openprep.drill.nation.sheet import sheet_of
from openprep.drill.nights.schedule import Arrival, write_schedule
from openprep.drill.nights.station import RelivingStation, drill_images, relive
from openprep.election import FieldState, Observation
from openprep.election.declared.folder import load_election
from openprep.election.image import MAX_IMAGE_BYTES, picture_in
from openprep.forms.in_words import in_words
from openprep.record.facts import ActaCorrected, ActaReported
from openprep.record.images import ImageFolder
from openprep.transmission.inbox.http import inbox_application
from openprep.transmission.station.outbox import Outbox
from small.election import acta
from small.image import digest_of, jpeg
from transmission.small_center import ELECTION, KEYS, NOW, SmallCenter

SEED, PART = 5, 0.08


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures") / "drill"
    generate(Order(small_folder(), SEED, images=PART), folder)
    return folder


@pytest.fixture(scope="module")
def election():
    return load_election(small_folder())


def pictured(drill):
    """Actas whose image the drill has, in every version, with what was reported."""
    images = {path.stem for path in (drill / "images").iterdir()}
    facts = [arrival.fact for _, _, arrival in arrivals_of(drill)]
    return [fact for fact in facts if fact.acta.image_sha256 in images], images


def on_paper(election, acta):
    """The image that an acta must have been captured from."""
    expected = election.expected[acta.contest][acta.acta]
    differ = Observation.LETRA_DISTINTA_DE_NUMERO in acta.observations
    return draw(sheet_of(election, SEED, acta, expected, differ=differ))


def test_every_image_is_a_jpeg_under_its_digest_that_a_reported_acta_names(drill):
    facts, images = pictured(drill)
    assert {fact.acta.image_sha256 for fact in facts} == images
    folder = ImageFolder(drill / "images")
    for digest in images:
        data = folder.read(digest)
        assert picture_in(data) == (WIDTH, HEIGHT)
        assert len(data) < MAX_IMAGE_BYTES / 20
        Image.open(io.BytesIO(data)).load()


def test_about_the_part_that_was_asked_for_is_drawn_and_the_rest_is_as_without(drill, tmp_path):
    generate(Order(small_folder(), SEED), tmp_path / "without")
    assert not (tmp_path / "without" / "images").exists()
    with_, without = (
        [
            (at, structs.replace(arrival.fact.acta, image_sha256=None))
            for at, _, arrival in arrivals_of(at_)
        ]
        for at_ in (drill, tmp_path / "without")
    )
    assert with_ == without, "but for their digests the actas are the same"
    scanned = [arrival for _, _, arrival in arrivals_of(drill) if arrival.fact.acta.image_sha256]
    _, images = pictured(drill)
    assert PART / 2 < len(images) / len(scanned) < PART * 2


def test_each_image_shows_what_was_captured_and_of_a_correction_what_was_right(drill, election):
    facts, _ = pictured(drill)
    last = {(fact.acta.contest, fact.acta.acta): fact.acta for fact in facts}
    sample = list(last.values())[::10]
    sample += [fact.acta for fact in facts if isinstance(fact, ActaCorrected)]
    for captured in sample:
        assert digest_of(on_paper(election, captured)) == captured.image_sha256


def test_a_correction_has_the_image_that_the_wrong_capture_was_made_from(tmp_path):
    folder = tmp_path / "drill"
    generate(Order(small_folder(), SEED, images=0.4), folder)
    versions = {}
    facts, _ = pictured(folder)
    for fact in facts:
        versions.setdefault((fact.acta.contest, fact.acta.acta), []).append(fact)
    corrected = [both for both in versions.values() if len(both) > 1]
    assert corrected
    for first, second in corrected:
        assert (type(first), type(second)) == (ActaReported, ActaCorrected)
        assert first.acta.image_sha256 == second.acta.image_sha256
    assert any(first.acta.votes != second.acta.votes for first, second in corrected)


def test_the_same_seed_gives_the_same_images_in_another_process(drill, tmp_path):
    there = tmp_path / "there"
    command = [sys.executable, "-m", "openprep", "drill", "generate", "--seed", str(SEED)]
    command += ["--election", str(small_folder()), "--images", str(PART), "--to", str(there)]
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        timeout=300,
        env={**os.environ, "PYTHONHASHSEED": "27", "TZ": "Asia/Tokyo", "LANG": "C"},
    )
    ours, theirs = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.j*")}
        for folder in (drill, there)
    )
    assert len(ours) > 20
    assert theirs == ours


@pytest.mark.parametrize("part", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_part_that_is_none_is_refused(tmp_path, part):
    with pytest.raises(GenerationRefused) as refused:
        generate(Order(small_folder(), 1, images=part), tmp_path / "drill")
    assert refused.value.code is NationCode.WRONG_PART
    assert not list(tmp_path.iterdir())


# The paper


def a_sheet(election, votes, **changes):
    contest = election.contests["PRES"]
    expected = next(iter(election.expected["PRES"].values()))
    filled = (*votes, *(0,) * (len(contest.columns) - len(votes)))
    reported = acta(0, contest="PRES", acta=expected.id, votes=filled, **changes)
    return sheet_of(election, 1, reported, expected, differ=False)


def test_the_form_says_unmistakably_of_which_casilla_it_is(election):
    sheet = a_sheet(election, (21,))
    place = dict(sheet.place)
    assert {"Entidad", "Distrito", "Casilla", "Acta"} <= place.keys()
    assert "semilla 1" in sheet.foot
    first = sheet.votes[0]
    assert (first.name, first.words, first.figures) == (
        "Partido Acción Nacional",
        "veintiuno",
        "21",
    )


def test_what_nobody_could_read_is_smudged_and_what_is_not_there_is_blank(election):
    sheet = a_sheet(election, (FieldState.ILEGIBLE, FieldState.SIN_DATO, 7))
    smudged, blank, read = sheet.votes[:3]
    assert (smudged.words, smudged.figures, smudged.smudged) == ("", "", True)
    assert (blank.words, blank.figures, blank.smudged) == ("", "", False)
    assert (read.words, read.figures, read.smudged) == ("siete", "7", False)
    pictures = {
        draw(a_sheet(election, (field,))) for field in (FieldState.ILEGIBLE, FieldState.SIN_DATO, 7)
    }
    assert len(pictures) == 3


def test_columns_that_are_not_on_the_ballot_are_not_on_the_form(election):
    sheet = a_sheet(election, (FieldState.NOT_ON_BALLOT, 3))
    assert sheet.votes[0].name == "Partido Revolucionario Institucional"


def test_where_words_and_figures_differ_the_words_were_captured(election):
    expected = next(iter(election.expected["PRES"].values()))
    columns = len(election.contests["PRES"].columns)
    reported = acta(0, contest="PRES", acta=expected.id, votes=(5, 70, 241, *(0,) * (columns - 3)))
    right, slip = (
        sheet_of(election, 1, reported, expected, differ=differ).votes for differ in (False, True)
    )
    assert [line.words for line in slip] == [line.words for line in right]
    differing = [(a.figures, b.figures) for a, b in zip(right, slip, strict=True) if a != b]
    assert differing == [("241", "421")]


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "cero"),
        (16, "dieciséis"),
        (21, "veintiuno"),
        (30, "treinta"),
        (31, "treinta y uno"),
        (100, "cien"),
        (101, "ciento uno"),
        (555, "quinientos cincuenta y cinco"),
        (1000, "mil"),
        (1100, "mil cien"),
        (21_000, "veintiún mil"),
        (31_421, "treinta y un mil cuatrocientos veintiuno"),
        (100_000, "cien mil"),
        (999_999, "novecientos noventa y nueve mil novecientos noventa y nueve"),
    ],
)
def test_amounts_in_words(amount, words):
    assert in_words(amount) == words


def test_no_two_amounts_have_the_same_words():
    assert len({in_words(amount) for amount in range(30_000)}) == 30_000
    for amount in (-1, 1_000_000):
        with pytest.raises(ValueError, match="no amount"):
            in_words(amount)


# Their way


async def test_a_station_of_a_drill_sends_the_images_that_the_drill_has(tmp_path):
    rendered = ImageFolder(tmp_path / "drill" / "images")
    digest = rendered.keep(jpeg(1))
    schedule = tmp_path / "D01.jsonl"
    facts = [ActaReported(acta(0, image_sha256=digest)), ActaReported(acta(3))]
    write_schedule(schedule, [Arrival(NOW + timedelta(seconds=n), f) for n, f in enumerate(facts)])
    center = SmallCenter(tmp_path / "center" / "record.sqlite")
    outbox = tmp_path / "outboxes" / "D01.sqlite"
    server = TestServer(inbox_application(center.inbox, center.images))
    await server.start_server()

    def clock():
        return NOW + timedelta(minutes=1)

    center.now = clock()
    for _ in range(2):  # and once more, after a restart
        own = Outbox(outbox, ELECTION.id, "D01", KEYS["D01"], clock)
        station = RelivingStation("D01", own, schedule, drill_images(rendered.root, outbox))
        assert await relive([station], str(server.make_url("")), clock, 0.001) == []
        own.close()
    await server.close()
    assert [image.sha256 for image in center.ledger.state.images] == [digest]
    assert center.folder.read(digest) == jpeg(1)
    center.record.close()
