"""The page's sources, and whether what is built is of them."""

import os
import subprocess
import sys
from pathlib import Path

from openprep.pages.kit import BUILT_PAGE

REPOSITORY = Path(__file__).parents[3]
SITE = REPOSITORY / "site"


def _newest(*folders: Path) -> float:
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return max(file.stat().st_mtime for file in files)


def npm(*arguments: str) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = ["npm", "--prefix", str(SITE), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def is_stale() -> bool:
    index = BUILT_PAGE / "release.json"
    if not index.exists():
        return True
    sources = [SITE / "src", SITE / "templates"]
    single = [
        SITE / name
        for name in (
            "index.html",
            "package-lock.json",
            "release.ts",
            "vite.config.ts",
            "vite.standing.config.ts",
        )
    ]
    newest = max(_newest(*sources), *(file.stat().st_mtime for file in single))
    return index.stat().st_mtime < newest
