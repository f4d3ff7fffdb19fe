"""What ends a command that has processes of its own: each signal as one exception."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ending:
    """Raises ``KeyboardInterrupt`` at a signal; while it is held, once it is let go."""

    def __init__(self) -> None:
        self._held = False
        self._came = 0

    @property
    def exit_code(self) -> int:
        """The exit code of a command that the last signal ended."""
        return 128 + (self._came or signal.SIGINT)

    def hear(self, number: int, _: FrameType | None) -> None:
        """The handler of the signals."""
        self._came = number
        if not self._held:
            raise KeyboardInterrupt

    def hold(self) -> None:
        """Let no signal in until the command ends: what is stopped now is stopped to the end."""
        self._held = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no signal in meanwhile.

        Raises:
            KeyboardInterrupt: at the end, if one came.
        """
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._came:
            raise KeyboardInterrupt


@contextmanager
def ending() -> Iterator[Ending]:
    """Ctrl-C, SIGTERM and SIGHUP, each unless whoever started the command has it ignored."""
    heard = Ending()
    heeded = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, heard.hear) for each in heeded}
    try:
        yield heard
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
