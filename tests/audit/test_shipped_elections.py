"""An honest night of each shipped election passes the audit, whatever its columns are called."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from audit.liar import audited, failed
from openprep.cuts.cutter import CutOrder, Cutter
from openprep.election import MESAS, ColumnKind
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.hosting import TreeDirectory
from openprep.record.state import Version
from openprep.wire.note import Signer
from small.election import acta

ELECTIONS = Path(__file__).parent.parent.parent / "elections"
SHIPPED = sorted(path.parent.name for path in ELECTIONS.glob("*/election.toml"))


def shortened(election):
    """The election with three ordinary actas a contest: a night that a test can audit."""
    catalogues = {
        contest: tuple(acta for acta in actas if acta.kind not in MESAS)[:3]
        for contest, actas in election.catalogues.items()
    }
    return structs.replace(election, catalogues=catalogues)


def acta_of(contest, expected, at):
    votes = tuple(
        3 if column.kind is not ColumnKind.COMBINATION else 1 for column in contest.columns
    )
    return structs.replace(
        acta(0),
        contest=contest.id,
        acta=expected.id,
        votes=votes,
        total_written=sum(votes),
        image_sha256=None,
        received_at=at,
        captured_at=at,
        verified_at=at,
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_an_honest_night_of_a_shipped_election_passes_with_its_databases(name, tmp_path):
    election = shortened(load_election(ELECTIONS / name))
    signer = Signer(f"{election.id}/center", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    cutter = Cutter(election, TreeDirectory(tmp_path), signer)
    opens, closes = election.window.opens, election.window.closes
    previous = cut(cutter, CutOrder(0, CutKind.ZERO, opens, 0, None))
    at = opens + timedelta(minutes=5)
    versions = [
        Version(number, at, "D01", acta_of(contest, election.catalogues[contest.id][0], at))
        for number, contest in enumerate(election.contests.values(), 1)
    ]
    cutter.learn(versions)
    database = cutter.write_database(cutter.snapshot(closes, closing=True))
    cut(cutter, CutOrder(1, CutKind.CLOSING, closes, len(versions), previous, [database]))
    report = audited(tmp_path, signer.verifier)
    assert failed(report) == set()
    rows = next(outcome for outcome in report.outcomes if outcome.code == "X035")
    assert rows.looked_at >= 3 * len(election.contests)


def test_a_database_cut_made_late_is_not_taken_for_the_next_of_a_night_that_opens_amid_a_minute(
    tmp_path,
):
    """The cut of 20:01:50 is made at 20:02:05, and the database of 20:02:50 names that minute."""
    election = shortened(load_election(ELECTIONS / SHIPPED[0]))
    opens = election.window.opens + timedelta(seconds=50)
    election = structs.replace(election, window=structs.replace(election.window, opens=opens))
    signer = Signer(f"{election.id}/center", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    cutter = Cutter(election, TreeDirectory(tmp_path), signer)
    previous = cut(cutter, CutOrder(0, CutKind.ZERO, opens, 0, None))
    made = [opens + timedelta(seconds=75), opens + timedelta(minutes=2)]
    contest = next(iter(election.contests.values()))
    listed = []
    for number, at in enumerate(made, 1):
        order = CutOrder(number, CutKind.DATABASE, at, number - 1, previous, listed)
        previous = cut(cutter, order)
        listed = [cutter.write_database(cutter.snapshot(opens + timedelta(minutes=number)))]
        expected = election.catalogues[contest.id][number - 1]
        cutter.learn([Version(number, at, "D01", acta_of(contest, expected, at))])
    cut(cutter, CutOrder(3, CutKind.LIVE, opens + timedelta(minutes=3), 2, previous, listed))
    assert failed(audited(tmp_path, signer.verifier)) == set()


def cut(cutter, order):
    made = cutter.make(order)
    cutter.activate(made)
    return made.event.manifest_sha256
