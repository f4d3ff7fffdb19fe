"""Tickets: what a house said in a page, it knows again; what anybody else says, it does not."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.capture.work.tasks import Task
from openprep.desks.ticket import MAX_TICKET, NotATicket, Ticket, TicketOffice

OFFICE = TicketOffice(b"k" * 32)
ANA, BETO = "a" * 32, "b" * 32
TICKET = Ticket(Task.CAPTURE, "GUB", "210113B01002", "c" * 64, ANA, 1)
TEXT = OFFICE.write(TICKET)


def test_a_ticket_is_read_by_its_house_for_its_person():
    assert OFFICE.read(TEXT, ANA) == TICKET
    assert len(TEXT) < MAX_TICKET


def test_a_ticket_of_another_person_or_another_house_is_none():
    with pytest.raises(NotATicket):
        OFFICE.read(TEXT, BETO)
    with pytest.raises(NotATicket):
        TicketOffice(b"x" * 32).read(TEXT, ANA)


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_a_ticket_with_any_sign_changed_is_none(place, sign):
    changed = TEXT[:place] + sign + TEXT[place + 1 :]
    if changed != TEXT:
        with suppress(NotATicket):
            assert OFFICE.read(changed, ANA) == TICKET, "unused bits of the last sign of a part"


@given(st.text(max_size=2000))
def test_whatever_else_stands_there_is_none(text):
    with pytest.raises(NotATicket):
        OFFICE.read(text, ANA)
