"""Which acta is meant: by the code on it, by its id, or by its section."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.digitising.digitised import Code
from openprep.election import Election, ExpectedActa
from openprep.forms.codes import IdentityRefused
from openprep.forms.identity import MARK, read_identity
from openprep.forms.names import areas_of, casilla_name

MOST_SHOWN = 200
"""A section has fewer casillas, in all contests."""


class Meant(NamedTuple):
    """An acta that the election expects."""

    contest: str
    acta: ExpectedActa

    @property
    def name(self) -> str:
        """What people call it."""
        casilla = casilla_name(self.acta)
        return f"{self.acta.seccion} {casilla}" if self.acta.seccion else casilla


class CodeSays(NamedTuple):
    """The acta that the codes on an image say; or none, and why they are not believed."""

    meant: Meant | None
    why: str = ""


class Where(NamedTuple):
    """Where an expected acta is of: its areas, its section, and its casilla as people call it."""

    areas: str
    section: str
    casilla: str


def where_of(election: Election, contest: str, acta: str) -> Where | None:
    """Where an acta is of by its id; ``None`` of one that nobody identified."""
    expected = election.expected[contest].get(acta)
    if expected is None:
        return None
    areas = areas_of(election, election.contests[contest], expected)
    named = ", ".join(name for _, name in areas)
    return Where(named, expected.seccion, casilla_name(expected))


class Finder:
    """Finds the actas of an election by what somebody types or scans.

    ``key`` signs the identities of actas; without it no code is believed.
    """

    def __init__(self, election: Election, key: Ed25519PublicKey | None) -> None:
        self._election = election
        self._key = key
        self._by_section: dict[int, list[Meant]] = {}
        for contest, catalogue in election.catalogues.items():
            for acta in catalogue:
                if acta.seccion.isdecimal():
                    meant = Meant(contest, acta)
                    self._by_section.setdefault(int(acta.seccion), []).append(meant)

    def meant_by(self, text: str) -> list[Meant]:
        """The actas that are meant; none where nothing is found.

        Raises:
            IdentityRefused: it is a code, and is not believed.
        """
        if text.startswith(f"{MARK}:"):
            if self._key is None:
                return []
            said = read_identity(text, self._election.id, self._key)
            return list(self._named(said.acta, said.contest))
        named = list(self._named(text.upper()))
        if not named and text.isascii() and text.isdecimal() and len(text) <= 6:
            named = self._by_section.get(int(text), [])
        return named[:MOST_SHOWN]

    def said_by(self, codes: Iterable[Code]) -> CodeSays:
        """Whose acta the codes on an image say that it is; of several that disagree none does."""
        meant, why = set(), ""
        for text in {code.text for code in codes if code.text.count(":") > 1}:
            if not text.startswith(f"{MARK}:"):
                continue
            try:
                meant |= set(self.meant_by(text))
            except IdentityRefused as error:
                why = error.code.code
        says = meant.pop() if len(meant) == 1 else None
        return CodeSays(says, "" if says else why)

    def _named(self, acta: str, contest: str | None = None) -> Iterator[Meant]:
        for each, actas in self._election.expected.items():
            if contest in (None, each) and acta in actas:
                yield Meant(each, actas[acta])

    def one(self, contest: str, acta: str) -> Meant | None:
        """The acta of a contest by its id."""
        return next(self._named(acta, contest), None)


def status_of_file(error: NotDigitised) -> int:
    """The HTTP status of a file that became no image: may the same be sent again, or not."""
    if error.code in (DigitisingCode.BUSY, DigitisingCode.NO_DECODER):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.UNPROCESSABLE_ENTITY
