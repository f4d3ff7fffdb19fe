"""The shipped elections with one acta of each form: whole ones take a minute to load."""

import lzma
import shutil
from pathlib import Path

from openprep.election import Election
from openprep.election.declared.folder import load_election

ELECTIONS = Path(__file__).parents[2] / "elections"
CONTESTS = [
    (folder.name, contest.name)
    for folder in sorted(ELECTIONS.iterdir())
    for contest in sorted((folder / "contests").iterdir())
]


def thinned(name: str, place: Path) -> Election:
    """An election with the first acta of each unit, kind of casilla and kind of acta."""
    folder = place / name
    skipped = shutil.ignore_patterns("night", "shape", "catalogue.*")
    shutil.copytree(ELECTIONS / name, folder, ignore=skipped)
    for contest in (ELECTIONS / name / "contests").iterdir():
        with lzma.open(contest / "catalogue.csv.xz", "rt") as rows:
            kept = {_form_in(row): row for row in reversed(rows.readlines())}
        catalogue = folder / "contests" / contest.name / "catalogue.csv"
        catalogue.write_text("".join(reversed(kept.values())))
    return load_election(folder)


def _form_in(row: str) -> tuple[str, ...]:
    """What tells the form of an acta from another: its unit, its kind, its ``tipo_acta``."""
    acta = row.split(",")
    return acta[1], acta[3], acta[7]
