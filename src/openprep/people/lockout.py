"""Pauses after failed attempts, which keep out whoever guesses and nobody else. Pure.

No address is looked at: a whole centre stands behind one. What tells people from strangers is the
machine: one on which somebody of the place signed in before is *known*, by a secret in its cookie.

- On a known machine a person's own failures there make that person wait, and nobody else.
- From all other machines together the failures under a name make that name wait: who has the right
  password and sits at a known machine does not notice.
- Many failures at a place (or at one machine), whatever the names, make its next ones wait from the
  first failure on; who fails not at all is never kept waiting by it.

An attempt counts as failed from its beginning, so that a hundred at a time are not one.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

FREE = 5
"""Failures under a name before the first pause."""

ALARMING = 50
"""Failures at a place or a machine, whatever the names, after which none is free."""

LONGEST = 900.0
"""Seconds of the longest pause; they double from one."""

FORGOTTEN_AFTER = 3600.0
"""Seconds without a failure after which those before count no more."""

MOST_KEPT = 20_000
"""What is remembered at a time; beyond, what failed longest ago is forgotten."""

_Key: TypeAlias = tuple[str, str, str]
"""Of what kind, and of what, by one or two names."""


class Attempt(NamedTuple):
    """Under which name, where, and on which known machine (``""``: on none)."""

    name: str
    place: str
    machine: str = ""

    @property
    def of_name(self) -> _Key:
        """What counts failures under this name: on this machine, or on all that are not known."""
        return ("name", self.machine, self.name)

    @property
    def of_all(self) -> _Key:
        """What counts the failures of all names: of the machine, or of the place."""
        return ("machine", self.machine, "") if self.machine else ("place", self.place, "")


@dataclass(slots=True)
class _Failures:
    count: int
    last: float
    before: float
    """When the last one was but for the newest, which may be taken back."""


@dataclass(slots=True)
class Lockout:
    """Who waits, and for how long. ``now`` is of a clock that is never set back, in seconds."""

    by_key: OrderedDict[_Key, _Failures] = field(default_factory=OrderedDict)
    """What failed last stands last."""

    def pause(self, attempt: Attempt, now: float) -> float:
        """Seconds for which this attempt has to wait; 0 if it may be made now."""
        failures = self._of(attempt.of_name, now)
        if failures is None:
            return 0.0
        alarmed = self._of(attempt.of_all, now)
        free = 0 if alarmed is not None and alarmed.count >= ALARMING else FREE
        beyond = failures.count - free
        if beyond <= 0:
            return 0.0
        length = min(LONGEST, 2.0 ** min(beyond - 1, 30))
        return max(0.0, failures.last + length - now)

    def begin(self, attempt: Attempt, now: float) -> float:
        """As :meth:`pause`; where that is 0, count the attempt as failed until it is said else."""
        pause = self.pause(attempt, now)
        if pause == 0.0:
            for key in (attempt.of_name, attempt.of_all):
                self._add(key, now)
        return pause

    def succeeded(self, attempt: Attempt) -> None:
        """The attempt was right: what failed under this name is forgotten, here or elsewhere."""
        self.by_key.pop(attempt.of_name, None)
        self._take_back(attempt.of_all)

    def withdraw(self, attempt: Attempt) -> None:
        """The attempt was not made after all: nobody looked at its password."""
        self._take_back(attempt.of_name)
        self._take_back(attempt.of_all)

    def _of(self, key: _Key, now: float) -> _Failures | None:
        failures = self.by_key.get(key)
        if failures is not None and now - failures.last >= FORGOTTEN_AFTER:
            del self.by_key[key]
            return None
        return failures

    def _add(self, key: _Key, now: float) -> None:
        failures = self._of(key, now)
        if failures is None:
            self.by_key[key] = _Failures(1, now, now)
        else:
            self.by_key[key] = _Failures(failures.count + 1, now, failures.last)
        self.by_key.move_to_end(key)
        if len(self.by_key) > MOST_KEPT:
            self.by_key.popitem(last=False)

    def _take_back(self, key: _Key) -> None:
        failures = self.by_key.get(key)
        if failures is None:
            return
        failures.count -= 1
        failures.last = failures.before
        if failures.count <= 0:
            del self.by_key[key]
