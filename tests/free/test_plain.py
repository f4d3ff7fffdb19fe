"""What a person does not see is refused, in whatever block of Unicode it stands."""

import sys
import unicodedata

import pytest

from openprep.plain import unseen_in

HIDDEN = {"Cc", "Cf", "Zl", "Zp", "Co"}
"""Controls, formats, ends of lines and of paragraphs, private use."""


def test_every_control_format_and_private_character_is_named():
    taken = [
        f"U+{point:04X}"
        for point in range(sys.maxunicode + 1)
        if unicodedata.category(chr(point)) in HIDDEN and unseen_in(chr(point)) is None
    ]
    assert taken == []


@pytest.mark.parametrize("point", [0x034F, 0x115F, 0x2065, 0x2800, 0x3164, 0xFE0F, 0xFFA0, 0xFFF0])
def test_a_letter_or_a_mark_that_nothing_shows_is_named(point):
    assert unseen_in(f"a{chr(point)}b") == f"U+{point:04X}"


def test_what_people_write_is_plain():
    assert unseen_in("José Ñúñez Ülker, 2.ª sección — «100 %» · ¿así?") is None
