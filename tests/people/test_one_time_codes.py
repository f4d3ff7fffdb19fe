"""The codes of RFC 6238, and which of them are good."""

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from openprep.people.one_time_codes import address_of, draw_secret, step_of
from people.small_house import NOW, SECRET

OF_THE_RFC = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_rfc(seconds, code):
    at = datetime.fromtimestamp(seconds, UTC)
    assert step_of(OF_THE_RFC, code, at) == seconds // 30


def test_a_code_is_good_in_its_half_minute_and_the_ones_beside_it():
    code = pyotp.TOTP(SECRET).at(NOW)
    good = [
        beside
        for beside in range(-3, 4)
        if step_of(SECRET, code, NOW + timedelta(seconds=30 * beside)) is not None
    ]
    assert good == [-1, 0, 1]
    steps = {step_of(SECRET, code, NOW + timedelta(seconds=30 * beside)) for beside in good}
    assert len(steps) == 1


def test_the_hour_is_that_of_the_instant_in_whatever_zone():
    code = pyotp.TOTP(SECRET).at(NOW)
    elsewhere = NOW.astimezone(datetime.fromisoformat("2027-06-07T02:00:00-06:00").tzinfo)
    assert step_of(SECRET, code, elsewhere) == step_of(SECRET, code, NOW)


def test_blanks_as_telephones_show_them_count_for_nothing():
    code = pyotp.TOTP(SECRET).at(NOW)
    assert step_of(SECRET, f" {code[:3]} {code[3:]} ", NOW) is not None


@pytest.mark.parametrize("typed", ["", "12345", "ñandú", "٢٨٧٠٨٢", "0" * 10_000, "\ud800"])
def test_whatever_else_is_typed_is_no_code(typed):
    assert step_of(SECRET, typed, NOW) is None


def test_a_drawn_secret_is_taken_by_an_app():
    secret = draw_secret()
    taken = pyotp.parse_uri(address_of(secret, "c017", "puebla-2027"))
    assert (taken.secret, taken.name, taken.issuer) == (secret, "c017", "puebla-2027")
