"""The night of Puebla 2024, published for real from the official databases."""

from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.cuts.cutter import Cutter
from openprep.drill.nights.puebla_2024 import night_of_puebla
from openprep.drill.nights.shipped import shipped_election
from openprep.election.cut import CutKind
from openprep.election.declared.folder import load_election
from openprep.hosting import TreeDirectory
from openprep.pages.kit import Kit
from openprep.record.state import Version
from openprep.wire.cut.manifest import Manifest, decode, manifest_path
from openprep.wire.note import Signer
from page.bench.nation import Nation


class Puebla(Nation):
    """Cut 0 at zero, then one each hour that is asked for, and the closing one."""

    def __init__(self, folder: Path, page: Kit) -> None:
        shipped = shipped_election("puebla-2024")
        self.declared = load_election(shipped)
        self.tree = TreeDirectory(folder)
        self.page = page
        self.signer = Signer(
            f"{self.declared.id}/center", Ed25519PrivateKey.from_private_bytes(b"1" * 32)
        )
        self.cutter = Cutter(self.declared, self.tree, self.signer, page)
        self.cut = -1
        self.previous: str | None = None
        night = night_of_puebla(self.declared, shipped)
        self._arrivals = sorted(
            (arrival for station in night.values() for arrival in station),
            key=lambda arrival: arrival.at,
        )
        self._standing: dict[tuple[str, str | None], Version] = {}
        self._learnt = 0

    def relive(self, *hours: float) -> "Puebla":
        """The opening, a cut at each of ``hours`` after it, and the closing one."""
        opens = self.declared.window.opens
        self.make(CutKind.ZERO, opens)
        for hour in hours:
            self.make(CutKind.LIVE, opens + timedelta(hours=hour))
        self.make(CutKind.CLOSING, self.declared.window.closes)
        return self

    def compress(self) -> "Puebla":
        """Put compressed copies beside every cut's files, as a publisher does."""
        for cut in range(self.cut + 1):
            data = self.tree.read(manifest_path(cut))
            assert data is not None
            self.tree.compress_cut(decode(data, Manifest))
        return self
