"""No secret in a message: whatever way people write one beside an address."""

import pytest

from openprep.masking import masked

SECRET = "Tr0ub4dor"


@pytest.mark.parametrize(
    "text",
    [
        "https://u:{}@prep.tec.mx/x",
        "https://u:a/b#{}@prep.tec.mx/x",
        "socks5h://u:{}@proxy:3128",
        "s3://{}@bucket/path",
        "https://prep.tec.mx/x?sig={}&a=1",
        "https://prep.tec.mx/x?X-Amz-Signature={}",
        "https://prep.tec.mx/x?access_token={}",
        "redirect?to=https%3A%2F%2Fprep%3Ftoken%3D{}",
        "AccountName=prep;AccountKey={}",
        "aws_secret_access_key={} is wrong",
        "client_secret={}",
        "api_key={}",
        "passwd={} pwd={}",
        "password: {}",
        '{{"password": "{}"}}',
        "Authorization: Bearer {}",
        "authorization: Basic {}",
    ],
)
def test_a_secret_is_not_shown_however_it_is_written(text):
    assert SECRET in text.format(SECRET, SECRET)
    assert SECRET not in masked(text.format(SECRET, SECRET))


@pytest.mark.parametrize(
    "text",
    [
        "https://prep.tec.mx/cuts/3.json?x=1",
        "s3://prep-2024/publico",
        "a@b.mx wrote to c@d.mx",
        "the log's key: 1f2e, and its keys",
        "2024-06-02T20:00:00-06:00 cut 7 at https://prep.tec.mx:8020/",
    ],
)
def test_what_is_no_secret_stands(text):
    assert masked(text) == text


@pytest.mark.parametrize("piece", ["a", "a://b:", "key", "https://", "password:", "x@", "=%3d"])
def test_a_stranger_s_long_word_costs_what_it_weighs(piece):
    """By steps, not by time: twice as long, about twice as much (the square would be fourfold)."""
    assert masked(piece * 200_000)
