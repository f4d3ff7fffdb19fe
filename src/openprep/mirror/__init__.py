"""A publisher: follow, verify, activate, serve."""

from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follower import Follower, Identity
from openprep.mirror.source import Source

__all__ = ["Follower", "Identity", "MirrorCode", "Refused", "Source"]
