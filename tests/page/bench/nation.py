"""A nation at the size of a test: three federal contests, generated and published for real.

The shipped federal folder is thinned to a section or two a district, and one district of forty
(three runs). The drill is generated from it as from the whole, with the same seed.
"""

import csv
import lzma
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.cuts.cutter import CutOrder, Cutter
from openprep.drill.nation.generate import Order, generate
from openprep.drill.nights.schedule import read_schedule
from openprep.drill.nights.shipped import shipped_election
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.hosting import TreeDirectory
from openprep.pages.kit import Kit
from openprep.record.facts import ActaCorrected
from openprep.record.state import Version
from openprep.wire.note import Signer
from page.bench.publishing import Published

SEED = 7
LARGE = ("21", "05")
"""Entity and district of the one district with many sections."""
MANY, FEW = 40, 1
LAST = timedelta(hours=8)
"""The cut shown: some districts have reported, and others have not."""


def thin(target: Path) -> None:
    """The shipped election with a few sections of each district; special casillas in the first."""
    shipped = shipped_election("federal-2024")
    shutil.copytree(shipped, target, ignore=shutil.ignore_patterns("catalogue.*"))
    for packed in shipped.glob("contests/*/catalogue.csv.xz"):
        with lzma.open(packed, "rt", encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        path = target / packed.relative_to(shipped).with_suffix("")
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *_few(rows)])


def _few(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    kept: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    with_special: set[tuple[str, ...]] = set()
    for row in rows:
        district, seccion, kind = tuple(row[1].split("/")[-2:]), row[2], row[3]
        sections = kept[district]
        most = MANY if district == LARGE else FEW
        first_special = kind == "S" and district[1] == "01" and district not in with_special
        if not seccion or seccion in sections or len(sections) < most or first_special:
            if first_special:
                with_special.add(district)
            if seccion:
                sections[seccion] = None
            yield row


class Nation(Published):
    """Publishes the drill into ``folder``, cut by cut, as its stations report."""

    def __init__(self, drill: Path, folder: Path, page: Kit) -> None:
        self.declared = load_election(drill / "election")
        self.tree = TreeDirectory(folder)
        self.page = page
        self.signer = Signer(
            f"{self.declared.id}/center", Ed25519PrivateKey.from_private_bytes(b"1" * 32)
        )
        self.cutter = Cutter(self.declared, self.tree, self.signer, page)
        self.cut = -1
        self.previous: str | None = None
        arrivals = (
            arrival for path in drill.glob("schedules/*.jsonl") for arrival in read_schedule(path)
        )
        self._arrivals = sorted(arrivals, key=lambda arrival: arrival.at)
        self._standing: dict[tuple[str, str | None], Version] = {}
        self._learnt = 0

    def make(self, kind: CutKind, at: datetime) -> None:
        """Learn what arrived until ``at``, and cut."""
        self.cut += 1
        while self._learnt < len(self._arrivals) and self._arrivals[self._learnt].at <= at:
            self._learn()
        order = CutOrder(self.cut, kind, at, self._learnt, self.previous)
        made = self.cutter.make(order)
        self.cutter.activate(made)
        self.previous = made.event.manifest_sha256

    def _learn(self) -> None:
        arrival = self._arrivals[self._learnt]
        self._learnt += 1
        fact = arrival.fact
        key = fact.acta.contest, fact.acta.acta
        corrects = isinstance(fact, ActaCorrected)
        version = Version(
            self._learnt,
            arrival.at,
            "D0101",
            fact.acta,
            fact.reason if isinstance(fact, ActaCorrected) else "",
            self._standing[key].number + 1 if corrects else 1,
        )
        self._standing[key] = version
        self.cutter.learn([version])

    def to_last(self) -> "Nation":
        """Cut 0 at zero and cut 1 at :data:`LAST`."""
        opens = self.declared.window.opens
        self.make(CutKind.ZERO, opens)
        self.make(CutKind.LIVE, opens + LAST)
        return self


def drill_of(folder: Path) -> Path:
    """Thin and generate into ``folder``, once."""
    drill = folder / "drill"
    if not drill.exists():
        thin(folder / "thinned")
        generate(Order(folder / "thinned", SEED), drill)
    return drill
