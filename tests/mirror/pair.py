"""A centre's tree served over HTTP, and the mirror that follows it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp.test_utils import BaseTestServer

from openprep.mirror.follow.follower import Follower
from openprep.mirror.sources.source import Source
from small.center import SmallCenter


@dataclass
class Pair:
    center: SmallCenter
    server: BaseTestServer
    source: Source
    follower: Follower
    data: Path
    requests: list[str]

    def restarted(self, **options: Any) -> Follower:
        """The mirror's process started again on the same disk."""
        return Follower(self.source, self.data, self.center.identity, **options)
