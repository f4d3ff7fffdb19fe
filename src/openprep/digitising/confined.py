"""What a child gives up before it looks at a stranger's file. It cannot take it back."""

import resource

from openprep.digitising.frames import Bounds


def confine(bounds: Bounds) -> None:
    """Bound this process for good: memory, processor, and nothing more is opened or begun.

    No file, socket or pipe can be opened, since there is no number left for one; nothing can be
    written to a file; no process can be begun, but by root.

    Raises:
        OSError: the system does not let it.
    """
    for limit, most in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_DATA, bounds.memory),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.processor, bounds.processor + 1))
