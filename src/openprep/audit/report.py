"""What an audit found: each check with what it looked at, how often it failed, and where first."""

from enum import Enum

from msgspec import Struct

from openprep.audit.codes import AuditCode
from openprep.coded import said

LONGEST_PLACE = 300
"""Characters of a place in a report: what is audited must not fill a terminal."""

CHECKS = tuple(
    code for code in AuditCode if "X010" <= code.code < "X040" or "X050" <= code.code < "X060"
)
"""The checks of a tree, in the order of a report."""


class State(Enum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - a state, no password
    FAIL = "fail"
    NOT_REACHED = "not_reached"
    """Nothing of it could be looked at: there is none, or the audit had to stop before."""


class Outcome(Struct, frozen=True):
    """One check. ``places`` are the first failures; ``note`` says more where there is more."""

    code: str
    check: str
    state: State
    looked_at: int
    failed: int
    places: tuple[str, ...]
    note: str


class Report(Struct, frozen=True):
    """An audit of one cut."""

    schema: int
    place: str
    election: str
    origin: str
    cut: int | None
    time: str | None
    kind: str | None
    size: int
    """Leaves of the log."""
    root: str
    """Merkle root of the log, in base64."""
    trust: str
    """What the keys were taken from."""
    passed: bool
    outcomes: tuple[Outcome, ...]


class Findings:
    """Collects what is looked at and what fails."""

    def __init__(self, most_places: int = 3) -> None:
        self._most_places = most_places
        self._looked: dict[AuditCode, int] = {}
        self._failed: dict[AuditCode, int] = {}
        self._places: dict[AuditCode, list[str]] = {}
        self._notes: dict[AuditCode, str] = {}

    def looked(self, code: AuditCode, count: int = 1) -> None:
        """Count what was looked at."""
        self._looked[code] = self._looked.get(code, 0) + count

    def count(self, code: AuditCode) -> int:
        """How much was looked at."""
        return self._looked.get(code, 0)

    def fail(self, code: AuditCode, template: str, /, **facts: object) -> None:
        """Note a failure and where it is; in words only where that will be shown."""
        self._failed[code] = self._failed.get(code, 0) + 1
        places = self._places.setdefault(code, [])
        if len(places) < self._most_places:
            places.append(str(said(template, **facts))[:LONGEST_PLACE])

    def expect(self, holds: bool, code: AuditCode, template: str, /, **facts: object) -> bool:
        """Look at one thing, and note it if it does not hold: only then facts are put in words."""
        self.looked(code)
        if not holds:
            self.fail(code, template, **facts)
        return holds

    def note(self, code: AuditCode, template: str, /, **facts: object) -> None:
        """Say more about a check."""
        self._notes[code] = str(said(template, **facts))

    @property
    def failed(self) -> frozenset[AuditCode]:
        """Checks that failed."""
        return frozenset(self._failed)

    def outcomes(self) -> tuple[Outcome, ...]:
        """Every check, in order."""
        return tuple(self._outcome(code) for code in CHECKS)

    def _outcome(self, code: AuditCode) -> Outcome:
        looked, failed = self._looked.get(code, 0), self._failed.get(code, 0)
        state = State.FAIL if failed else State.PASS if looked else State.NOT_REACHED
        return Outcome(
            code=code.code,
            check=str(TITLES[code]),
            state=state,
            looked_at=looked,
            failed=failed,
            places=tuple(self._places.get(code, ())),
            note=self._notes.get(code, ""),
        )


TITLES = {
    AuditCode.CHECKPOINT: said("checkpoint signed by the log's key"),
    AuditCode.COSIGNATURES: said("cosigned by publishers"),
    AuditCode.LOG_ENTRIES: said("log entries and tiles under the signed root"),
    AuditCode.LOG_RULES: said("rules of the log"),
    AuditCode.SIGNED_CUTS: said("earlier signed checkpoints"),
    AuditCode.MANIFESTS: said("manifests"),
    AuditCode.POINTER: said("pointer"),
    AuditCode.DESCRIPTION: said("election and its rules"),
    AuditCode.RESULTS: said("results signed, composed from the log"),
    AuditCode.FILES: said("files"),
    AuditCode.OBJECTS: said("result objects"),
    AuditCode.PLACES: said("places of areas and actas"),
    AuditCode.ACTAS_IN_LOG: said("actas shown, those of the log"),
    AuditCode.LOG_IN_TREE: said("actas of the log, shown"),
    AuditCode.SUMMARY: said("13 figures"),
    AuditCode.VOTES: said("votes by column"),
    AuditCode.CANDIDACIES: said("votes by candidacy"),
    AuditCode.PARTIES: said("votes by party (LGIPE 311.1.c)"),
    AuditCode.BALANCE: said("candidacies = parties = actas"),
    AuditCode.WON: said("constituencies led, first minorities"),
    AuditCode.PROPORTIONAL: said("proportional actas apart"),
    AuditCode.GROUPS: said("groups of actas: by location and kind"),
    AuditCode.CHILDREN: said("lists of areas"),
    AuditCode.ZERO: said("opened at zero, with every acta"),
    AuditCode.DATABASE_FIGURES: said("databases: 13 figures"),
    AuditCode.DATABASE_ROWS: said("databases: rows"),
    AuditCode.IMAGES: said("images"),
    AuditCode.IMAGE_CODES: said("images: printed codes"),
    AuditCode.CODES_NOT_READ: said("images: all read for codes"),
    AuditCode.RELEASE: said("pages: release known"),
    AuditCode.PAGE_FILES: said("pages: files of the release"),
    AuditCode.FOREIGN_CODE: said("pages: no foreign code"),
    AuditCode.PAGE_FIGURES: said("pages: figures, as read"),
    AuditCode.PAGE_BYTES: said("pages: rendered again"),
}
