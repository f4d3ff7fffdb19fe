"""Drills of a corner of the nation, and a real cutter that lives their night without processes.

The corner has six entities of the shipped federal folder, in all five circunscripciones: 16 of its
300 districts, with a special casilla, partial coalitions and two independents among them.
"""

import csv
import lzma
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.cuts.cutter import CutOrder, Cutter
from openprep.drill.nation.final import Final
from openprep.drill.nation.generate import Order, generate
from openprep.drill.nation.shape import Shape
from openprep.drill.nights.schedule import Arrival, read_schedule
from openprep.election import Level
from openprep.election.acta import Acta
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.election.remit import EVERYTHING, Remit
from openprep.hosting import TreeDirectory
from openprep.mirror.verify.log import MirroredLog
from openprep.record.events import EnvelopeReceived
from openprep.record.facts import Envelope
from openprep.record.state import State
from openprep.transmission.inbox.checks import check_facts
from openprep.transmission.inbox.judging import Judge
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.ref import hex_digest
from openprep.wire.cut.results import AreaResults, ChildArea
from openprep.wire.log.checkpoint import open_checkpoint
from openprep.wire.note import Signer
from small.reading import Reading, ShownSection

FEDERAL = Path(__file__).parent.parent.parent / "elections/federal-2024"
CONTESTS = ("PRES", "SEN", "DIP_FED")
ENTITIES = ("01", "03", "04", "06", "29", "32")
SECTIONS = 3
"""Sections kept of each district, those of its special casillas first."""


@cache
def _workshop() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="openprep-drill-")


def _new(name: str) -> Path:
    return Path(_workshop().name) / name


@cache
def small_folder() -> Path:
    """The corner as an election folder of its own."""
    folder = _new("corner")
    shutil.copytree(FEDERAL, folder, ignore=shutil.ignore_patterns("catalogue.*"))
    kept = None
    for contest in CONTESTS:
        of_contest = folder / "contests" / contest
        with lzma.open(FEDERAL / "contests" / contest / "catalogue.csv.xz", "rt") as stream:
            header, *rows = [row for row in csv.reader(stream) if row[0][:2] in ("ac", *ENTITIES)]
        kept = kept or _sections(rows)
        _write(of_contest / "catalogue.csv", header, [r for r in rows if (r[0][:2], r[2]) in kept])
        with (of_contest / "candidacies.csv").open(newline="") as stream:
            header, *people = csv.reader(stream)
        here = [row for row in people if row[0] == "*" or set(row[0].split("/")) & set(ENTITIES)]
        _write(of_contest / "candidacies.csv", header, [row for row in here if _within(row[0])])
    return folder


def _within(area: str) -> bool:
    """Whether an area is in the corner: the entity is the second part of three, else the first."""
    parts = area.split("/")
    return area == "*" or parts[-2 if len(parts) > 1 else 0] in ENTITIES


def _sections(rows: Iterable[Sequence[str]]) -> set[tuple[str, str]]:
    special: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    every: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for acta, area, seccion, kind, *_ in rows:
        if seccion:
            every[acta[:2], area].add(seccion)
            if kind == "S":
                special[acta[:2], area].add(seccion)
    kept = {(entity, "") for entity in ENTITIES}
    for (entity, area), sections in every.items():
        first = sorted(
            sections, key=lambda identity: (identity not in special[entity, area], identity)
        )
        kept |= {(entity, seccion) for seccion in first[:SECTIONS]}
    return kept


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])


def small_drill(seed: int, shape: Shape = Shape.TIED, scale: float = 1.0) -> tuple[Path, Final]:
    """The folder of a drill; and what the generator said that it must end at."""
    return _drill(seed, shape, scale)


@cache
def _drill(seed: int, shape: Shape, scale: float) -> tuple[Path, Final]:
    folder = _new(f"drill-{seed}-{shape.value}-{scale}")
    return folder, generate(Order(small_folder(), seed, scale, shape), folder)


def arrivals_of(folder: Path) -> list[tuple[datetime, str, Arrival]]:
    """Everything that the stations of a drill report, in the order of time."""
    paths = sorted((folder / "schedules").glob("*.jsonl"))
    found = [(arrival.at, path.stem, arrival) for path in paths for arrival in read_schedule(path)]
    return sorted(found, key=lambda each: each[:2])


EVERYWHERE = Remit.of([EVERYTHING])


class Centre:
    """A drill's night at a real cutter; every report passes the checks of the inbox."""

    def __init__(self, drill: Path, tree: Path) -> None:
        self.election = load_election(drill / "election")
        self.tree = TreeDirectory(tree)
        name = f"{self.election.id}/center"
        self.signer = Signer(name, Ed25519PrivateKey.from_private_bytes(bytes(32)))
        self.cutter = Cutter(self.election, self.tree, self.signer)
        self.state = State()
        self.manifests: list[wire.Manifest] = []
        self._waiting = arrivals_of(drill)

    def record_until(self, moment: datetime) -> None:
        """Record what was reported before ``moment``, and have the cutter learn it."""
        known = len(self.state.versions)
        while self._waiting and self._waiting[0][0] < moment:
            at, station, arrival = self._waiting.pop(0)
            position = self.state.position + 1
            envelope = Envelope(self.election.id, station, position, at, (arrival.fact,))
            check_facts(envelope, self.election)
            assert Judge(envelope, self.election, self.state, EVERYWHERE).held() == ()
            event = EnvelopeReceived(at, station, position, b"", b"")
            self.state.apply(position, event, envelope.facts)
        self.cutter.learn(self.state.versions[known:])

    def cut(self, at: datetime, kind: CutKind = CutKind.LIVE) -> wire.Manifest:
        """Make the next cut; its manifest."""
        self.record_until(at)
        number = len(self.manifests)
        previous = hex_digest(wire.encode(self.manifests[-1])) if number else None
        order = CutOrder(number, kind, at, self.state.position, previous)
        made = self.cutter.make(order)
        self.cutter.activate(made)
        data = self.tree.read(wire.manifest_path(number))
        self.manifests.append(wire.decode(data, wire.Manifest))
        return self.manifests[-1]

    def log(self, cut: int) -> MirroredLog:
        """The log as a mirror holds it when it has followed as far as ``cut``."""
        note, verifier = self.tree.read(wire.note_path(cut)), self.signer.verifier
        checkpoint = open_checkpoint(note, origin=verifier.name, log=[verifier]).checkpoint
        return MirroredLog.load(self.tree, checkpoint, verifier.name)

    def database(self, at: datetime, *, closing: bool = False) -> tuple[str, bytes]:
        """The bytes of the official database of ``at``."""
        written = self.cutter.write_database(self.cutter.snapshot(at, closing=closing))
        return written.path, self.tree.read(written.path)

    def actas(self, contest: str) -> dict[str, Acta]:
        """The standing acta of each catalogue id."""
        current = self.state.contest(contest).current
        return {acta_id: version.acta for acta_id, version in current.items()}

    def areas(self, manifest: wire.Manifest, contest: str) -> dict[str, AreaResults]:
        """Every area that a cut shows of a contest, by path, down to the units."""
        reading = Reading(self.tree, manifest.cut)
        return {area.path: area for area in reading.areas(contest)}

    def below(self, manifest: wire.Manifest, contest: str) -> dict[str, ChildArea | ShownSection]:
        """What a cut shows in a row of every run and section of a contest, by path."""
        reading = Reading(self.tree, manifest.cut)
        rows = [child for area in reading.areas(contest) for child in area.children]
        runs = {row.path: row for row in rows if row.level is Level.RUN}
        return runs | {section.path: section for section in reading.sections(contest)}
