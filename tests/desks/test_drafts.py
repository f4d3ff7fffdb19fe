"""Drafts: one person's, kept whole, in a file that nobody else reads."""

import pytest

from desks.small_house import image_of, reading, steps_of
from openprep.desks.drafts import Draft, Drafts
from openprep.record.codes import RecordCode, RecordTrouble

ANA, BETO = "a" * 32, "b" * 32


@pytest.fixture
def drafts(tmp_path):
    drafts = Drafts(tmp_path / "house/drafts.sqlite", "chica-2024")
    yield drafts
    drafts.close()


def test_a_draft_is_found_under_its_person_and_its_ticket_only(drafts):
    draft = Draft(fields={"votes.0": "007", "votes.1": ""}, noted=("solo_letra",), words="así")
    drafts.keep(ANA, "t1", draft)
    assert drafts.find(ANA, "t1") == draft
    assert drafts.find(BETO, "t1") is None
    assert drafts.find(ANA, "t2") is None
    assert [kept.ticket for kept in drafts.of(ANA)] == ["t1"]
    assert drafts.of(BETO) == []


def test_a_newer_draft_replaces_the_one_before_and_keeps_its_turn(drafts):
    for ticket in ("t1", "t2"):
        drafts.keep(ANA, ticket, Draft(words=ticket))
    drafts.keep(ANA, "t1", Draft(words="again"))
    assert [kept.draft.words for kept in drafts.of(ANA)] == ["again", "t2"]


def test_what_was_confirmed_is_there_after_a_restart_until_its_ticket_is_spent(drafts, tmp_path):
    step = steps_of("A0").capture("ana", reading("A0"), image_of("A0"))
    drafts.keep(ANA, "t1", Draft(step=step, place="CCV1"))
    drafts.keep(ANA, "t2", Draft())
    drafts.close()
    again = Drafts(tmp_path / "house/drafts.sqlite", "chica-2024")
    assert [(kept.ticket, kept.draft.step) for kept in again.confirmed()] == [("t1", step)]
    again.spend(ANA, "t1")
    assert again.confirmed() == []
    assert (again.is_spent("t1"), again.is_spent("t2")) == (True, False)
    again.close()


def test_two_drafts_that_say_something_else_are_two_versions():
    drafts = [Draft(), Draft(fields={"votes.0": "7"}), Draft(fields={"votes.0": "07"})]
    assert len({draft.version for draft in drafts}) == 3


def test_nobody_else_reads_what_people_typed(drafts, tmp_path):
    drafts.keep(ANA, "t1", Draft(words="secret"))
    for path in (tmp_path / "house").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_drafts_of_another_election_are_refused(drafts, tmp_path):
    with pytest.raises(RecordTrouble) as refusal:
        Drafts(tmp_path / "house/drafts.sqlite", "otra-2024")
    assert refusal.value.code is RecordCode.OTHER_ELECTION
