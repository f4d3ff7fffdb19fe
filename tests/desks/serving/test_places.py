"""The places of a house are those that `station init` made, each with all that it needs."""

import pytest

from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.desks.serving.places import load_places
from openprep.transmission.codes import StationCode
from openprep.transmission.keys import KeyTrouble, make_station, public_half
from transmission.small_center import ELECTION


def test_a_house_has_the_places_whose_keys_were_made_there(tmp_path):
    catd = make_station(tmp_path, "D01", "CATD 01", reports=["AYUN/001"])
    make_station(tmp_path, "CCV1", "CCV Norte", captures=["*"])
    places = load_places(tmp_path, ELECTION)
    assert dict(places.names) == {"CCV1": "CCV Norte", "D01": "CATD 01"}
    assert public_half(places.keys["D01"]) == catd.public_key
    assert places.remits["CCV1"].captures.covers("AYUN", "A4", ELECTION)
    assert not places.remits["D01"].reports.covers("AYUN", "A3", ELECTION)


def test_a_folder_without_places_is_none_of_a_house(tmp_path):
    with pytest.raises(HouseTrouble) as refusal:
        load_places(tmp_path, ELECTION)
    assert refusal.value.code is HouseCode.NO_PLACE


@pytest.mark.parametrize(
    ("scopes", "code"),
    [([], HouseCode.SPEAKS_FOR_NOTHING), (["AYUN/999"], HouseCode.UNKNOWN_SCOPE)],
)
def test_an_entry_by_which_nobody_could_work_is_refused(tmp_path, scopes, code):
    make_station(tmp_path, "D01", "CATD 01", reports=scopes)
    with pytest.raises(HouseTrouble, match=r"D01\.entry\.json") as refusal:
        load_places(tmp_path, ELECTION)
    assert refusal.value.code is code


def test_the_entry_of_another_key_is_refused(tmp_path):
    make_station(tmp_path, "D01", "CATD 01", reports=["*"])
    (tmp_path / "D01.key").unlink()
    make_station(tmp_path / "other", "D01", "CATD 01", reports=["*"])
    (tmp_path / "other/D01.key").rename(tmp_path / "D01.key")
    with pytest.raises(KeyTrouble) as refusal:
        load_places(tmp_path, ELECTION)
    assert refusal.value.code is StationCode.ENTRY
