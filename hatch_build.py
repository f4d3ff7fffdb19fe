"""What a wheel and a source archive of OpenPREP must hold: the built page, or neither is made.

A wheel without it installs, starts, and publishes nothing to read; and the machine that finds out
has neither the sources of the page nor the tools to build it. Nor has them, perhaps, who makes a
wheel of a source archive, as distributions do.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/openprep/_site")
NEEDED = ("index.html", "release.json", "sw.js")


class PageIsBuilt(BuildHookInterface[Any]):
    """Refuses to build anything that people install before `make site`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """See that the page is there. An editable install (``version``) may come before it."""
        if version == "editable":
            return
        missing = [name for name in NEEDED if not (Path(self.root) / PAGE / name).is_file()]
        if missing:
            wanted, kind = ", ".join(missing), self.target_name
            raise RuntimeError(f"{PAGE} lacks {wanted}: run `make site` first; no {kind} was made")
