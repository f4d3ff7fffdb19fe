"""What a wheel of OpenPREP must hold: the built page, or no wheel is made.

A wheel without it installs, starts, and publishes nothing to read; and the machine that finds out
has neither the sources of the page nor the tools to build it.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/openprep/_site")
NEEDED = ("index.html", "release.json", "sw.js")


class PageIsBuilt(BuildHookInterface[Any]):
    """Refuses to build a wheel before `make site`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See that the page is there. An editable install (``version``) may come before it."""
        if self.target_name != "wheel" or version == "editable":
            return
        missing = [name for name in NEEDED if not (Path(self.root) / PAGE / name).is_file()]
        if missing:
            wanted = ", ".join(missing)
            raise RuntimeError(f"{PAGE} lacks {wanted}: run `make site` first; no wheel was made")
