"""The papers of a simulated night: what stands on each, and its photograph.

A simulated person reads from here what a person's eye reads on the paper.
"""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from openprep.desks.figures import key_of
from openprep.durable import make_folder, write_durably
from openprep.election import WITHOUT_ACTA, Acta, Election, FieldState, Observation, VoteField
from openprep.forms.blank import Blank, blank_for
from openprep.forms.camera import Camera, photograph
from openprep.forms.filled import Figures, figures_of, filled
from openprep.forms.identity import sign_identity

LONGER_SIDE = 1600
"""Pixels of a photograph: its codes are read well, and it is straightened in less than a second."""

DOTS_PER_INCH = 150


class Paper(Struct, frozen=True):
    """An expected acta of a simulated night; ``acta`` is what stands on it, if anything came.

    ``for_visitor`` is left to whoever looks in.
    """

    contest: str
    id: str
    acta: Acta | None
    for_visitor: bool = False

    @property
    def missing(self) -> Observation | None:
        """Why there is no acta, where that is said."""
        words = () if self.acta is None else self.acta.observations
        return next((word for word in words if word in WITHOUT_ACTA), None)

    @property
    def is_there(self) -> bool:
        """Whether there is a paper that somebody can hold."""
        return self.acta is not None and self.missing is None

    @property
    def letters_differ(self) -> bool:
        """Whether an amount in letters and in numbers are two."""
        return self.acta is not None and (
            Observation.LETRA_DISTINTA_DE_NUMERO in self.acta.observations
        )

    @property
    def figures(self) -> Figures:
        """What stands in each field, by its name; letters prevail."""
        return {} if self.acta is None else figures_of(self.acta)

    @property
    def keys(self) -> dict[str, str]:
        """What a person types into each field that the form has."""
        absent = (FieldState.NOT_ON_BALLOT, FieldState.NOT_APPLICABLE, FieldState.SIN_ACTA)
        return {name: key_of(value) for name, value in self.figures.items() if value not in absent}


class Papers(Struct, frozen=True):
    """All expected actas of a district, in the order in which they come."""

    seed: int
    papers: tuple[Paper, ...]

    @classmethod
    def load(cls, path: Path) -> "Papers":
        """Read ``papers.json``."""
        return msgspec.json.decode(path.read_bytes(), type=cls)

    def __iter__(self) -> Iterator[Paper]:
        return iter(self.papers)


class Album:
    """The photographs of the papers, each drawn when it is first asked for; ``key`` signs codes."""

    def __init__(self, folder: Path, election: Election, key: Ed25519PrivateKey, seed: int) -> None:
        self._folder = folder
        self._election = election
        self._key = key
        self._seed = seed

    def code(self, paper: Paper) -> str:
        """The signed code on a paper, as a hand scanner types it."""
        return sign_identity(self._blank(paper).identity, self._key)

    def path(self, paper: Paper) -> Path:
        """Where the photograph of a paper is once it was drawn."""
        return self._folder / f"{paper.contest}-{paper.id}.jpg"

    def photo(self, paper: Paper) -> bytes:
        """The photograph of a paper: the same for the same seed."""
        path = self.path(paper)
        if not path.is_file():
            make_folder(self._folder)
            write_durably(path, self._drawn(paper))
        return path.read_bytes()

    async def taken(self, paper: Paper) -> bytes:
        """The same, in a thread of its own."""
        return await asyncio.to_thread(self.photo, paper)

    def _drawn(self, paper: Paper) -> bytes:
        said = f"{self._seed} {paper.contest} {paper.id}"
        seed = int.from_bytes(sha256(said.encode()).digest()[:4])
        written = paper.figures
        sheet = filled(
            self._blank(paper),
            self.code(paper),
            _with_a_slip(written) if paper.letters_differ else written,
            letters=written,
            seed=seed,
            dots_per_inch=DOTS_PER_INCH,
        )
        camera = msgspec.structs.replace(Camera.somebodys(seed), longer_side=LONGER_SIDE)
        return photograph(sheet, camera).jpeg

    def _blank(self, paper: Paper) -> Blank:
        return blank_for(self._election, paper.contest, paper.id)


def _with_a_slip(figures: Figures) -> Figures:
    """The first amount that has two different digits, with these exchanged."""
    for name, value in figures.items():
        slip = exchanged(value)
        if slip != value:
            return {**figures, name: slip}
    return figures


def exchanged(value: VoteField) -> VoteField:
    """A figure with its last two digits exchanged; itself where it has no two."""
    if not isinstance(value, int) or value < 10:
        return value
    rest, last = divmod(value, 10)
    rest, before = divmod(rest, 10)
    return (rest * 10 + last) * 10 + before
