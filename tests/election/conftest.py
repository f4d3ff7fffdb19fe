"""A copy of a shipped election folder."""

import shutil
from pathlib import Path

import pytest

from election.shipped import ELECTIONS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a small shipped folder that a test may spoil."""
    copy = tmp_path / "election"
    shutil.copytree(ELECTIONS / "federal-2018-presidencia", copy)
    catalogue = copy / "contests/PRES/catalogue.csv"
    header = (
        "acta,area,seccion,kind,number,extension,location,tipo_acta,lista_nominal,representatives"
    )
    row = "010338B01002,01/01,0338,B,1,0,1,2,587,"
    catalogue.write_text(f"{header}\n{row}\n")
    (copy / "contests/PRES/catalogue.csv.xz").unlink()
    return copy
