"""A publisher: follow, verify, activate, serve."""

from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follower import Follower
from openprep.mirror.source import Source
from openprep.mirror.trusted import Identity

__all__ = ["Follower", "Identity", "MirrorCode", "Refused", "Source"]
