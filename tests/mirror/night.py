"""The trees of a night as they stood at each cut, in memory, and a source that gives them."""

from collections.abc import Mapping
from pathlib import Path

from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.sources.source import POINTER_LIMIT, Offer, read_pointer
from openprep.mirror.verify.trusted import Identity, TrustedCut
from small.center import SmallCenter


def files_of(root: Path) -> dict[str, bytes]:
    """Every file that a tree gives to a mirror."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.suffix != ".gz" and path.relative_to(root).parts[0] != "heads"
    } | {"current.json": (root / "current.json").read_bytes()}


class Night:
    """The trees of cuts 0 to ``last`` as ``center`` makes them, in memory."""

    def __init__(self, center: SmallCenter, last: int = 3) -> None:
        self.center = center
        self.at = {}
        for cut in range(last + 1):
            self.center.next_cut()
            self.at[cut] = files_of(self.center.tree.root)

    @property
    def identity(self) -> Identity:
        return self.center.identity


class MemorySource:
    """A centre whose every answer the test may change; it keeps to the limits it is given."""

    base = "memory"

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.asked: list[str] = []

    async def offer(self, held: TrustedCut | None, *, again: bool = False) -> Offer:
        data = await self.get("current.json", POINTER_LIMIT)
        return Offer(read_pointer(data, "current.json"), self.get)

    async def get(self, path: str, limit: int) -> bytes:
        self.asked.append(path)
        if path not in self.files:
            raise Refused(MirrorCode.NOT_FOUND, path)
        if len(self.files[path]) > limit:
            raise Refused(MirrorCode.OVERSIZE, path)
        return self.files[path]


def public_files(root: Path) -> dict[str, bytes]:
    """Bytes of everything that readers find in each tree alike, by path.

    Packs, and where results stand in them, are each tree's own.
    """
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        and not {"heads", "packs"} & set(path.parts)
        and path.suffix not in (".gz", ".where")
    }
