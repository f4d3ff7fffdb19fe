"""The landing page that a publisher shows: of a known release, and with the figures of the cut."""

from collections.abc import Iterator
from hashlib import sha256

from openprep.coded import Text, said
from openprep.pages.releases import Releases
from openprep.reading.counted import Counted, CutSaid
from openprep.reading.figures import differences
from openprep.reading.markup import scripts_in
from openprep.reading.page import PageRead, read_page
from openprep.watch.codes import WatchCode
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import INDEX_PATH, Manifest
from openprep.wire.cut.ref import Ref
from openprep.wire.release import INDEX_SHELL, TEMPLATE_SUFFIX

Found = tuple[WatchCode, Text]


def shell_of(page: PageRead) -> str | None:
    """SHA-256 of the page's shell; ``None`` where it has none."""
    return None if page.taken is None else sha256(page.taken.shell.encode()).hexdigest()


def files_of_release(page: PageRead, releases: Releases) -> dict[str, Ref]:
    """What a tree that shows the page must have, by path, if its release is known."""
    shell = shell_of(page)
    for release in releases.known:
        if release.release.files[INDEX_SHELL].sha256 == shell:
            files = release.release.files.items()
            return {
                name: Ref(file.sha256, file.size)
                for name, file in files
                if name != INDEX_SHELL and not name.endswith(TEMPLATE_SUFFIX)
            }
    return {}


def faults_of_landing(
    data: bytes, manifest: Manifest, description: ElectionDescription, releases: Releases
) -> tuple[list[Found], dict[str, Ref]]:
    """What is wrong with a landing page; and the files of its release, to be compared, too."""
    page = read_page(data)
    faults = [*_of_form(page, data, releases), *_of_figures(page, manifest, description)]
    return faults, files_of_release(page, releases)


def _of_form(page: PageRead, data: bytes, releases: Releases) -> Iterator[Found]:
    for surplus in page.more:
        yield WatchCode.ALTERED, said("{path} has {surplus}", path=INDEX_PATH, surplus=surplus)
    shell = shell_of(page)
    if releases.known and (shell is None or not releases.has(INDEX_SHELL, shell)):
        scripts = " ".join(scripts_in(data.decode(errors="replace")))
        yield (
            WatchCode.ALTERED,
            said(
                "{path} is of no release known here ({names}); it has {scripts}",
                path=INDEX_PATH,
                names=", ".join(release.name for release in releases.known),
                scripts=scripts or said("no script"),
            ),
        )


def _of_figures(
    page: PageRead, manifest: Manifest, description: ElectionDescription
) -> Iterator[Found]:
    if page.more:
        return
    counted = [Counted.of_contest(contest) for contest in manifest.contests]
    cut = CutSaid.of(manifest, description, counted)
    for difference in differences(page.said, counted, cut, shows_all=True):
        yield (
            WatchCode.POINTER,
            said(
                "{path}, cut {cut}: {difference}",
                path=INDEX_PATH,
                cut=manifest.cut,
                difference=difference,
            ),
        )
