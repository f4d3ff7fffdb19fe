"""Which night a demo's folder has: the folder says so before anything else is put there."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from openprep.coded import CodedError
from openprep.drill.codes import DrillCode
from openprep.durable import make_folder, write_durably
from openprep.election.declared.folder import folder_digest

MARK = "demo.json"
"""The file that says it."""

LEFT_BY_A_DEMO = (
    *("center", "clock.json", "drill", "keys"),
    *("logs", "mirror", "outboxes", "schedules"),
    *("district", "house", "people", "places"),
)
"""What is in a demo's folder beside it."""


class Asked(Struct, frozen=True):
    """A night: its election's folder, and how a nation is drawn where one is generated."""

    election: str
    digest: str
    seed: int | None = None
    scale: float | None = None
    shape: str | None = None
    images: float | None = None
    actas: int | None = None
    """Of a district that is captured: how many are asked for."""
    for_visitor: int | None = None
    """Of those, how many are left to whoever looks in."""

    def __str__(self) -> str:
        """As an operator reads it."""
        real = f"{self.election} (declared files {self.digest[:8]})"
        if self.seed is None:
            return real
        if self.actas is not None:
            left = f"{self.actas} actas, {self.for_visitor} for you"
            return f"{real}, a district that is captured, seed {self.seed}, {left}"
        drawn = f"seed {self.seed}, scale {self.scale:g}, {self.shape}, images of {self.images:g}"
        return f"{real}, {drawn}"


class AnotherDrill(CodedError[DrillCode]):
    """The demo's folder has another night, or one of which it does not say which it is."""

    def __init__(self, folder: Path, has: str) -> None:
        super().__init__(
            DrillCode.ANOTHER_DRILL,
            "{folder} has {has}: name another --data, or begin anew with --fresh",
            folder=folder,
            has=has,
        )


def real_night(election: Path) -> Asked:
    """The night of a shipped folder, as it was."""
    return Asked(election.resolve().name, folder_digest(election))


@contextmanager
def claimed(folder: Path, night: Asked) -> Iterator[None]:
    """The folder is this night's while it is prepared, and from then on.

    If it cannot be prepared, a folder that had none before has none again.

    Raises:
        AnotherDrill: the folder has another night; nothing was changed.
    """
    if _is_of(folder, night):
        yield
        return
    was_there = folder.is_dir()
    make_folder(folder)
    write_durably(folder / MARK, msgspec.json.encode(night))
    try:
        yield
    except (CodedError, OSError):
        with suppress(OSError):
            (folder / MARK).unlink()
            if not was_there:
                folder.rmdir()
        raise


def _is_of(folder: Path, night: Asked) -> bool:
    """Whether the folder has this night already; ``False`` if it has none."""
    try:
        there = msgspec.json.decode((folder / MARK).read_bytes(), type=Asked)
    except FileNotFoundError:
        if any((folder / name).exists() for name in LEFT_BY_A_DEMO):
            raise AnotherDrill(folder, f"a demo, and no {MARK} that says which") from None
        return False
    except msgspec.MsgspecError:
        raise AnotherDrill(folder, f"a {MARK} that does not say which demo it is") from None
    if there != night:
        raise AnotherDrill(folder, f"the night of {there}")
    return True
