"""Which acta is meant: by the code on it, by its id, or by its section."""

from collections.abc import Iterator
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openprep.election import Election, ExpectedActa
from openprep.forms.identity import MARK, read_identity
from openprep.forms.names import casilla_name

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

    def _named(self, acta: str, contest: str | None = None) -> Iterator[Meant]:
        for each, actas in self._election.expected.items():
            if contest in (None, each) and acta in actas:
                yield Meant(each, actas[acta])

    def one(self, contest: str, acta: str) -> Meant | None:
        """The acta of a contest by its id."""
        return next(self._named(acta, contest), None)
