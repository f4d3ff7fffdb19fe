"""An election: a declared, validated folder of facts that every other room works from."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from zoneinfo import ZoneInfo

from msgspec import Struct

from openprep.election.area_path import own_id, unit_of
from openprep.election.catalogue import CasillaKind, ExpectedActa
from openprep.election.contest import Contest, Level, Party
from openprep.election.summary import VotesOverList


class Participation(Enum):
    """Which votes stand over the lista nominal in PORCENTAJE_PARTICIPACION_CIUDADANA (B.4 #13)."""

    SPECIAL_CASILLAS_IN_LAST_CUT = "special_casillas_in_last_cut"
    """S_CS during operation, C_CS in the last cut only (Anexo 13 num. 29)."""
    SPECIAL_CASILLAS_NEVER = "special_casillas_never"
    SPECIAL_CASILLAS_ALWAYS = "special_casillas_always"

    def of_whole(self, *, closing: bool) -> VotesOverList:
        """Which votes stand over the lista nominal of a whole contest; ``closing``: the last cut.

        The centre counts by this and the check of a database judges by it.
        """
        last = closing and self is Participation.SPECIAL_CASILLAS_IN_LAST_CUT
        if last or self is Participation.SPECIAL_CASILLAS_ALWAYS:
            return VotesOverList.WITH_SPECIAL
        return VotesOverList.WITHOUT_SPECIAL


class Flavour(Enum):
    """Which norm the official databases are written to."""

    LOCAL_2024 = "local-2024"
    FEDERAL_2024 = "federal-2024"


class Quirk(Enum):
    """A habit of a real authority's generator, reproduced only where a folder declares it."""

    TOTALS_WITH_DECIMAL = "totals-with-decimal"
    """TOTAL_VOTOS_C_CS and S_CS written as ``2658993.0``."""
    CONTIGUAS_FROM_10_AS_01 = "contiguas-from-10-as-01"
    """Contiguas numbered 10 and above written as 01, in their keys too."""


class DatabaseShape(Struct, frozen=True):
    """How one contest's official database is named and headed."""

    heading: str
    """First line of the file."""
    stem: str
    """File name before ``.csv``: ``PUE_GUB_2024``."""
    candidacies_stem: str
    package: str
    """Contest part of the inner ZIP's name: ``GUB_PUE`` in ``20240603_2000_PREP_GUB_PUE.zip``."""
    unit_id_column: str
    unit_name_column: str
    candidacy_columns: tuple[str, ...]
    """Column names of the candidacies file, in order."""


class Databases(Struct, frozen=True):
    """How the official databases are written."""

    flavour: Flavour
    quirks: frozenset[Quirk]
    shapes: Mapping[str, DatabaseShape]


class Window(Struct, frozen=True, dict=True):
    """When results are public: from ``opens`` to ``closes``, in the entity's ``time_zone``."""

    opens: datetime
    closes: datetime
    time_zone: str

    @cached_property
    def zone(self) -> ZoneInfo:
        """The official zone, for every time shown to people."""
        return ZoneInfo(self.time_zone)

    def local(self, at: datetime) -> datetime:
        """``at`` in the official zone."""
        return at.astimezone(self.zone)


class CutPeriods(Struct, frozen=True):
    """How often results are published: live cuts in seconds, official databases in minutes."""

    live_seconds: int
    database_minutes: int

    @property
    def database_period(self) -> timedelta:
        """The period of the official databases; at most 20 minutes (A.5, 18 and 19)."""
        return timedelta(minutes=self.database_minutes)


PLAUSIBLE_VOTES = 10_000
"""More than any acta had: the largest of Puebla 2024, a mesa of votes from abroad, has 9,967."""


class Rules(Struct, frozen=True):
    """Rules that differ between authorities."""

    participation: Participation
    excess_exempt: frozenset[CasillaKind]
    """Kinds to which EXCEDE LISTA NOMINAL is not applied."""
    plausible_votes: int = PLAUSIBLE_VOTES
    """Most votes that one acta is believed to have before somebody looked at it."""
    capture_places: int = 1
    """From how many places the two captures of an acta come."""


class Root(Struct, frozen=True):
    """The area that the whole election covers: a nation, an entity or a municipality."""

    level: Level
    id: str
    name: str


class Area(Struct, frozen=True):
    """One area below the root. ``path`` joins the ids from the root down: ``"21/001"``."""

    level: Level
    path: str
    name: str

    @property
    def id(self) -> str:
        """The area's own id, zero padded as the authority writes it."""
        return own_id(self.path)


class Election(Struct, frozen=True, dict=True):
    """Everything that is declared before the first acta arrives.

    ``areas`` holds the areas below the root by level and path, in the order of the geography;
    ``catalogues`` holds, by contest id, the expected actas in the order of the official database;
    ``digest`` is the SHA-256 of the folder, the identity of these rules.
    """

    id: str
    name: str
    authority: str
    drill: bool
    root: Root
    window: Window
    cuts: CutPeriods
    rules: Rules
    parties: Mapping[str, Party]
    areas: Mapping[tuple[Level, str], Area]
    contests: Mapping[str, Contest]
    catalogues: Mapping[str, tuple[ExpectedActa, ...]]
    databases: Databases
    digest: str
    seed: int | None = None
    """What a generated drill was made from; ``None`` for an election that people vote in."""
    districting: int | None = None
    """Year of the limits of the federal districts, where the election is run on them."""

    @cached_property
    def expected(self) -> Mapping[str, Mapping[str, ExpectedActa]]:
        """Expected actas by contest and id."""
        return {
            contest: {acta.id: acta for acta in catalogue}
            for contest, catalogue in self.catalogues.items()
        }

    def entity_of(self, acta: ExpectedActa, contest: Contest) -> tuple[str, str]:
        """Id and name of the entity of ``acta``: the root's, or the area's own."""
        if Level.ENTITY not in contest.levels:
            return self.root.id, self.root.name
        depth = contest.levels.index(Level.ENTITY) + 1
        path = unit_of(acta.area, depth)
        area = self.areas[Level.ENTITY, path]
        return area.id, area.name
