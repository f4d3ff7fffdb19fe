"""What a mirror has seen, on its disk: remembered before it is acted upon."""

from pathlib import Path

import msgspec

from openprep.decoding import decoding
from openprep.durable import write_durably
from openprep.mirror.codes import MirrorCode, Refused, writing
from openprep.mirror.verify.trusted import Seen


def load_seen(path: Path) -> Seen:
    """What the mirror had seen when it last wrote it down; nothing on its first start.

    Raises:
        Refused: the file is damaged. It is never taken for a first start, or a rollback would pass.
    """
    try:
        with decoding():
            return msgspec.json.decode(path.read_bytes(), type=Seen)
    except FileNotFoundError:
        return Seen()
    except msgspec.MsgspecError as error:
        raise Refused(
            MirrorCode.TREE_DAMAGED,
            "{path} is damaged: restore it from a copy, or join the election anew",
            path=path,
        ) from error


def keep_seen(path: Path, seen: Seen) -> None:
    """Write it down, durably.

    Raises:
        Refused: DISK.
    """
    with writing():
        write_durably(path, msgspec.json.encode(seen))
