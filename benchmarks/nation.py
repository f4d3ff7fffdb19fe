"""A federal night from a seed: three contests, about 515,000 actas, end to end and in parts.

The night (at 1 %, 10 % and 100 % of the sections): signed envelopes, durable record, tabulation,
live cuts, official databases at every sixth hour, one publisher that counted the last cut again
from its actas and shows it. Then, with the whole record: a cold start of the centre, a live cut of
1,000 actas from the first look at the state to the pointer flipped, all three contests added up
again, and the official ZIP.

``python -m benchmarks.nation 0.01 0.1`` measures those scales only; the last one is taken apart.
"""

import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks.telling import command, tell
from benchmarks.watched_night import relive
from openprep.cuts.cutter import CutOrder, Cutter
from openprep.cuts.signing_key import load_signer
from openprep.drill.demo.nights import generated_night
from openprep.drill.nation.shape import Shape
from openprep.election import Acta, Election
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.hosting import TreeDirectory
from openprep.pages.kit import Kit
from openprep.record.ledger import Ledger
from openprep.record.sqlite import Record
from openprep.record.state import State
from openprep.tabulation import Contributions, lay_out, tabulate
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.ref import pack_path
from openprep.wire.log.tiles import ENTRIES, WIDTH, decode_bundle, tiles_of
from openprep.wire.note import Signer

SCALES = (0.01, 0.1, 1.0)
SEED = 2024
NEW = 1000


def night(folder: Path, scale: float) -> dict[str, object]:
    own = generated_night(folder, "federal-2024", SEED, scale, Shape.TIED)
    began = time.perf_counter()
    own.prepare()
    generated = time.perf_counter() - began
    return {"scale": scale, "generated_seconds": round(generated, 1), **relive(folder, own)}


def cold_start(folder: Path) -> tuple[dict[str, object], Election, State, Signer]:
    """From opening the record to a cutter that has made its log and packed the last cut anew."""
    election = load_election(folder / "drill" / "election")
    began = time.perf_counter()
    record = Record.open(folder / "center" / "record.sqlite", election.id, election.digest)
    ledger = Ledger(record, election.rules)
    folded = time.perf_counter() - began
    signer = load_signer(folder / "center" / "center.key", election.id)
    tree = TreeDirectory(folder / "center" / "public")
    cutter = Cutter(election, tree, signer, Kit.load())
    cutter.replay(ledger.state)
    cutter.resume(manifest_of(tree, ledger.state.cuts[-1].number))
    seconds = time.perf_counter() - began
    record.close()
    found: dict[str, object] = {
        "cold_start_seconds": round(seconds, 1),
        "of_which_folding": round(folded, 1),
    }
    return found, election, ledger.state, signer


def manifest_of(tree: TreeDirectory, cut: int) -> wire.Manifest:
    data = tree.read(wire.manifest_path(cut))
    assert data is not None
    return wire.decode(data, wire.Manifest)


def live_cuts(
    folder: Path, election: Election, state: State, signer: Signer, rounds: int = 5
) -> tuple[Cutter, dict[str, object]]:
    """Cuts of 1,000 actas each, over all the others: milliseconds and bytes."""
    tree = TreeDirectory(folder / "live")
    cutter = Cutter(election, tree, signer, Kit.load())
    fresh = rounds * NEW
    cutter.learn(state.versions[:-fresh])
    opens = election.window.opens
    previous: str | None = None
    took, sizes = [], []
    for number in range(rounds + 1):
        order = CutOrder(number, CutKind.LIVE, opens + timedelta(seconds=number), number, previous)
        end = len(state.versions) - fresh + number * NEW
        began = time.perf_counter()
        if number:
            cutter.learn(state.versions[end - NEW : end])
        made = cutter.make(order)
        cutter.activate(made)
        took.append(time.perf_counter() - began)
        sizes.append(written(tree, number))
        previous = made.event.manifest_sha256
    return cutter, {
        "live_cut_of_1000_milliseconds": round(statistics.median(took[1:]) * 1000),
        "live_cut_bytes_per_acta": round(statistics.median(sizes[1:]) / NEW),
        "first_cut_seconds": round(took[0], 1),
    }


def written(tree: TreeDirectory, cut: int) -> int:
    """Bytes of the leaves and objects that a cut brought."""
    ends = [manifest_of(tree, number).leaf for number in (cut - 1, cut) if number >= 0]
    leaves = sum(len(entry) for entry in entries_between(tree, ends[0] + 1, ends[-1] + 1))
    return leaves + (tree.size_of(pack_path(tree.packs()[-1])) or 0)


def entries_between(tree: TreeDirectory, start: int, end: int) -> Iterator[bytes]:
    """Entries of the log."""
    for tile in tiles_of(end):
        if tile.level == ENTRIES and tile.end > start:
            first = tile.index * WIDTH
            yield from decode_bundle(tree.read(tile.path) or b"", tile.width)[
                max(0, start - first) :
            ]


def tabulations(election: Election, state: State, rounds: int = 7) -> dict[str, object]:
    """Each contest added up from what its actas contribute, which a centre has at hand."""
    standing: dict[str, dict[str | None, Acta]] = {contest: {} for contest in election.contests}
    for version in state.versions:
        standing[version.acta.contest][version.acta.acta] = version.acta
    contests = []
    for contest in election.contests.values():
        catalogue = election.catalogues[contest.id]
        own = Contributions(contest, catalogue, election.rules)
        places = {expected.id: place for place, expected in enumerate(catalogue)}
        captured = standing[contest.id]
        own.capture({places[acta]: captured[acta] for acta in places.keys() & captured.keys()})
        contests.append((lay_out(contest, catalogue, election.root.level), own))
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        for layout, own in contests:
            tabulate(layout, own)
        took.append(time.perf_counter() - began)
    return {"tabulation_milliseconds": round(statistics.median(took) * 1000)}


def databases(cutter: Cutter, election: Election) -> dict[str, object]:
    closes = election.window.closes
    took = []
    for _ in range(2):
        began = time.perf_counter()
        file = cutter.write_database(cutter.snapshot(closes, closing=True))
        took.append(time.perf_counter() - began)
    return {
        "database_seconds": round(took[0], 1),
        "database_again_seconds": round(took[1], 1),
        "database_megabytes": round(file.file.size / 2**20, 1),
    }


def measure(scales: Sequence[float]) -> Iterator[dict[str, object]]:
    for scale in scales:
        with tempfile.TemporaryDirectory(dir=".") as name:
            folder = Path(name)
            yield {"part": "night", **night(folder, scale)}
            if scale == scales[-1]:
                yield {"part": "centre", "scale": scale, **parts(folder)}


def parts(folder: Path) -> dict[str, object]:
    started, election, state, signer = cold_start(folder)
    cutter, cuts = live_cuts(folder, election, state, signer)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        **started,
        **cuts,
        **tabulations(election, state),
        **databases(cutter, election),
        "peak_megabytes": peak,
    }


if __name__ == "__main__":
    parser = command(__doc__)
    parser.add_argument("scale", nargs="*", type=float, default=SCALES, help="of the nation")
    for found in measure(parser.parse_args().scale):
        tell("nation", found)
