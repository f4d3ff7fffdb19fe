"""What strangers, or trouble that lasts, make the log say: one line now and then of each kind."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

EVERY = 60.0
"""Seconds in which one kind of noise is told once."""

KINDS = 64
"""Kinds of noise that are told apart."""


class Turns:
    """One line of each kind a minute, of the :data:`KINDS` that were told last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: OrderedDict[str, list[float]] = OrderedDict()

    def take(self, kind: str) -> int | None:
        """How many were held back since one was told; ``None`` where this one is held back too."""
        now = self._clock()
        last = self._told.setdefault(kind, [float("-inf"), 0])
        if now - last[0] < EVERY:
            last[1] += 1
            return None
        held_back, last[:] = int(last[1]), [now, 0]
        self._told.move_to_end(kind)
        if len(self._told) > KINDS:
            self._told.popitem(last=False)
        return held_back

    def say(self, logger: logging.Logger, level: int, kind: str, line: str) -> None:
        """Log ``line`` if it is its kind's turn, with the count of those held back."""
        held_back = self.take(kind)
        if held_back is not None:
            more = f" (and {held_back} more since)" if held_back else ""
            logger.log(level, "%s%s", line, more)


class Hushed(logging.Filter):
    """Lets one record of each kind through a minute, with the count of those held back.

    A request that is no HTTP is the sender's fault: it is told without a traceback. An error of our
    own keeps its traceback, once a minute for each place where it arises.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._turns = Turns(clock)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether ``record`` is told; what it says is made short first."""
        kind, foreign = _kind_of(record)
        held_back = self._turns.take(kind)
        if held_back is None:
            return False
        if foreign:
            record.exc_info, record.exc_text = None, None
            record.msg, record.args = "a request that is not HTTP: %s", (kind,)
        if held_back:
            record.msg = f"{record.msg} (and {held_back} more since)"
        return True


def _kind_of(record: logging.LogRecord) -> tuple[str, bool]:
    """What a record is about, and whether a stranger's bytes are to blame."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return str(record.msg), False
    name = type(error).__name__
    if type(error).__module__.startswith("aiohttp.http"):
        return name, True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (f"{name} at line {trace.tb_lineno}" if trace else name), False


def hush() -> None:
    """Keep strangers' noise out of the log of aiohttp's server."""
    logger = logging.getLogger("aiohttp.server")
    if not any(isinstance(hushed, Hushed) for hushed in logger.filters):
        logger.addFilter(Hushed())
