"""The night as the operators' pages tell it, command by command."""

import json

import pytest

pytestmark = pytest.mark.xdist_group("documented")


def test_a_station_delivers_what_its_page_says_it_sends(night):
    assert "saved: 3 facts of actas.jsonl" in night.said["send"]
    assert "the centre has everything" in night.said["send"]


def test_the_publisher_of_the_page_shows_the_night(night):
    def counted(pointer):
        return json.loads(pointer)["cut"] >= 1

    night.reader.wait_for("https://prep.tec.example/current.json", counted)
