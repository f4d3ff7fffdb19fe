"""A part of a house that takes long: its first call waits until it is let go on."""

import asyncio
from threading import Event
from typing import Any

import pytest


class Slow:
    """The first call of a method begins, and is done only after :meth:`go_on`; others are not."""

    def __init__(self, of: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._begun, self._go_on = Event(), Event()
        really = getattr(of, name)

        def slowly(*asked: Any) -> Any:
            if not self._begun.is_set():
                self._begun.set()
                self._go_on.wait(120)
            return really(*asked)

        monkeypatch.setattr(of, name, slowly)

    async def begun(self) -> None:
        """Wait until it was called."""
        assert await asyncio.to_thread(self._begun.wait, 60), "nobody called it"

    def go_on(self) -> None:
        """Let the first call be done."""
        self._go_on.set()
