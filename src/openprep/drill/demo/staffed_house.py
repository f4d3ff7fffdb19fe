"""The house of a demo: its places with their keys, and people with all that they sign in with.

What is handed out on paper elsewhere lies in a file here: everybody in it is made up.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Struct

from openprep.drill.crowd.browser import Pass
from openprep.election import Election
from openprep.people.authority import PUBLIC_FILE, keep_new, load_authority, make_authority
from openprep.people.enlisting import Applicant, Handout, enlist
from openprep.people.roles import Role
from openprep.people.sheet import sheet_of
from openprep.private import create_private
from openprep.transmission.keys import Enrolled, kept_entry, make_station, make_station_key

CATD, CCVS = "CATD1", ("CCV1", "CCV2")

PEOPLE, HANDED_OUT = "people", "passes.json"

OF_THE_VISITOR = (
    ("acopio", Role.ACOPIADOR, CATD),
    ("digital", Role.DIGITALIZADOR, CATD),
    ("captura1", Role.CAPTURISTA, CCVS[0]),
    ("captura2", Role.CAPTURISTA, CCVS[1]),
    ("verifica", Role.VERIFICADOR, CCVS[0]),
    ("coteja", Role.COTEJADOR, CATD),
    ("coordina", Role.COORDINADOR, CATD),
)


class Passes(Struct, frozen=True):
    """Who may sign in: the crowd, and whoever looks in."""

    crowd: tuple[Pass, ...]
    visitor: tuple[Pass, ...]


class StaffedHouse:
    """A house in a demo's folder."""

    def __init__(self, folder: Path, election: Election) -> None:
        self._election = election
        self.root = folder / "house"
        self.places = folder / "places"
        self._people = folder / PEOPLE
        self.roster = self._people / "house.people"
        self.authority = self._people / "keys" / PUBLIC_FILE
        self.label_key = self._people / "labels.key"

    @property
    def sheet(self) -> Path:
        """What everybody is handed, as a page with codes for a telephone's app."""
        return self._people / "sheet.html"

    def enrolled(self) -> list[Enrolled]:
        """The places, made once: one where papers come, and two where they are captured."""
        contests = sorted(self._election.contests)
        made = []
        for place, scopes in (
            (CATD, {"reports": contests, "corrects": contests}),
            *((ccv, {"captures": contests}) for ccv in CCVS),
        ):
            if (self.places / f"{place}.entry.json").is_file():
                made.append(kept_entry(self.places, place))
            else:
                made.append(make_station(self.places, place, place, **scopes))
        return made

    def staff(self, capturistas: int) -> None:
        """Enlist everybody, once; ``capturistas`` are those of the crowd."""
        if self.roster.is_file():
            return
        if not self.authority.is_file():
            make_authority(self.authority.parent, self._election.id)
        authority = load_authority(self.authority.parent)
        window = self._election.window
        valid = window.opens - timedelta(days=1), window.closes + timedelta(days=1)
        listed = [*_of_the_crowd(capturistas), *OF_THE_VISITOR]
        applicants = [
            Applicant(line, name, f"Persona de simulacro {line}", name, role, (place,))
            for line, (name, role, place) in enumerate(listed, 1)
        ]
        roster, handouts = enlist(self.roster, applicants, authority, None, valid)
        if not self.label_key.is_file():
            make_station_key(self.label_key)
        for path in (self._handed_out, self.sheet):
            path.unlink(missing_ok=True)
        passes = [*map(_pass_of, handouts)]
        count = len(passes) - len(OF_THE_VISITOR)
        handed = Passes(tuple(passes[:count]), tuple(passes[count:]))
        create_private(self._handed_out, msgspec.json.encode(handed))
        keep_new(self.sheet, sheet_of(roster.election, roster.number, handouts[count:]))
        keep_new(self.roster, authority.seal(roster))

    @property
    def _handed_out(self) -> Path:
        return self._people / HANDED_OUT


def passes_of(folder: Path) -> Passes:
    """What everybody in a demo's folder signs in with.

    Raises:
        OSError: nobody was handed anything there.
    """
    return msgspec.json.decode((folder / PEOPLE / HANDED_OUT).read_bytes(), type=Passes)


def _of_the_crowd(capturistas: int) -> Iterator[tuple[str, Role, str]]:
    yield "a001", Role.ACOPIADOR, CATD
    yield "d001", Role.DIGITALIZADOR, CATD
    for number in range(capturistas):
        yield f"c{number + 1:03d}", Role.CAPTURISTA, CCVS[number % len(CCVS)]
    yield "v001", Role.VERIFICADOR, CCVS[0]
    yield "k001", Role.COTEJADOR, CATD
    yield "j001", Role.COORDINADOR, CATD
    yield "j002", Role.COORDINADOR, CATD


def _pass_of(one: Handout) -> Pass:
    (secret,) = parse_qs(urlsplit(one.address).query)["secret"]
    return Pass(one.sign_in, one.password, secret, one.places[0], one.role)
