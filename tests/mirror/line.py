"""The line between a distribution service and its publishers, which may break."""

from functools import partial

from openprep.mirror.sources.center import CenterSource, Patience

QUICK = Patience(poll=0.2, answer=60.0, window=20.0, floor=64 * 1024, attempts=3, pause=0.0)


PACKAGE = "/distribution/package"


PIECE = 100
"""Bytes that the service of these tests sends at a time."""


class Line:
    """Between the service and its publishers: notes what is asked, and breaks when told to."""

    def __init__(self):
        self.asked = []
        self.break_after = []
        """Of the coming answers to package requests: after how many pieces each breaks off."""
        self._left = None

    async def wrap(self, request, handler):
        self.asked.append((request.path_qs, request.headers.get("Range")))
        if request.path == PACKAGE:
            self._left = self.break_after.pop(0) if self.break_after else None
        return await handler(request)

    async def prepare(self, request, response):
        """Stand between the service and what it writes of an answer."""
        if request.path == PACKAGE:
            response.write = partial(self._write, request, response.write)

    async def _write(self, request, write, piece):
        if self._left == 0:
            request.transport.close()
            raise ConnectionResetError
        self._left = None if self._left is None else self._left - 1
        await write(piece)

    @property
    def packages(self):
        return [(target, part) for target, part in self.asked if target.startswith(PACKAGE)]


def source_of(office, tmp_path, who="tec", **changes):
    values = {"clock": lambda: office.now[0], "patience": QUICK, **changes}
    base = values.pop("base", f"http://{office.authority}")
    keys = values.pop("keys", office.keys[who])
    return CenterSource(base, who, keys, tmp_path / f"staging-{who}", **values)
