"""The installed page: the only place from which a publisher's form, scripts and worker come."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from openprep.pages.codes import PageCode, PageTrouble
from openprep.wire.release import (
    HEAD_MARKS,
    INDEX_SHELL,
    RELEASE_PATH,
    RESULTS_MARKS,
    TEMPLATE_SUFFIX,
    Release,
    ReleaseError,
    name_of,
    parse_release,
)

BUILT_PAGE = Path(__file__).parent.parent / "_site"
"""Where ``make site`` puts the built page."""

LANDING, CONTEST, TEXT = "landing.html.j2", "contest.html.j2", "text.html.j2"
HEAD = "head.html.j2"
ASSETS = "assets/"


@dataclass(frozen=True)
class Kit:
    """The page of one release, every file of it as the release lists it.

    ``assets`` are by path in the tree, under names that their contents give; ``standing`` are files
    that stand at the tree's root and say nothing of a cut, the release's list among them; ``index``
    is the shell that cuts are rendered into.
    """

    release: Release
    name: str
    assets: Mapping[str, bytes]
    standing: Mapping[str, bytes]
    index: str
    templates: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path = BUILT_PAGE) -> "Kit":
        """Read the built page.

        Raises:
            PageTrouble: MISSING, there is no build in ``folder``; DAMAGED, it is not the one that
                its list says.
        """
        try:
            listed = (folder / RELEASE_PATH).read_bytes()
        except OSError as error:
            raise PageTrouble(
                PageCode.MISSING,
                "{folder}: {release_path} is not there",
                folder=folder,
                release_path=RELEASE_PATH,
            ) from error
        try:
            release = parse_release(listed)
        except ReleaseError as error:
            raise PageTrouble(
                PageCode.DAMAGED, "{path}: {error}", path=folder / RELEASE_PATH, error=error
            ) from error
        files = {name: _read(folder, name, release) for name in release.files}
        if missing := {INDEX_SHELL, LANDING, CONTEST, TEXT, HEAD} - files.keys():
            raise PageTrouble(
                PageCode.DAMAGED,
                "{folder}: the release has no {missing}",
                folder=folder,
                missing=min(missing),
            )
        index = files.pop(INDEX_SHELL).decode()
        for mark in (RESULTS_MARKS[0], "".join(HEAD_MARKS)):
            if index.count(mark) != 1:
                raise PageTrouble(
                    PageCode.DAMAGED,
                    "{folder}: {index_shell} has no one {mark}",
                    folder=folder,
                    index_shell=INDEX_SHELL,
                    mark=mark,
                )
        templates = {name for name in files if name.endswith(TEMPLATE_SUFFIX)}
        assets = {name for name in files if name.startswith(ASSETS)}
        return cls(
            release,
            name_of(release, listed),
            {name: files[name] for name in sorted(assets)},
            {RELEASE_PATH: listed}
            | {name: files[name] for name in sorted(files.keys() - templates - assets)},
            index,
            {name: files[name].decode() for name in sorted(templates)},
        )


def _read(folder: Path, name: str, release: Release) -> bytes:
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise PageTrouble(
            PageCode.DAMAGED, "{path}: {strerror}", path=folder / name, strerror=error.strerror
        ) from error
    if sha256(data).hexdigest() != release.files[name].sha256:
        raise PageTrouble(
            PageCode.DAMAGED, "{path} is another file than was released", path=folder / name
        )
    return data
