"""The signed list: believed whole, from its own authority, at its time, and never an older one."""

from datetime import timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from openprep.people import roster as rosters
from openprep.people.codes import RosterCode, RosterRefused
from openprep.people.roster import (
    MAX_BYTES,
    ORIGIN,
    Seen,
    check_newest,
    check_time,
    open_roster,
    read_roster,
    seal_roster,
    signer_name,
)
from openprep.wire.note import Signer
from people.small_house import ELECTION, KEY, NOW, SECRET, SIGNER, person, roster, sealed

WHOLE = seal_roster(roster(), SIGNER)


def refused(code):
    return pytest.raises(RosterRefused, match=code.code)


def signed(text):
    """A text that the authority's own key signed, whatever is in it."""
    return f"{text}\n{SIGNER.sign(text.encode())}".encode()


def with_fields(**changed):
    body = msgspec.json.decode(msgspec.json.encode(roster())) | changed
    return signed(f"{ORIGIN}\n{msgspec.json.encode(body).decode()}\n")


def with_person(**changed):
    one = msgspec.json.decode(msgspec.json.encode(person("c017"))) | changed
    return with_fields(people=[one])


def test_what_the_authority_sealed_is_read_as_it_was():
    assert open_roster(WHOLE, KEY).roster == roster()
    assert open_roster(with_fields(), KEY) == open_roster(WHOLE, KEY)


def test_one_altered_byte_anywhere_is_refused():
    for at in range(0, len(WHOLE), 7):
        altered = bytearray(WHOLE)
        altered[at] ^= 1
        with pytest.raises(RosterRefused):
            open_roster(bytes(altered), KEY)


def test_every_beginning_of_a_list_is_refused():
    for size in range(0, len(WHOLE), 5):
        with pytest.raises(RosterRefused):
            open_roster(WHOLE[:size], KEY)


def test_another_key_of_the_same_name_signs_nothing_here():
    other = Signer(SIGNER.name, Ed25519PrivateKey.generate())
    with refused(RosterCode.NOT_SIGNED):
        open_roster(seal_roster(roster(), other), KEY)


def test_a_list_of_another_election_is_refused_whoever_signed_it():
    with refused(RosterCode.OTHER_ELECTION):
        open_roster(seal_roster(roster(election="puebla-2024"), SIGNER), KEY)
    other = Signer(signer_name("puebla-2024"), SIGNER.private)
    with refused(RosterCode.NOT_SIGNED):
        open_roster(seal_roster(roster(election="puebla-2024"), other), KEY)


def test_what_the_key_signed_as_something_else_is_no_list():
    body = WHOLE.decode().split("\n")[1]
    with refused(RosterCode.MALFORMED):
        open_roster(signed(f"openprep/other/v1\n{body}\n"), KEY)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"\xff\xfe",
        b"a\n\nb",
        WHOLE + b"\n",
        WHOLE + WHOLE.splitlines(keepends=True)[-1],
        b"x" * (MAX_BYTES + 1),
        signed(f"{ORIGIN}\n{'[' * 100_000}\n"),
        signed(f"{ORIGIN}\nnull\n"),
        with_fields(number=0),
        with_fields(number=2**60),
        with_fields(valid_until="2027-06-08T00:00:00"),
        with_fields(more=1),
        with_fields(people=[{}]),
        with_person(sign_in="C017"),
        with_person(sign_in="josé"),
        with_person(sign_in="c017\n"),
        with_person(person="María"),
        with_person(places=[]),
        with_person(places=["../D01"]),
        with_person(role="jefe"),
        with_person(code="JBSWY3DP"),
        with_person(name="María Peña"),
        with_person(password=person("c017").password.replace("m=19456", "m=4194304")),
        with_person(password="$argon2i" + person("c017").password[9:]),
        signed(
            f"{ORIGIN}\n{msgspec.json.encode(roster(person('c017'), person('c017'))).decode()}\n"
        ),
    ],
    ids=range(26),
)
def test_what_is_no_list_is_refused_and_none_of_it_is_told(data):
    with pytest.raises(RosterRefused) as told:
        open_roster(data, KEY)
    assert told.value.code in {RosterCode.MALFORMED, RosterCode.NOT_SIGNED}
    for secret in ("María", SECRET, "argon2"):
        assert secret not in str(told.value)


def test_it_is_good_from_and_until():
    one = roster()
    check_time(one, NOW)
    with refused(RosterCode.EXPIRED):
        check_time(one, one.valid_until)
    with refused(RosterCode.NOT_YET):
        check_time(one, one.valid_from - timedelta(seconds=1))


def test_an_older_list_is_refused_and_another_one_of_the_same_number():
    second = open_roster(seal_roster(roster(number=2), SIGNER), KEY)
    seen = Seen(2, second.digest)
    check_newest(second, None)
    check_newest(second, seen)
    check_newest(open_roster(seal_roster(roster(number=3), SIGNER), KEY), seen)
    with refused(RosterCode.OLDER):
        check_newest(open_roster(WHOLE, KEY), seen)
    other = structs.replace(roster(number=2), people=())
    with refused(RosterCode.OLDER):
        check_newest(open_roster(seal_roster(other, SIGNER), KEY), seen)


def test_a_list_that_others_may_read_is_not_used(tmp_path):
    path = sealed(tmp_path, roster())
    assert read_roster(path, KEY).roster == roster()
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        with refused(RosterCode.EXPOSED):
            read_roster(path, KEY)


def test_a_list_that_is_not_there_says_so(tmp_path):
    with refused(RosterCode.UNREADABLE):
        read_roster(tmp_path / "nothing", KEY)
    with refused(RosterCode.UNREADABLE):
        read_roster(tmp_path, KEY)


def test_a_list_printed_by_mistake_shows_no_secret():
    for text in (repr(roster()), str(person("c017")), f"{open_roster(WHOLE, KEY)}"):
        assert SECRET not in text
        assert "argon2" not in text
        assert "c017" in text


def test_the_key_says_of_which_election_it_is():
    assert rosters.signer_name(ELECTION) == KEY.name
