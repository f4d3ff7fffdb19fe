"""The row at work is lit where the form has it, and only on an image that lies as the form does."""

import pytest

from capture.walking import pseudonym
from desks.small_house import image_of
from openprep.capture.asked import asked_of
from openprep.capture.work.tasks import Task
from openprep.desks.pictures import Pictures, Shot
from openprep.desks.ticket import Ticket
from openprep.desks.web.form_places import FormPlaces
from small.image import jpeg
from transmission.small_center import ELECTION


@pytest.fixture
def pictures(tmp_path):
    return Pictures(tmp_path / "pictures")


def places_of(pictures, image):
    ticket = Ticket(Task.CAPTURE, "AYUN", "A0", image, pseudonym("ana"))
    return FormPlaces(ELECTION, pictures)(ticket)


@pytest.mark.parametrize("straight", [True, False])
def test_fields_have_places_on_an_image_that_was_laid_straight_and_on_no_other(pictures, straight):
    kept = pictures.keep(Shot(jpeg(1), b"small", b"as it came", straight=straight))
    places = places_of(pictures, kept.image)
    asked = asked_of(ELECTION.contests["AYUN"], ELECTION.expected["AYUN"]["A0"])
    assert set(asked.fields) <= set(places) if straight else places == {}
    for box in places.values():
        assert 0 <= box.x < box.x + box.width <= 1
        assert 0 <= box.y < box.y + box.height <= 1


def test_it_is_known_after_a_restart(pictures, tmp_path):
    kept = pictures.keep(Shot(jpeg(1), b"small", b"as it came", straight=True))
    assert Pictures(tmp_path / "pictures").is_straight(kept.image)
    assert places_of(pictures, image_of("A1")) == {}
